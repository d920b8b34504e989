/* compare: where saved reports and recordings differ. */
#include "cmd.h"

#include "base/cleanup.h"
#include "file.h"
#include "job/compare.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_FILES = 4096,
	MAX_GROUPS = 32, /* described; the rest is counted */
	FILES_NAMED = 5,
};

struct options {
	bool all;
	uint64_t files;
};

static const struct opt rows[] = {
	{ "all", 0, OPT_FLAG, offsetof(struct options, all), NULL,
	  "evidence, counters and explanations, too", 0, 0, NULL },
	{ "files", 0, OPT_U64, offsetof(struct options, files), "N",
	  "name N files of each group (default 5)", 1, MAX_FILES, NULL },
};

static const struct column diff_columns[] = {
	{ "key", "DIFFERS", 0 },
	{ "a", "A", 0 },
	{ "b", "B", 0 },
};

/* Where a key is in one file alone. */
static const struct column lone_columns[] = {
	{ "key", "DIFFERS", 0 },
	{ "a", "A", 0 },
	{ "b", "B", 0 },
	{ "only_in", "ONLY IN", 0 },
};

static const struct column group_columns[] = {
	{ "count", "FILES", COL_RIGHT },
	{ "what", "WHAT", 0 },
	{ "named", "files", COL_DETAIL },
};

static void put_value(struct node *n, const char *key, const struct compare_value *v)
{
	int64_t number;

	switch (v->type) {
	case JSONTEXT_NULL:
		node_null(n, key);
		break;
	case JSONTEXT_FALSE:
	case JSONTEXT_TRUE:
		node_bool(n, key, v->type == JSONTEXT_TRUE);
		break;
	case JSONTEXT_NUMBER:
		if (str_to_i64(v->text, INT64_MIN, INT64_MAX, &number) == 0) {
			node_i64(n, key, number);
			break;
		}
		node_text(n, key, v->text);
		break;
	default:
		node_text(n, key, v->text);
	}
}

static const char *shown(const struct compare_value *v)
{
	return !v->text			   ? "not there"
	       : v->type == JSONTEXT_NULL  ? "unknown"
	       : v->type == JSONTEXT_TRUE  ? "yes"
	       : v->type == JSONTEXT_FALSE ? "no"
	       : *v->text		   ? v->text
					   : "empty";
}

/* An object in LIST, or under KEY. */
static struct node *put_diff(struct node *list, const char *key,
			     const struct compare_diff *d)
{
	struct node *row = node_object(list, key);

	node_text(row, "key", d->key);
	put_value(row, "a", &d->a);
	put_value(row, "b", &d->b);
	node_text(row, "only_in", !d->a.text ? "b" : !d->b.text ? "a" : NULL);
	return row;
}

/* The first of the differences that is a gate or not. */
static void put_first(struct ctx *c, const struct compare_diff *d, size_t n, bool gate)
{
	const char *key = gate ? "first_gate" : "first_fact";
	struct node *root = report_root(c->report), *row;
	size_t i;

	for (i = 0; i < n && (d[i].is_gate != gate || d[i].unknown); i++)
		;
	if (i == n) {
		node_null(root, key);
		return;
	}
	row = put_diff(root, key, &d[i]);
	node_textf(row, "text", "%s: %s in A, %s in B", d[i].key, shown(&d[i].a),
		   shown(&d[i].b));
	report_field(c->report, gate ? "first gate" : "first fact", row, "text");
}

/* The differences as a table. Where io_uring is denied, nothing is known of what it would
 * offer: two hundred lines that say no more than the gate does. */
static void show_differences(struct ctx *c, const struct compare_diff *d, size_t n,
			     bool all)
{
	struct node *root = report_root(c->report),
		    *list = node_list(root, "differences");
	size_t i, lone = 0, unknown = 0;

	for (i = 0; i < n; i++) {
		if (d[i].unknown && !all) {
			unknown++;
			continue;
		}
		put_diff(list, NULL, &d[i]);
		lone += !d[i].a.text || !d[i].b.text;
	}
	if (node_count(list))
		report_section(c->report, NULL);
	report_table(c->report, list, lone ? lone_columns : diff_columns,
		     lone ? ARRAY_SIZE(lone_columns) : ARRAY_SIZE(diff_columns),
		     n ? NULL : "Alike in all that was compared.", NULL, NULL);
	node_u64(root, "unknown", unknown);
	if (unknown)
		report_say(
			c->report, "unknown_text",
			"Not listed (--all does): %zu things io_uring may offer that are "
			"known of one alone.",
			unknown);
}

static int show_two(struct ctx *c, const struct compare *cmp, char **names, bool all)
{
	struct node *root = report_root(c->report);
	CLEANUP_FREE struct compare_diff *d = NULL;
	size_t n = 0;

	/* Groups of one size stand in the order of their files: A is group 0. */
	if (compare_groups(cmp) > 1 && compare_diff(cmp, 0, 1, &d, &n) < 0)
		return err_set(&c->err, -ENOMEM, "out of memory");
	node_text(root, "a", names[0]);
	node_text(root, "b", names[1]);
	report_field(c->report, "A", root, "a");
	report_field(c->report, "B", root, "b");
	report_section(c->report, NULL);
	put_first(c, d, n, true);
	put_first(c, d, n, false);
	show_differences(c, d, n, all);
	return 0;
}

