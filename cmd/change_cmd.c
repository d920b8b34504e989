#include "change_cmd.h"
#include "predicted.h"
#include "services.h"

#include "base/cleanup.h"
#include "change/rows.h"
#include "change/txn.h"
#include "host/host.h"
#include "job/settle.h"
#include "os/root.h"
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct column plan_columns[] = {
	{ "step", "STEP", 0 },
	{ "target", "TARGET", 0 },
	{ "before", "NOW", 0 },
	{ "after", "THEN", 0 },
	{ "set_by", "set by", COL_DETAIL },
	{ "evidence", "evidence", COL_DETAIL },
	{ "opens", "opens", COL_DETAIL },
	{ "note", "note", COL_DETAIL },
};

static void put_row(struct node *list, const struct plan_row *r)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "step", r->step);
	node_text(row, "target", r->of->target);
	node_text(row, "before", r->before);
	node_text(row, "after", r->after);
	node_text(row, "set_by", r->of->set_by);
	node_text(row, "need", r->of->need);
	node_text(row, "evidence", r->of->evidence);
	node_text(row, "opens", r->of->opens);
	node_text(row, "note", r->of->note);
	if (r->of->type == STEP_FILE || r->of->type == STEP_BLOCK) {
		node_text(row, "text_before", r->text_before);
		node_text(row, "text", r->text);
	}
}

int cmd_show_plan(struct ctx *c, const struct plan *p)
{
	struct node *list = node_list(report_root(c->report), "plan");
	struct node *warnings = node_list(report_root(c->report), "warnings");
	CLEANUP(cleanup_plan_rows) struct plan_rows rows = { NULL, 0 };
	size_t i;

	if (plan_rows(p, &rows) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	for (i = 0; i < rows.n; i++)
		put_row(list, &rows.v[i]);
	for (i = 0; i < p->warnings.n; i++)
		node_text(warnings, NULL, p->warnings.v[i]);
	report_table(c->report, list, plan_columns, ARRAY_SIZE(plan_columns),
		     "Nothing to change.", NULL, NULL);
	report_lines(c->report, warnings, "note: ");
	cmd_show_forecasts(c, p);
	return 0;
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
	out_look(STDERR_FILENO, &look);
	answer = cmd_show_plan(c, p)
			 ? -ENOMEM
			 : report_render(c->report, "text", &look, &text, &c->err);
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

int cmd_accepted(struct strv *out, const struct opt_list *accept)
{
	size_t i;
	int err = 0;

	for (i = 0; i < accept->n && !err; i++)
		err = strv_add(out, accept->v[i].value);
	return err;
}

int cmd_plan_profiles(struct ctx *c, const struct strv *names,
		      const struct profile_ask *ask, struct plan *plan, unsigned *id)
{
	struct node *root = report_root(c->report), *list;
	size_t i;
	int err = job_plan_profile(c->host, c->root, names, ask, plan, id, &c->err);

	if (err < 0)
		return cmd_plan_failed(err);
	list = node_list(root, "profiles");
	for (i = 0; i < names->n; i++)
		node_text(list, NULL, names->v[i]);
	list = node_list(root, "accept");
	for (i = 0; i < ask->accept->n; i++)
		node_text(list, NULL, ask->accept->v[i]);
	node_bool(root, "only_useful", ask->only_useful);
	return 0;
}

static void add_option(struct str *out, const char *option, const char *value)
{
	str_addf(out, " %s", option);
	if (value) {
		str_addc(out, ' ');
		str_add_word(out, value);
	}
}

char *cmd_again(const struct ctx *c, const char *command, const struct strv *names,
		const struct profile_ask *ask)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	size_t i;

	str_add(&text, "uringprep");
	if (c->common.root)
		add_option(&text, "--root", c->common.root);
	if (c->common.offline)
		add_option(&text, "--offline", NULL);
	if (c->common.facts)
		add_option(&text, "--facts", c->common.facts);
	add_option(&text, command, NULL);
	for (i = 0; i < names->n; i++) {
		str_addc(&text, ' ');
		str_add_word(&text, names->v[i]);
	}
	for (i = 0; i < ask->accept->n; i++)
		add_option(&text, "--accept", ask->accept->v[i]);
	if (ask->only_useful)
		add_option(&text, "--only-useful", NULL);
	return str_take(&text);
}

/* Values that could not be set from here wait for a boot: limits do not. Null where a
 * recording alone is judged, or nothing was to be done and nothing live could be seen. */
static void put_reboot(struct ctx *c, const struct plan *p)
{
	bool files_alone = !root_is_live(c->root) && !root_is_none(c->root);
	struct node *root = report_root(c->report);
	bool waits = false;
	size_t i;

	for (i = 0; i < p->n; i++)
		waits |= files_alone && strcmp(p->v[i].target, HOST_OWN_SYSCTL) == 0;
	if (host_is_settable(c->host) || (files_alone && p->n))
		node_bool(root, "reboot_required", waits);
	else
		node_null(root, "reboot_required");
	if (!waits)
		return;
	report_section(c->report, NULL);
	report_field(c->report, "reboot required", root, "reboot_required");
}

/* The end of a run that changes nothing. */
static void put_nothing(struct ctx *c, const struct plan *p, const char *again)
{
	struct node *root = report_root(c->report);
	bool planned = p->n;

	node_null(root, "transaction");
	node_text(root, "state", planned ? "planned" : "nothing_to_do");
	node_null(root, "undo");
	if (!planned)
		return;
	cmd_show_services(c, p);
	report_section(c->report, NULL);
	report_say(c->report, "note", "Nothing was changed: this was a dry run.%s%s",
		   again ? " To apply: " : "", again ? again : "");
}

/* A recording of another kernel is no host to change. */
static bool is_recording(const struct ctx *c)
{
	return c->common.facts && (root_is_live(c->root) || root_is_none(c->root));
}

int cmd_apply_plan(struct ctx *c, const struct plan *p, unsigned id, bool dry_run,
		   const char *again)
{
	struct node *root = report_root(c->report);
	struct txn_result res = { 0 };
	enum txn_outcome how;
	int code;

	if (!dry_run && is_recording(c))
		return err_set(&c->err, EXIT_USAGE,
			       "--facts %s: a recording cannot be changed: add --dry-run",
			       c->common.facts);
	if (cmd_show_plan(c, p))
		return EXIT_FAILED;
	if (strcmp(p->kind, "profile") == 0)
		put_reboot(c, p);
	c->have_report = true;
	if (dry_run || !p->n) {
		put_nothing(c, p, is_recording(c) ? NULL : again);
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
		cmd_show_services(c, p);
	} else {
		c->have_report = false;
	}
	txn_result_clear(&res);
	return cmd_outcome_code(how);
}
