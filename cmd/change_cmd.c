#include "change_cmd.h"

#include "base/cleanup.h"
#include "change/txn.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct column plan_columns[] = {
	{ "step", "STEP", 0 },
	{ "target", "TARGET", 0 },
	{ "before", "NOW", 0 },
	{ "after", "THEN", 0 },
	{ "note", "lines", COL_DETAIL },
	{ "set_by", "set by", COL_DETAIL },
	{ "evidence", "evidence", COL_DETAIL },
};

/* A value as it is; of a file only what becomes of it, for the bytes go elsewhere. */
static void put_value(struct node *n, const char *key, const struct step *s,
		      const struct blob *b, const struct blob *other)
{
	if (s->type == STEP_SYSCTL || s->type == STEP_GRUBENV || !b->data)
		node_text(n, key, b->data);
	else
		node_textf(n, key, "%zu bytes%s", b->len,
			   key[0] == 'a' && other->data ? ", changed" : "");
}

void cmd_show_plan(struct ctx *c, const struct plan *p)
{
	struct node *list = node_list(report_root(c->report), "plan");
	struct node *warnings = node_list(report_root(c->report), "warnings");
	struct node *row;
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct step *s = &p->v[i];

		row = node_object(list, NULL);
		node_text(row, "step", step_type_name(s->type));
		node_text(row, "target", s->target);
		put_value(row, "before", s, &s->before, &s->after);
		put_value(row, "after", s, &s->after, &s->before);
		node_text(row, "set_by", s->set_by);
		node_text(row, "evidence", s->evidence);
		node_text(row, "note", s->note);
		if (s->type == STEP_FILE || s->type == STEP_BLOCK)
			node_text(row, "text", s->after.data);
	}
	for (i = 0; i < p->warnings.n; i++)
		node_text(warnings, NULL, p->warnings.v[i]);
	report_table(c->report, list, plan_columns, ARRAY_SIZE(plan_columns),
		     "Nothing to change.", NULL, NULL);
	report_lines(c->report, warnings, "note: ");
}

int cmd_need_var(struct ctx *c)
{
	if (host_need(c->host, HOST_STATE, &c->err) < 0)
		return EXIT_FAILED;
	return c->host->state.var_unmounted
		       ? err_set(&c->err, EXIT_NO,
				 "/etc/fstab has a /var that is not mounted: the journal "
				 "belongs there: mount it first")
		       : EXIT_YES;
}

int cmd_operands(struct strv *out, int argc, char **argv)
{
	int i, err = 0;

	for (i = 0; i < argc && !err; i++)
		err = strv_add(out, argv[i]);
	return err;
}

int cmd_outcome_code(int outcome)
{
	switch ((enum txn_outcome)outcome) {
	case TXN_DONE:
		return EXIT_YES;
	case TXN_REFUSED:
	case TXN_CONFLICTS:
		return EXIT_NO;
	case TXN_UNCHANGED:
		return EXIT_FAILED;
	case TXN_CHANGED:
		return EXIT_CHANGED;
	}
	return EXIT_FAILED;
}

int cmd_plan_failed(int err)
{
	switch (err) {
	case -ENOENT:
	case -EINVAL:
	case -ENOTUNIQ:
		return EXIT_USAGE;
	case -ENOTSUP:
	case -EEXIST:
	case -EPERM:
	case -EBUSY:
		return EXIT_NO;
	default:
		return EXIT_FAILED;
	}
}

int cmd_ask(struct ctx *c, const struct plan *p, const char *what)
{
	CLEANUP_FREE char *question = NULL;
	struct report *shown = c->report;
	CLEANUP_FREE char *text = NULL;
	struct report_look look = { 0, false, 0 };
	int answer;

	/* The same rows as the report's, but now and on stderr. */
	if (report_new(&c->report, "plan") < 0) {
		c->report = shown;
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	}
	cmd_show_plan(c, p);
	out_look(STDERR_FILENO, &look);
	answer = report_render(c->report, "text", &look, &text, &c->err);
	report_free(c->report);
	c->report = shown;
	question = answer < 0 ? NULL : str_format("%s\nApply %s?", text, what);
	if (!question)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	answer = c->ui.confirm(c->ui.data, question);
	if (answer == -ENOTTY)
		return err_set(
			&c->err, EXIT_USAGE,
			"no terminal to ask on: add --yes, or --dry-run to see the plan");
	return answer ? 0 : err_set(&c->err, EXIT_NO, "not applied: you said no");
}

int cmd_next_id(struct ctx *c, unsigned *id)
{
	struct txn_log log;
	int err = state_read(c->root, &log, &c->err);

	if (err < 0)
		return err;
	*id = state_next_id(&log);
	state_clear(&log);
	return 0;
}

static void put_undo(struct ctx *c, unsigned id)
{
	CLEANUP_FREE char *command = txn_revert_command(c->root, id);

	node_text(report_root(c->report), "undo", command);
}

int cmd_apply_plan(struct ctx *c, const struct plan *p, unsigned id, bool dry_run)
{
	struct node *root = report_root(c->report);
	struct txn_result res = { 0 };
	enum txn_outcome how;
	int code;

	if (!dry_run && c->common.facts && root_is_live(c->root))
		return err_set(&c->err, EXIT_USAGE,
			       "--facts %s: a recording cannot be changed: add --dry-run",
			       c->common.facts);
	cmd_show_plan(c, p);
	c->have_report = true;
	if (dry_run || !p->n) {
		node_null(root, "transaction");
		node_text(root, "state", dry_run && p->n ? "planned" : "nothing_to_do");
		node_null(root, "undo");
		if (dry_run && p->n) {
			report_section(c->report, NULL);
			report_say(c->report, "note",
				   "Nothing was changed: this was a dry run.");
		}
		return EXIT_YES;
	}
	code = cmd_need_var(c);
	if (code != EXIT_YES) {
		c->have_report = false;
		return code;
	}
	how = txn_apply(c->root, p, id, &res, &c->err);
	if (how == TXN_DONE) {
		c->applied = id;
		node_u64(root, "transaction", id);
		node_text(root, "state", "applied");
		put_undo(c, id);
		report_section(c->report, NULL);
		report_field(c->report, "transaction", root, "transaction");
		report_field(c->report, "undo", root, "undo");
	} else {
		c->have_report = false;
	}
	txn_result_clear(&res);
	return cmd_outcome_code(how);
}