/* "KEY=VALUE (norm: VALUE); ..." */
static void add_facts(struct node *row, const struct compare_diff *d, size_t n,
		      struct str *what)
{
	struct node *list = node_list(row, "facts");
	size_t i;

	for (i = 0; i < n; i++) {
		struct node *fact = node_object(list, NULL);

		node_text(fact, "key", d[i].key);
		put_value(fact, "value", &d[i].b);
		put_value(fact, "norm", &d[i].a);
		str_addf(what, "%s%s=%s (norm: %s)", what->len ? "; " : "", d[i].key,
			 shown(&d[i].b), shown(&d[i].a));
	}
}

static void add_files(struct node *row, const struct compare *cmp, size_t group,
		      size_t limit)
{
	CLEANUP(cleanup_str) struct str named = STR_INIT;
	struct node *list = node_list(row, "files");
	size_t n = compare_group_size(cmp, group), i;

	for (i = 0; i < n; i++) {
		node_text(list, NULL, compare_group_file(cmp, group, i));
		if (i < limit)
			str_addf(&named, "%s%s", i ? ", " : "",
				 compare_group_file(cmp, group, i));
	}
	if (n > limit)
		str_addf(&named, " and %zu more", n - limit);
	node_text(row, "named", str_text(&named));
}

static int show_group(struct ctx *c, const struct compare *cmp, struct node *list,
		      size_t group, size_t limit)
{
	CLEANUP_FREE struct compare_diff *d = NULL;
	CLEANUP(cleanup_str) struct str what = STR_INIT;
	struct node *row = node_object(list, NULL);
	size_t n = 0;

	if (group && compare_describe(cmp, group, MAX_GROUPS, &d, &n) < 0)
		return err_set(&c->err, -ENOMEM, "out of memory");
	node_u64(row, "count", compare_group_size(cmp, group));
	node_bool(row, "norm", group == 0);
	add_facts(row, d, n, &what);
	if (group)
		node_text(row, "what", str_text(&what));
	else
		node_text(row, "what",
			  compare_group_size(cmp, 0) > 1
				  ? "alike: the norm"
				  : "the norm, being the first: no two are alike");
	add_files(row, cmp, group, limit);
	return 0;
}

static int show_many(struct ctx *c, const struct compare *cmp, size_t limit)
{
	struct node *root = report_root(c->report), *list;
	size_t groups = compare_groups(cmp), i, left = 0;
	size_t shown_groups = groups < MAX_GROUPS ? groups : MAX_GROUPS;
	int err = 0;

	list = node_list(root, "groups");
	for (i = 0; i < shown_groups && !err; i++)
		err = show_group(c, cmp, list, i, limit);
	report_table(c->report, list, group_columns, ARRAY_SIZE(group_columns), NULL,
		     NULL, NULL);
	for (; i < groups; i++)
		left += compare_group_size(cmp, i);
	node_u64(root, "groups_left_out", groups - shown_groups);
	node_u64(root, "files_left_out", left);
	if (left)
		report_say(c->report, "left_out",
			   "%zu more files, of %zu other kinds, are not described.", left,
			   groups - shown_groups);
	return err;
}

/* What was compared with what, where that is not all of it. */
static void add_notes(struct ctx *c, const struct compare *cmp)
{
	struct node *root = report_root(c->report), *list;

	node_text(root, "kinds", compare_kinds(cmp));
	node_text(root, "written_by", compare_tools(cmp));
	list = node_list(root, "notes");
	if (!compare_is_mixed(cmp))
		return;
	node_textf(list, NULL,
		   "not all of one kind and version (%s; written by %s): only keys that "
		   "all of them have are compared",
		   compare_kinds(cmp), compare_tools(cmp));
	report_section(c->report, NULL);
	report_lines(c->report, list, "note: ");
}

static int take_in(struct ctx *c, struct compare *cmp, int n, char **names)
{
	int i, err = 0;

	for (i = 0; i < n && !err; i++) {
		CLEANUP_FREE char *text = NULL;

		err = file_read(names[i], &text, &c->err);
		if (!err)
			err = compare_add(cmp, names[i], text, strlen(text), &c->err);
	}
	return err ? err : compare_run(cmp, &c->err);
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct compare *cmp = NULL;
	int code = EXIT_FAILED, err;

	if (compare_new(&cmp, o->all) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	err = take_in(c, cmp, argc, argv);
	if (!err) {
		node_u64(report_root(c->report), "count", (uint64_t)argc);
		node_bool(report_root(c->report), "alike", compare_groups(cmp) == 1);
		err = argc == 2 ? show_two(c, cmp, argv, o->all)
				: show_many(c, cmp, o->files ? o->files : FILES_NAMED);
	}
	if (!err) {
		add_notes(c, cmp);
		c->have_report = true;
		code = compare_groups(cmp) == 1 ? EXIT_YES : EXIT_NO;
	}
	compare_free(cmp);
	return code;
}

const struct command cmd_compare = {
	.name = "compare",
	.operands = "FILE FILE...",
	.summary = "show where saved reports and recordings differ",
	.help = "Files are what check and probe print with --format json, and "
		"recordings.\n"
		"Two are compared key by key; more are grouped, the largest group being "
		"the norm.\n"
		"Exits 1 when they differ.\n\n"
		"  uringprep compare host.json container.json\n"
		"  uringprep compare fleet/*.json\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.min_args = 2,
	.max_args = MAX_FILES,
	.no_host = true,
	.run = run,
};
