/* revert: take a transaction back. */
#include "change_cmd.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/step.h"
#include "change/txn.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>

struct options {
	bool all, force, keep, dry_run;
};

static const struct opt rows[] = {
	{ "all", 0, OPT_FLAG, offsetof(struct options, all), NULL,
	  "every open transaction, newest first", 0, 0, NULL },
	{ "force", 0, OPT_FLAG, offsetof(struct options, force), NULL,
	  "also overwrite what somebody else changed since", 0, 0, NULL },
	{ "keep", 0, OPT_FLAG, offsetof(struct options, keep), NULL,
	  "leave what somebody else changed, for good", 0, 0, NULL },
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct options, dry_run), NULL,
	  "show what would be changed and change nothing", 0, 0, NULL },
};

static const struct column columns[] = {
	{ "transaction", "ID", COL_RIGHT },
	{ "target", "TARGET", 0 },
	{ "action", "ACTION", 0 },
};

static const char *action(struct ctx *c, const struct step *s, const struct options *o)
{
	switch (txn_step_is(c->root, s, &c->err)) {
	case STEP_IS_AFTER:
		return s->before.data ? "put back" : "remove";
	case STEP_IS_BEFORE:
		return "is back already";
	case STEP_IS_OTHER:
		return o->force ? "put back over another's change"
				: "leave: changed by another";
	case STEP_IS_UNREACHABLE:
		return "keeps its live value until the next boot";
	case STEP_IS_UNREADABLE:
		break;
	}
	return "cannot be read";
}

/* What a later one wrote over is seen only when that has been undone. */
static void show_one(struct ctx *c, const struct txn_log *l, size_t at,
		     const struct options *o, struct node *list)
{
	const struct txn_record *t = &l->v[at];
	size_t i;

	for (i = t->plan.n; i-- > 0;) {
		const struct step *s = &t->plan.v[i];
		CLEANUP_FREE char *what = step_describe(s);
		struct node *row = node_object(list, NULL);

		node_u64(row, "transaction", t->id);
		node_text(row, "target", what);
		if (txn_is_covered(l, at, s))
			node_text(row, "action",
				  s->before.data ? "put back, after the above"
						 : "remove, after the above");
		else
			node_text(row, "action", action(c, s, o));
	}
}

static bool is_due(const struct txn_record *t)
{
	return t->state != TXN_REVERTED && t->state != TXN_ROLLED_BACK;
}

/* What a revert of T, or of all, would do. */
static void show(struct ctx *c, const struct txn_log *log, const struct txn_record *t,
		 const struct options *o)
{
	struct node *list = node_list(report_root(c->report), "plan");
	size_t i;

	for (i = log->n; i-- > 0;)
		if (o->all ? is_due(&log->v[i]) : &log->v[i] == t)
			show_one(c, log, i, o, list);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	report_section(c->report, NULL);
	report_say(c->report, "note", "Nothing was changed: this was a dry run.");
	c->err.msg[0] = '\0';
	c->have_report = true;
}

static void add_lines(struct node *lines, const struct txn_result *res)
{
	size_t i;

	for (i = 0; i < res->lines.n; i++)
		node_text(lines, NULL, res->lines.v[i]);
}

struct tally {
	struct node *reverted, *lines;
};

static int revert_one(struct ctx *c, const struct txn_record *t, const struct options *o,
		      struct tally *n)
{
	enum txn_others others = o->force  ? TXN_OVERWRITE
				 : o->keep ? TXN_KEEP
					   : TXN_LEAVE;
	CLEANUP_FREE char *command = txn_revert_command(c->root, t->id);
	struct txn_result res = { 0 };
	enum txn_outcome how = txn_revert(c->root, t, others, &res, &c->err);

	add_lines(n->lines, &res);
	if (how == TXN_DONE || how == TXN_CONFLICTS)
		c->applied = t->id;
	if (how == TXN_DONE)
		node_u64(n->reverted, NULL, t->id);
	if (how == TXN_CONFLICTS)
		err_set(&c->err, 0,
			"transaction %u: %zu change%s of somebody else's left: run: %s "
			"--force (overwrite) or --keep (leave for good)",
			t->id, res.conflicts, res.conflicts > 1 ? "s" : "",
			command ? command : "uringprep revert");
	txn_result_clear(&res);
	return cmd_outcome_code(how);
}

/* The log is read anew for each: it is what says what is open now. */
static int revert_next(struct ctx *c, unsigned id, const struct options *o,
		       struct tally *n, bool *more)
{
	const struct txn_record *t = NULL;
	struct txn_log log;
	size_t i;
	int code = EXIT_YES, err;

	*more = false;
	if (state_read(c->root, &log, &c->err) < 0)
		return EXIT_FAILED;
	if (o->all) {
		for (i = 0; i < log.n; i++)
			if (is_due(&log.v[i]))
				t = &log.v[i];
		*more = t;
	} else {
		err = txn_choose(&log, id, &t, &c->err);
		code = !err ? EXIT_YES : err == -ENOENT ? EXIT_USAGE : EXIT_NO;
	}
	if (code == EXIT_YES && t && o->dry_run) {
		show(c, &log, t, o);
		*more = false;
	} else if (code == EXIT_YES && t) {
		code = revert_one(c, t, o, n);
	} else if (code == EXIT_YES && !o->all) {
		report_say(c->report, "note", "Nothing to revert.");
		c->have_report = true;
	}
	state_clear(&log);
	return code;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct node *root = report_root(c->report);
	struct tally n;
	uint64_t id = 0;
	bool more = true;
	int code;

	if (argc && str_to_u64(argv[0], 1, 999999, &id) < 0)
		return err_set(&c->err, EXIT_USAGE,
			       "revert %s: not the number of a transaction", argv[0]);
	if (o->force && o->keep)
		return err_set(&c->err, EXIT_USAGE, "--keep: not together with --force");
	if (argc && o->all)
		return err_set(&c->err, EXIT_USAGE, "revert %s: not together with --all",
			       argv[0]);
	code = cmd_need_var(c);
	n.reverted = node_list(root, "reverted");
	n.lines = node_list(root, "left");
	while (code == EXIT_YES && more)
		code = revert_next(c, (unsigned)id, o, &n, &more);
	if (c->have_report)
		return code;
	if (node_count(n.reverted))
		report_field(c->report, "reverted", root, "reverted");
	else if (code == EXIT_YES)
		report_say(c->report, "note", "Nothing to revert.");
	report_lines(c->report, n.lines, "left: ");
	c->have_report =
		code == EXIT_YES || node_count(n.reverted) || node_count(n.lines);
	return code;
}

const struct command cmd_revert = {
	.name = "revert",
	.operands = "[ID]",
	.summary = "undo the newest transaction, or repair one that was cut off",
	.help = "Undo is three-way: what somebody else changed since is left as it is "
		"and named\n"
		"(exit 1); then --force overwrites it and --keep leaves it for good. An "
		"older transaction waits until the newer "
		"ones of its\n"
		"kind are undone.\n\n"
		"  uringprep revert\n"
		"  uringprep revert 3 --dry-run\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.max_args = 1,
	.run = run,
};
