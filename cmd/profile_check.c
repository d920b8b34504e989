/* profile check: every mistake of a profile, and what it will not do here. */
#include "profile.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "profile/check.h"

#include <stdlib.h>

enum { MAX_WORDS = 256 };

static const struct column columns[] = {
	{ "status", "STATUS", COL_STATUS },
	{ "id", "CHECK", 0 },
	{ "found", "FOUND", 0 },
};

struct tally {
	unsigned errors, warnings;
};

static struct node *add_row(struct node *list, const char *kind, const char *status,
			    const char *title, const char *file)
{
	struct node *row = node_object(list, NULL);

	node_textf(row, "id", "profile.%s", kind);
	node_text(row, "status", status);
	node_bool(row, "required", true);
	node_text(row, "title", title);
	node_text(row, "file", file);
	return row;
}

/* A file that the caller can open; NULL: the text is in the binary. */
static const char *outer_file(const struct profile *p, const struct problem *what)
{
	size_t i;

	for (i = 0; i < p->n_sources; i++)
		if (str_eq(p->sources[i].file, what->file))
			return p->sources[i].built_in ? NULL : what->file;
	return what->file;
}

static int put_problem(struct node *list, const struct profile *p,
		       const struct problem *what, struct tally *t)
{
	static const char *const status[] = { "FAIL", "WARN", "PASS" };
	CLEANUP_FREE char *where = problem_where(what);
	struct node *row;

	if (!where)
		return -1;
	t->errors += what->grade == PROBLEM_ERROR;
	t->warnings += what->grade == PROBLEM_WARNING;
	row = add_row(list, what->kind, status[what->grade], where, outer_file(p, what));
	if (what->line) {
		node_u64(row, "line", what->line);
		node_u64(row, "column", what->column);
	} else {
		node_null(row, "line");
		node_null(row, "column");
	}
	node_textf(row, "found", "%s: %s", where, what->text);
	return 0;
}

static void put_good(struct node *list, const char *word, bool is_file)
{
	struct node *row = add_row(list, "valid", "PASS", word, is_file ? word : NULL);

	node_null(row, "line");
	node_null(row, "column");
	node_textf(row, "found", "%s: no mistake", word);
}

static int check_word(struct ctx *c, struct node *list, const char *word, struct tally *t)
{
	CLEANUP(cleanup_profile) struct profile p = { .name = NULL };
	CLEANUP(cleanup_problems) struct problems found = { NULL, 0 };
	CLEANUP(cleanup_profile_word) struct profile_word w = { NULL };
	struct tally mine = { 0, 0 };
	int err = profile_word_read(&w, word, &c->err);
	size_t i;

	if (err < 0)
		return EXIT_FAILED;
	err = profile_word_load(&w, c->host, &p, &found, &c->err);
	if (err < 0)
		return profile_failed(err);
	if (profile_check(c->host, &p, &found) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	for (i = 0; i < found.n; i++)
		if (put_problem(list, &p, &found.v[i], &mine) < 0)
			return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (!mine.errors && !mine.warnings)
		put_good(list, word, w.is_file);
	t->errors += mine.errors;
	t->warnings += mine.warnings;
	return 0;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	struct node *root = report_root(c->report);
	struct node *list = node_list(root, "results");
	struct tally t = { 0, 0 };
	int i, code = 0;

	(void)opts;
	if (host_need(c->host, HOST_PROFILES | HOST_TUNABLES | HOST_KERNEL, &c->err) < 0)
		return EXIT_FAILED;
	for (i = 0; i < argc && !code; i++)
		code = check_word(c, list, argv[i], &t);
	if (code)
		return code;
	node_u64(root, "errors", t.errors);
	node_u64(root, "warnings", t.warnings);
	report_results(c->report, list);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	report_section(c->report, NULL);
	report_say(c->report, "verdict", "%s: %u error%s, %u warning%s",
		   t.errors ? "Not usable" : "Usable", t.errors, t.errors == 1 ? "" : "s",
		   t.warnings, t.warnings == 1 ? "" : "s");
	c->have_report = true;
	return t.errors ? EXIT_NO : EXIT_YES;
}

const struct command cmd_profile_check = {
	.name = "profile check",
	.operands = "FILE|NAME...",
	.summary = "find every mistake of profiles, and what they will not do here",
	.help = "A word with a slash in it, or .conf at its end, is a file; else it is "
		"a\n"
		"profile's name. A file is judged as if it were in "
		"/etc/uringprep/profiles.\n"
		"Exits 1 with errors, 0 with warnings only.\n\n"
		"  uringprep profile check ./web.conf\n"
		"  uringprep profile check profiles/*.conf --format github\n",
	.min_args = 1,
	.max_args = MAX_WORDS,
	.results = true,
	.run = run,
};
