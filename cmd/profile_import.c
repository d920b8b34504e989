#include "cmd.h"

#include "base/cleanup.h"
#include "file.h"
#include "host/host.h"
#include "profile/tuned.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct options {
	bool text;
};

static const struct opt rows[] = {
	{ "text", 0, OPT_FLAG, offsetof(struct options, text), NULL,
	  "print the profile that comes out, to be put into a file", 0, 0, NULL },
};

static const struct column columns[] = {
	{ "line", "LINE", COL_RIGHT }, { "section", "SECTION", 0 },
	{ "key", "KEY", 0 },	       { "value", "VALUE", 0 },
	{ "taken", "TAKEN", 0 },       { "why", "WHY NOT", 0 },
};

/* What was asked for is a file of the caller's: a path, or a file that is here. */
static bool is_file(const char *word)
{
	struct stat st;

	return strchr(word, '/') || (stat(word, &st) == 0 && S_ISREG(st.st_mode));
}

static int add_file(struct ctx *c, struct tuned_profile *p, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	int err = file_read(path, &text, &c->err);

	return err < 0 ? err : tuned_add_text(p, c->root, path, path, text, &c->err);
}

/* A wrong name is a wrong call: say which there are. */
static int add_name(struct ctx *c, struct tuned_profile *p, const char *name)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	CLEANUP_FREE char *list = NULL;
	int err = tuned_add(p, c->root, name, &c->err);

	if (err < 0 ? err != -ENOENT : p->n_files > 0)
		return err;
	if (tuned_names(c->root, &names) < 0 || !(list = strv_join(&names, ", ")))
		return err_set(&c->err, -ENOMEM, "out of memory");
	if (!names.n)
		return err_set(&c->err, -ENOENT,
			       "%s: no such tuned profile; there is none in /etc/tuned "
			       "and /usr/lib/tuned",
			       name);
	return err_set(&c->err, -ENOENT, "%s: no such tuned profile; there are %s", name,
		       list);
}

static void add_line(struct node *list, const struct tuned_option *o,
		     const struct tuned_row *row)
{
	struct node *n = node_object(list, NULL);

	node_u64(n, "line", o->line);
	node_u64(n, "column", o->column);
	node_text(n, "section", o->section);
	node_text(n, "key", o->key);
	node_text(n, "value", o->value);
	node_bool(n, "taken", row->taken);
	node_text(n, "why", row->why);
}

/* A section's head is told of only where nothing stands under it: tuned turns a plugin on
 * by that alone. */
static bool is_told(const struct tuned_profile *p, size_t i)
{
	return p->v[i].o.key || i + 1 == p->n || !p->v[i + 1].o.key ||
	       p->v[i + 1].file != p->v[i].file;
}

/* The lines of one file; how many. */
static size_t add_lines(struct report *r, struct node *files,
			const struct tuned_profile *p, const struct tuned_import *found,
			size_t file, bool show)
{
	struct node *n = node_object(files, NULL), *list;
	size_t i, lines = 0;

	node_text(n, "profile", p->files[file].name);
	node_text(n, "path", p->files[file].path);
	list = node_list(n, "lines");
	for (i = 0; i < p->n; i++) {
		if (p->v[i].file != file || !is_told(p, i))
			continue;
		add_line(list, &p->v[i].o, &found->v[i]);
		lines += p->v[i].o.key != NULL;
	}
	if (show) {
		report_section(r, p->files[file].path);
		report_table(r, list, columns, ARRAY_SIZE(columns), "No lines.", NULL,
			     NULL);
	}
	return lines;
}

static void add_text(struct report *r, const char *text, bool show)
{
	struct node *list = node_list(report_root(r), "text");
	const char *cur = text, *end = text + strlen(text), *line;
	size_t n;

	while ((line = str_line(&cur, end, &n)))
		node_textf(list, NULL, "%.*s", (int)n, line);
	if (show)
		report_lines(r, list, "");
}

static void show(struct ctx *c, const char *name, const struct tuned_profile *p,
		 const struct tuned_import *found, bool text)
{
	struct node *root = report_root(c->report), *unfollowed, *files;
	size_t i, lines = 0;

	node_text(root, "profile", name);
	unfollowed = node_list(root, "unfollowed");
	for (i = 0; i < p->n; i++)
		if (p->v[i].unfollowed)
			node_text(unfollowed, NULL, p->v[i].unfollowed);
	files = node_list(root, "files");
	for (i = 0; i < p->n_files; i++)
		lines += add_lines(c->report, files, p, found, i, !text);
	node_u64(root, "lines", lines);
	node_u64(root, "taken", found->n_taken);
	if (!text) {
		report_section(c->report, NULL);
		report_say(c->report, "result",
			   "tuned's %s: %zu of %zu lines are settings that can be taken "
			   "over%s",
			   name, found->n_taken, lines,
			   found->n_taken ? "; --text prints them as a profile" : "");
		report_lines(c->report, unfollowed, "not all is here: ");
	}
	add_text(c->report, found->text, text);
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	CLEANUP(cleanup_tuned) struct tuned_profile p = { 0 };
	CLEANUP(cleanup_tuned_import) struct tuned_import found = { 0 };
	const struct options *o = opts;
	int err;

	(void)argc;
	if (strcmp(argv[0], "tuned") != 0)
		return err_set(&c->err, EXIT_USAGE,
			       "%s: nothing to import from; there is: tuned", argv[0]);
	err = is_file(argv[1]) ? add_file(c, &p, argv[1]) : add_name(c, &p, argv[1]);
	if (err == -ENOENT && !is_file(argv[1]))
		return EXIT_USAGE;
	if (err < 0)
		return err;
	if (tuned_merge(&p) < 0)
		return err_set(&c->err, -ENOMEM, "out of memory");
	err = tuned_import(&found, c->host, &p, argv[1], &c->err);
	if (err < 0)
		return err;
	show(c, argv[1], &p, &found, o->text);
	c->have_report = true;
	return EXIT_YES;
}

const struct command cmd_profile_import = {
	.name = "profile import",
	.operands = "tuned NAME|FILE",
	.summary = "show what of a profile of tuned's can be taken over",
	.help = "Example: uringprep profile import tuned throughput-performance\n"
		"         uringprep profile import tuned throughput-performance --text "
		">/etc/uringprep/profiles/tp.conf\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
