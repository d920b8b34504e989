#include "out.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct out *add(struct outs *o, const char *format)
{
	struct out *one = &o->v[o->n++];

	*one = (struct out){ .format = format, .fd = -1 };
	return one;
}

int outs_pair(struct outs *o, const struct opt_list *words, struct err *e)
{
	const struct out *to_stdout = NULL;
	size_t i;

	for (i = 0; i < words->n; i++) {
		const char *value = words->v[i].value;
		struct out *last = o->n ? &o->v[o->n - 1] : NULL;

		if (strcmp(words->v[i].option, "format") == 0) {
			if (last && !last->format)
				last->format = value;
			else
				add(o, value);
		} else if (!last || !last->path) {
			(last ? last : add(o, NULL))->path = value;
		} else {
			return err_set(e, -EINVAL,
				       "--output %s: of which format? each --output "
				       "belongs to the --format before it",
				       value);
		}
	}
	if (!o->n)
		add(o, NULL);
	for (i = 0; i < o->n; i++) {
		if (!o->v[i].format)
			o->v[i].format = "text";
		if (o->v[i].path)
			continue;
		if (to_stdout)
			return err_set(e, -EINVAL,
				       "--format %s: --format %s goes to stdout already: "
				       "add an --output behind one of them",
				       o->v[i].format, to_stdout->format);
		to_stdout = &o->v[i];
	}
	return 0;
}

void outs_guess(struct outs *o, int argc, char **argv)
{
	const char *format = NULL;
	int i;

	for (i = 0; i < argc && !format && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--format") == 0 && i + 1 < argc)
			format = argv[++i];
		else if (str_has_prefix(argv[i], "--format="))
			format = argv[i] + strlen("--format=");
		if (format && !report_format_says_failures(format))
			format = NULL;
	}
	o->n = 0;
	add(o, format ? format : "text");
}

int outs_check(const struct outs *o, const char *command, bool results, bool silent,
	       struct err *e)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		const char *format = o->v[i].format;

		if (!report_has_format(format))
			return err_set(e, -EINVAL, "--format %s: unknown; there are %s",
				       format, report_formats());
		if (silent && (o->v[i].path || strcmp(format, "text") != 0))
			return err_set(e, -EINVAL,
				       "%s: prints nothing: no --format, no --output",
				       command);
		if (report_format_needs_results(format) && !results)
			return err_set(e, -EINVAL,
				       "--format %s: shows findings alone; %s has text, "
				       "json",
				       format, command);
	}
	return 0;
}

int outs_open(struct outs *o, const char *root, struct err *e)
{
	size_t i, k;

	for (i = 0; i < o->n; i++) {
		struct out *one = &o->v[i];

		if (!one->path)
			continue;
		one->fd = file_open(one->path, root, &one->made, e);
		if (one->fd < 0)
			return one->fd;
		for (k = 0; k < i; k++)
			if (o->v[k].fd >= 0 && file_is_same(o->v[k].fd, one->fd))
				return err_set(e, -EINVAL,
					       "--output %s: is the file of --output %s, "
					       "too",
					       one->path, o->v[k].path);
	}
	return 0;
}

void outs_close(struct outs *o)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		if (o->v[i].fd < 0)
			continue;
		if (o->v[i].made)
			file_unmake(o->v[i].fd, o->v[i].path);
		close(o->v[i].fd);
		o->v[i].fd = -1;
	}
}

/* Whose format is that of stdout, or the only one; NULL: all of several go to files. */
static const struct out *main_out(const struct outs *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (!o->v[i].path || o->n == 1)
			return &o->v[i];
	return NULL;
}

void outs_to_stdout(struct outs *o)
{
	const struct out *one = main_out(o);
	const char *format = one ? one->format : "text";

	outs_close(o);
	o->n = 0;
	add(o, format);
}

static int put(const struct out *o, const char *text, struct err *e)
{
	if (o->fd >= 0)
		return file_write(o->fd, o->path, text, e);
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		return err_set(e, -errno, "stdout: cannot write: %s", strerror(errno));
	return 0;
}

/* Files first: stdout is the answer, and it is not given before all is well. */
int outs_write(struct outs *o, struct report *r, bool failed, int code, struct err *e)
{
	char *texts[OUT_MAX] = { NULL };
	struct report_look look = { 0, false, code };
	int err = 0, pass;
	size_t i;

	for (i = 0; i < o->n && err >= 0; i++) {
		if (failed && !report_format_says_failures(o->v[i].format))
			continue;
		look = (struct report_look){ 0, false, code };
		if (!o->v[i].path)
			out_look(STDOUT_FILENO, &look);
		err = report_render(r, o->v[i].format, &look, &texts[i], e);
	}
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < o->n && err >= 0; i++) {
			if (!texts[i] || (o->v[i].path != NULL) != (pass == 0))
				continue;
			err = put(&o->v[i], texts[i], e);
			o->v[i].made = err < 0 ? o->v[i].made : false;
		}
	for (i = 0; i < o->n; i++)
		free(texts[i]);
	return err;
}

int outs_exit_code(const struct outs *o, const struct report *r, int code)
{
	const struct out *one = main_out(o);

	return one ? report_exit_code(r, one->format, code) : code;
}

void out_look(int fd, struct report_look *look)
{
	const char *columns = getenv("COLUMNS"), *term = getenv("TERM");
	const char *no_colour = getenv("NO_COLOR");
	struct winsize size = { 0 };
	uint64_t n = 80; /* a serial console says 0 */

	if (!isatty(fd))
		return;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		n = size.ws_col;
	else if (columns)
		str_to_u64(columns, 1, 10000, &n);
	look->width = n;
	look->colour =
		!(no_colour && *no_colour) && term && *term && strcmp(term, "dumb") != 0;
}
