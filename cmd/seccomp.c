#include "seccomp.h"

#include "base/cleanup.h"
#include "file.h"
#include "parse/ociseccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char not_seen[] =
	"What is submitted through a ring is no system call: its open, connect, sendmsg "
	"and "
	"the like pass this filter unseen; kernel 7.0's BPF filters for io_uring are the "
	"next level.";

static const struct column edit_columns[] = {
	{ "where", "EDITED", 0 },
	{ "action", "ACTION", 0 },
	{ "removed", "TAKEN OUT", 0 },
	{ "rule_removed", "RULE GONE", 0 },
};

static const struct column runtime_columns[] = {
	{ "name", "FOR", 0 },
	{ "line", "LINE", 0 },
	{ "note", "note", COL_DETAIL },
};

/* TEXT in double quotes, as YAML and JSON read it. */
static void add_quoted(struct str *s, const char *before, const char *text)
{
	str_addc(s, '"');
	str_add(s, before);
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20) {
			str_addf(s, "\\u%04x", (unsigned)*text);
			continue;
		}
		if (*text == '"' || *text == '\\')
			str_addc(s, '\\');
		str_addc(s, *text);
	}
	str_addc(s, '"');
}

/* LINE is emptied. */
static void add_runtime(struct node *list, const char *name, struct str *line,
			const char *note)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "name", name);
	node_text(row, "line", str_text(line));
	node_text(row, "note", note);
	str_clear(line);
}

/* How each runtime is told to use the profile at PATH. */
static void add_runtimes(struct node *list, const char *path)
{
	CLEANUP(cleanup_str) struct str line = STR_INIT, option = STR_INIT;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	str_addf(&option, "seccomp=%s", path);
	str_add(&line, "docker run --security-opt ");
	str_add_word(&line, str_text(&option));
	str_add(&line, " IMAGE");
	add_runtime(list, "docker", &line, NULL);
	str_add(&line, "podman run --security-opt ");
	str_add_word(&line, str_text(&option));
	str_add(&line, " IMAGE");
	add_runtime(list, "podman", &line, NULL);
	str_add(&line, "security_opt: [");
	add_quoted(&line, "seccomp=", path);
	str_add(&line, "]");
	add_runtime(list, "compose", &line, "in the service");

	str_clear(&option);
	str_addf(&option, "/var/lib/kubelet/seccomp/profiles/%s", name);
	str_add(&line, "install -D -m 644 ");
	str_add_word(&line, path);
	str_addc(&line, ' ');
	str_add_word(&line, str_text(&option));
	add_runtime(list, "kubernetes", &line,
		    "on each node; the folder is the kubelet's --root-dir and seccomp");
	str_add(&line, "securityContext: {seccompProfile: {type: Localhost, "
		       "localhostProfile: ");
	add_quoted(&line, "profiles/", name);
	str_add(&line, "}}");
	add_runtime(list, "kubernetes", &line, "in the pod or the container");

	str_add(&line,
		"SystemCallFilter=io_uring_setup io_uring_enter io_uring_register");
	add_runtime(list, "systemd", &line,
		    "reads no such file: this line, under [Service] in "
		    "/etc/systemd/system/UNIT.d/io_uring.conf, is for a unit that has a "
		    "SystemCallFilter= already; in one without, it would deny the rest");
}

static void add_names(struct node *n, const char *key, const struct strv *names)
{
	struct node *list = node_list(n, key);
	size_t i;

	for (i = 0; i < names->n; i++)
		node_text(list, NULL, names->v[i]);
}

static struct node *add_edits(struct node *n, const struct ociseccomp *o)
{
	struct node *list = node_list(n, "edited");
	size_t i;

	for (i = 0; i < o->n_edits; i++) {
		struct node *row = node_object(list, NULL);

		node_textf(row, "where", "syscalls[%zu]", o->edits[i].rule);
		node_text(row, "action", o->edits[i].action);
		add_names(row, "removed", &o->edits[i].removed);
		node_bool(row, "rule_removed", o->edits[i].whole);
	}
	return list;
}

/* What was done, as a sentence. */
static void say_result(struct node *n, const struct ociseccomp *o, bool written)
{
	const char *done = written ? "written" : "was there already, with the same text";

	if (!o->added.n && !o->n_edits)
		node_textf(n, "result",
			   "%s: the base lets all three calls through as it is", done);
	else if (!o->added.n)
		node_textf(n, "result", "%s: the rules that denied the calls are edited",
			   done);
	else
		node_textf(n, "result", "%s: a rule more, which allows %zu calls%s", done,
			   o->added.n,
			   o->n_edits ? "; rules that denied them are edited" : "");
}

static void show(struct ctx *c, const struct ociseccomp *o, const char *file,
		 const char *path, const char *base, bool written)
{
	struct node *n = node_object(report_root(c->report), "seccomp");
	struct report *r = c->report;
	struct node *edited, *runtimes;

	node_text(n, "file", file);
	node_text(n, "base", base);
	node_text(n, "default_action", o->default_action);
	node_bool(n, "written", written);
	node_bool(n, "already_allowed", !o->added.n && !o->n_edits);
	add_names(n, "added", &o->added);
	edited = add_edits(n, o);
	say_result(n, o, written);
	runtimes = node_list(n, "runtimes");
	add_runtimes(runtimes, path);
	node_text(n, "not_seen", not_seen);

	report_field(r, "profile", n, "file");
	report_field(r, "base", n, "base");
	report_field(r, "default", n, "default_action");
	report_field(r, "result", n, "result");
	if (o->added.n)
		report_field(r, "allowed", n, "added");
	if (o->n_edits) {
		report_section(r, NULL);
		report_table(r, edited, edit_columns, ARRAY_SIZE(edit_columns), NULL,
			     NULL, NULL);
	}
	report_section(r, NULL);
	report_table(r, runtimes, runtime_columns, ARRAY_SIZE(runtime_columns), NULL,
		     NULL, NULL);
	report_section(r, NULL);
	report_field(r, "not seen", n, "not_seen");
	c->have_report = true;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

int cmd_write_seccomp(struct ctx *c, const char *file, const char *base)
{
	CLEANUP(cleanup_ociseccomp) struct ociseccomp o = { .text = NULL };
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *path = NULL;
	int made;

	if (!*file)
		return err_set(&c->err, EXIT_USAGE, "--write-seccomp: is empty");
	if (is_same_file(file, base))
		return err_set(&c->err, EXIT_USAGE,
			       "--write-seccomp %s: is the base itself, which is kept: "
			       "give another name",
			       file);
	if (file_read(base, &text, &c->err) < 0)
		return err_wrap(&c->err, EXIT_FAILED, "--base");
	if (ociseccomp_allow(&o, base, text, strlen(text), &c->err) < 0)
		return err_wrap(&c->err, EXIT_FAILED, "--base");
	made = file_create(file, c->common.root, o.text, &c->err);
	if (made < 0)
		return err_wrap(&c->err,
				made == -EINVAL	  ? EXIT_USAGE
				: made == -EEXIST ? EXIT_NO
						  : EXIT_FAILED,
				"--write-seccomp");
	path = realpath(file, NULL);
	show(c, &o, file, path ? path : file, base, made > 0);
	return EXIT_YES;
}
