/* status: what of ours is active, and whether it is still so. */
#include "cmd.h"

#include "base/cleanup.h"
#include "change/step.h"
#include "change/txn.h"
#include "host/host.h"
#include "os/root.h"

#include <stdlib.h>
#include <string.h>

struct options {
	bool all;
};

static const struct opt rows[] = {
	{ "all", 0, OPT_FLAG, offsetof(struct options, all), NULL,
	  "show the whole history, not only what is open", 0, 0, NULL },
};

static const struct column txn_columns[] = {
	{ "id", "ID", COL_RIGHT }, { "kind", "KIND", 0 },	{ "title", "WHAT", 0 },
	{ "state", "STATE", 0 },   { "created", "CREATED", 0 },
};

static const struct column drift_columns[] = {
	{ "target", "DRIFT", 0 },
	{ "expected", "EXPECTED", 0 },
	{ "actual", "ACTUAL", 0 },
};

static const char *shown(const struct step *s, const struct blob *b)
{
	if (!b->data)
		return "absent";
	return s->type == STEP_FILE || s->type == STEP_BLOCK ? "as written" : b->data;
}

static void add_drift(struct ctx *c, struct node *list, const struct txn_record *t,
		      const struct step *s)
{
	struct err why = { "" };
	enum step_is is = txn_step_is(c->root, s, &why);
	CLEANUP_FREE char *what = NULL;
	struct node *row;

	if (is == STEP_IS_AFTER || is == STEP_IS_UNREACHABLE)
		return;
	what = step_describe(s);
	row = node_object(list, NULL);
	node_u64(row, "transaction", t->id);
	node_text(row, "target", what);
	node_text(row, "expected", shown(s, &s->after));
	if (is == STEP_IS_BEFORE)
		node_text(row, "actual",
			  s->before.data ? shown(s, &s->before) : "absent");
	else if (is == STEP_IS_OTHER && (s->type == STEP_FILE || s->type == STEP_BLOCK))
		node_text(row, "actual",
			  strcmp(why.msg, "(absent)") == 0 ? "absent" : "edited");
	else
		node_text(row, "actual", why.msg);
}

/* Is our file there, and no open transaction that wrote it? */
static bool is_orphan(const struct ctx *c, const struct txn_log *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (txn_is_open(&l->v[i]) && strcmp(l->v[i].kind, "profile") == 0)
			return false;
	return c->host->own_sysctl;
}

static int judge(struct ctx *c, const struct txn_log *l, size_t drifted)
{
	const struct txn_record *first = txn_first(l);

	if (txn_is_at_work(c->root, l))
		return err_set(
			&c->err, EXIT_NO,
			"transaction %u (%s): another run is at work on it: wait for it",
			first->id, first->plan.title);
	if (txn_refuse(c->root, l, &c->err) < 0)
		return EXIT_NO;
	if (drifted)
		return err_set(&c->err, EXIT_NO,
			       "%zu value%s changed since: apply, or boot default, sets "
			       "them again; revert gives them up",
			       drifted, drifted > 1 ? "s" : "");
	if (is_orphan(c, l))
		return err_set(
			&c->err, EXIT_NO,
			HOST_OWN_SYSCTL
			": is ours, but the journal does not know it: is /var mounted?");
	return EXIT_YES;
}

static size_t fill(struct ctx *c, const struct txn_log *l, bool all)
{
	struct node *root = report_root(c->report), *txns, *drift, *row;
	const char *profile = NULL;
	size_t i, k, open = 0, before;

	for (i = 0; i < l->n; i++)
		if (txn_is_open(&l->v[i]) && strcmp(l->v[i].kind, "profile") == 0)
			profile = l->v[i].plan.subject;
	node_text(root, "profile", profile);
	txns = node_list(root, "transactions");
	drift = node_list(root, "drift");
	for (i = l->n; i-- > 0;) {
		const struct txn_record *t = &l->v[i];

		if (!all && (t->state == TXN_REVERTED || t->state == TXN_ROLLED_BACK))
			continue;
		open++;
		row = node_object(txns, NULL);
		node_u64(row, "id", t->id);
		node_text(row, "kind", t->kind);
		node_text(row, "title", t->plan.title);
		node_text(row, "state", txn_state_name(t->state));
		node_text(row, "created", t->created);
		node_bool(row, "live", t->live);
	}
	before = node_count(drift);
	for (i = l->n; i-- > 0;)
		for (k = 0; txn_is_open(&l->v[i]) && k < l->v[i].plan.n; k++)
			if (!txn_is_covered(l, i, &l->v[i].plan.v[k]))
				add_drift(c, drift, &l->v[i], &l->v[i].plan.v[k]);
	report_table(c->report, txns, txn_columns, ARRAY_SIZE(txn_columns),
		     "No transaction is open.", NULL, NULL);
	if (node_count(drift) > before) {
		report_section(c->report, NULL);
		report_table(c->report, drift, drift_columns, ARRAY_SIZE(drift_columns),
			     NULL, NULL, NULL);
	}
	return node_count(drift);
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct txn_log log;
	int code;

	(void)argc;
	(void)argv;
	if (host_need(c->host, HOST_SYSCTL, &c->err) < 0 ||
	    state_read(c->root, &log, &c->err) < 0)
		return EXIT_FAILED;
	code = judge(c, &log, fill(c, &log, o->all));
	state_clear(&log);
	c->have_report = true;
	return code;
}

const struct command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "show open transactions, drift and unfinished work",
	.help = "Exits 1 when a value drifted or a transaction was cut off half-way.\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.run = run,
};
