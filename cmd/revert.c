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
	bool all, force, dry_run;
};

static const struct opt rows[] = {
	{ "all", 0, OPT_FLAG, offsetof(struct options, all), NULL,
	  "every open transaction, newest first", 0, 0, NULL },
	{ "force", 0, OPT_FLAG, offsetof(struct options, force), NULL,
	  "also overwrite what somebody else changed since", 0, 0, NULL },
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct options, dry_run), NULL,
	  "show what would be changed and change nothing", 0, 0, NULL },
};

static const struct column columns[] = {
	{ "transaction", "ID", COL_RIGHT },
	{ "target", "TARGET", 0 },
	{ "action", "ACTION", 0 },
};

static const char *action(struct ctx *c, const struct step *s, bool force)
{
	switch (txn_step_is(c->root, s, &c->err)) {
	case STEP_IS_AFTER:
		return s->before.data ? "put back" : "remove";
	case STEP_IS_BEFORE:
		return "is back already";
	case STEP_IS_OTHER:
		return force ? "put back over another's change"
			     : "leave: changed by another";
	case STEP_IS_UNREACHABLE:
		return "keeps its live value until the next boot";
	case STEP_IS_UNREADABLE:
		break;
	}
	return "cannot be read";
}

static void show_one(struct ctx *c, const struct txn_record *t, bool force,
		     struct node *list)
{
	size_t i;

	for (i = t->plan.n; i-- > 0;) {
		const struct step *s = &t->plan.v[i];
		CLEANUP_FREE char *what = step_describe(s);
		struct node *row = node_object(list, NULL);

		node_u64(row, "transaction", t->id);
		node_text(row, "target", what);
		node_text(row, "action", action(c, s, force));
	}
}

static bool is_due(const struct txn_record *t)
{
	return txn_is_open(t) || txn_is_unfinished(t);
}

/* What a revert of T, or of all, would do. Of a file that several wrote, each line tells
 * of it as it is now. */
static void show(struct ctx *c, const struct txn_log *log, const struct txn_record *t,
		 const struct options *o)
{
	struct node *list = node_list(report_root(c->report), "plan");
	size_t i;

	for (i = log->n; i-- > 0;)
		if (o->all ? is_due(&log->v[i]) : &log->v[i] == t)
			show_one(c, &log->v[i], o->force, list);
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
	int conflicts;
};

static int revert_one(struct ctx *c, const struct txn_record *t, bool force,
		      struct tally *n)
{
	struct txn_result res = { 0 };
	enum txn_outcome how = txn_revert(c->root, t, force, &res, &c->err);

	add_lines(n->lines, &res);
	if (how == TXN_DONE || how == TXN_CONFLICTS)
		node_u64(n->reverted, NULL, c->applied = t->id);
	if (how == TXN_CONFLICTS) {
		n->conflicts++;
		err_set(&c->err, 0,
			"transaction %u: %zu change%s of somebody else's left: see "
			"above, or run: "
			"uringprep revert %u --force",
			t->id, res.conflicts, res.conflicts > 1 ? "s" : "", t->id);
	}
	txn_result_clear(&res);
	return how == TXN_CONFLICTS ? EXIT_YES : cmd_outcome_code(how);
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
		code = revert_one(c, t, o->force, n);
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
	struct tally n = { NULL, NULL, 0 };
	uint64_t id = 0;
	bool more = true;
	int code = EXIT_YES;

	if (argc && str_to_u64(argv[0], 1, 999999, &id) < 0)
		return err_set(&c->err, EXIT_USAGE,
			       "revert %s: not the number of a transaction", argv[0]);
	if (argc && o->all)
		return err_set(&c->err, EXIT_USAGE, "revert %s: not together with --all",
			       argv[0]);
	n.reverted = node_list(root, "reverted");
	n.lines = node_list(root, "left");
	while (code == EXIT_YES && more)
		code = revert_next(c, (unsigned)id, o, &n, &more);
	if (c->have_report)
		return code;
	if (code == EXIT_YES || code == EXIT_NO) {
		report_field(c->report, "reverted", root, "reverted");
		report_lines(c->report, n.lines, "left: ");
		c->have_report = node_count(n.reverted) > 0 || o->all;
	}
	return code == EXIT_YES && n.conflicts ? EXIT_NO : code;
}

const struct command cmd_revert = {
	.name = "revert",
	.operands = "[ID]",
	.summary = "undo the newest transaction, or repair one that was cut off",
	.help = "Undo is three-way: what somebody else changed since is left as it is "
		"and named\n"
		"(exit 1), unless --force. An older transaction waits until the newer "
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
