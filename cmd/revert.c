/* revert: take a transaction back. */
#include "change_cmd.h"
#include "services.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/print.h"
#include "change/step.h"
#include "change/txn.h"
#include "change/undo.h"
#include "host/host.h"
#include "job/drift.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct options {
	bool all, force, keep, dry_run, print;
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
	{ "print", 0, OPT_FLAG, offsetof(struct options, print), NULL,
	  "print lines for a shell that do the same, and change nothing", 0, 0, NULL },
};

static const struct column columns[] = {
	{ "transaction", "ID", COL_RIGHT },
	{ "target", "TARGET", 0 },
	{ "action", "ACTION", 0 },
};

static const char *action(const struct undo_step *u)
{
	switch (u->what) {
	case UNDO_BACK:
		return u->step->before.data ? "put back" : "remove";
	case UNDO_IS_BACK:
		return "is back already";
	case UNDO_OVER:
		return "put back over another's change";
	case UNDO_LEFT:
		return "leave: changed by another";
	case UNDO_UNREACHABLE:
		return "keeps its live value until the next boot";
	case UNDO_NOT_REACHED:
		return "not yet: a newer one is left in conflict";
	case UNDO_UNREADABLE:
		break;
	}
	return "cannot be read";
}

static bool is_due(const struct txn_record *t)
{
	return t->state != TXN_REVERTED && t->state != TXN_ROLLED_BACK;
}

static void show(struct ctx *c, const struct undo *u)
{
	struct node *list = node_list(report_root(c->report), "plan");
	size_t i;

	for (i = 0; i < u->n; i++) {
		CLEANUP_FREE char *what = step_describe(u->v[i].step);
		struct node *row = node_object(list, NULL);

		node_u64(row, "transaction", u->v[i].txn->id);
		node_text(row, "target", what);
		node_text(row, "action", action(&u->v[i]));
		node_text(row, "why", u->v[i].why);
	}
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	report_section(c->report, NULL);
	report_say(c->report, "note", "Nothing was changed: this was a dry run.");
	c->have_report = true;
}

/* What the lines for a shell do not do: units read their files when told to. */
static int add_units(const struct ctx *c, const struct undo *u, struct node *list)
{
	CLEANUP(cleanup_strv) struct strv said = { NULL, 0 };
	size_t i, k;
	int err = 0;

	for (i = 0; i < u->n && !err; i++) {
		CLEANUP(cleanup_strv) struct strv lines = { NULL, 0 };

		if (i && u->v[i].txn == u->v[i - 1].txn)
			continue;
		err = cmd_services_left(c, &u->v[i].txn->plan, &lines);
		for (k = 0; k < lines.n && !err; k++) {
			if (strv_has(&said, lines.v[k]))
				continue;
			node_textf(list, NULL, "# %s", lines.v[k]);
			err = strv_add(&said, lines.v[k]);
		}
	}
	return err;
}

/* The lines alone: nothing else on stdout, for it is to be pasted. */
static int print(struct ctx *c, const struct undo *u)
{
	struct node *list = node_list(report_root(c->report), "commands");
	CLEANUP(cleanup_strv) struct strv lines = { NULL, 0 };
	size_t i, left = 0;

	if (print_undo(c->root, u, &lines, &c->err) < 0)
		return EXIT_FAILED;
	for (i = 0; i < lines.n; i++)
		node_text(list, NULL, lines.v[i]);
	if (add_units(c, u, list) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	for (i = 0; i < u->n; i++)
		left += u->v[i].what == UNDO_LEFT;
	report_paste(c->report, list);
	c->have_report = true;
	if (!left)
		return EXIT_YES;
	return err_set(
		&c->err, EXIT_NO,
		"%zu change%s of somebody else's %s left out: --force prints lines "
		"for %s too",
		left, left > 1 ? "s" : "", left > 1 ? "are" : "is",
		left > 1 ? "them" : "it");
}

static enum txn_others others_of(const struct options *o)
{
	return o->force ? TXN_OVERWRITE : o->keep ? TXN_KEEP : TXN_LEAVE;
}

/* What a revert of T, or of all, would do: shown, or as lines for a shell. */
static int foresee(struct ctx *c, const struct txn_log *log, const struct txn_record *t,
		   const struct options *o)
{
	struct undo u;
	int code = EXIT_YES;

	if (undo_foresee(c->root, log, o->all ? NULL : t, others_of(o), &u) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (o->print)
		code = print(c, &u);
	else
		show(c, &u);
	undo_clear(&u);
	return code;
}

static void add_lines(struct node *lines, const struct txn_result *res)
{
	size_t i;

	for (i = 0; i < res->lines.n; i++)
		node_text(lines, NULL, res->lines.v[i]);
}

/* Files alone were changed, and a boot may have read them since. Facts are read anew. */
static void add_still_live(struct ctx *c, const struct txn_record *t, struct strv *lines)
{
	struct host *now = NULL;

	if (t->live || !root_is_live(c->root) || strcmp(t->kind, "profile") != 0)
		return;
	if (host_new(&now, c->root, NULL) < 0 ||
	    host_need(now, HOST_TUNABLES, NULL) < 0 || job_still_live(now, t, lines) < 0)
		strv_add(lines, "live values that a boot took from our file stay until "
				"the next boot");
	host_free(now);
}

struct tally {
	struct node *reverted, *lines;
};

static int revert_one(struct ctx *c, const struct txn_record *t, const struct options *o,
		      struct tally *n)
{
	CLEANUP_FREE char *command = txn_revert_command(c->root, t->id);
	struct txn_result res = { 0 };
	enum txn_outcome how = txn_revert(c->root, t, others_of(o), &res, &c->err);

	if (how == TXN_DONE && cmd_services_left(c, &t->plan, &res.lines) < 0)
		err_set(&c->err, 0, "out of memory");
	if (how == TXN_DONE || how == TXN_CONFLICTS) {
		c->applied = t->id;
		add_still_live(c, t, &res.lines);
	}
	add_lines(n->lines, &res);
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

static void say_nothing(struct ctx *c, const struct options *o)
{
	report_say(c->report, "note", "%sNothing to revert.", o->print ? "# " : "");
	c->have_report = true;
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
	if (code == EXIT_YES && t && (o->dry_run || o->print)) {
		code = foresee(c, &log, t, o);
		*more = false;
	} else if (code == EXIT_YES && t) {
		code = revert_one(c, t, o, n);
	} else if (code == EXIT_YES && !o->all) {
		say_nothing(c, o);
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
	if (o->print && o->dry_run)
		return err_set(
			&c->err, EXIT_USAGE,
			"--print: not together with --dry-run: it changes nothing");
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
		say_nothing(c, o);
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
		"  uringprep revert 3 --dry-run\n"
		"  uringprep revert --all --print >undo.sh\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.max_args = 1,
	.run = run,
};
