/* status: what of ours is active, and whether it is still so. */
#include "cmd.h"
#include "predicted.h"
#include "proofs.h"

#include "base/cleanup.h"
#include "change/txn.h"
#include "host/host.h"
#include "job/drift.h"
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
	{ "id", "ID", COL_RIGHT },   { "kind", "KIND", 0 },
	{ "title", "WHAT", 0 },	     { "state", "STATE", 0 },
	{ "created", "CREATED", 0 }, { "why", "why", COL_DETAIL },
};

static const struct column history_columns[] = {
	{ "id", "ID", COL_RIGHT },    { "kind", "KIND", 0 },
	{ "title", "WHAT", 0 },	      { "state", "STATE", 0 },
	{ "created", "CREATED", 0 },  { "ended", "ENDED", 0 },
	{ "why", "why", COL_DETAIL },
};

static const struct column drift_columns[] = {
	{ "target", "DRIFT", 0 },
	{ "want", "EXPECTED", 0 },
	{ "found", "ACTUAL", 0 },
	{ "why", "why", COL_DETAIL },
	{ "evidence", "differs", COL_DETAIL },
	{ "fix", "mend", COL_DETAIL },
};

static bool is_profile(const struct txn_record *t)
{
	return strcmp(t->kind, "profile") == 0;
}

/* The newest open one of a profile; NULL: none is active. */
static const struct txn_record *active(const struct txn_log *l)
{
	size_t i;

	for (i = l->n; i-- > 0;)
		if (txn_is_open(&l->v[i]) && is_profile(&l->v[i]))
			return &l->v[i];
	return NULL;
}

static size_t count_open(const struct txn_log *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += txn_is_open(&l->v[i]);
	return n;
}

/* What comes before all else; the exit code. */
static int find_problem(struct ctx *c, const struct txn_log *l, struct err *e)
{
	const struct txn_record *first = txn_first(l);

	if (txn_is_at_work(c->root, l))
		return err_set(
			e, EXIT_NO,
			"transaction %u (%s): another run is at work on it: wait for it",
			first->id, first->plan.title);
	if (txn_refuse(c->root, l, e) < 0)
		return EXIT_NO;
	if (c->host->own_sysctl && !active(l) && !state_left_by(l, c->host->own_sysctl))
		return err_set(
			e, EXIT_NO,
			HOST_OWN_SYSCTL
			": is ours, but the journal does not know it: is /var mounted?");
	return EXIT_YES;
}

struct rows {
	struct node *bad, *good; /* what is as it should be, and what is not */
	size_t drifted, unknown, all;
};

static void add_journal(struct rows *r, int code, const struct err *problem)
{
	struct node *row = result_add(r->good, "journal", code ? "FAIL" : "PASS", code);

	node_text(row, "title", "the journal has no unfinished work");
	node_text(row, "found", code ? problem->msg : "nothing is unfinished");
}

static void add_drift(struct rows *r, const struct drift *d)
{
	static const char *const statuses[] = {
		[DRIFT_NONE] = "PASS",	 [DRIFT_CHANGED] = "FAIL",
		[DRIFT_GONE] = "FAIL",	 [DRIFT_UNKNOWN] = "UNKNOWN",
		[DRIFT_UNSEEN] = "SKIP",
	};
	bool fine = d->is == DRIFT_NONE || d->is == DRIFT_UNSEEN;
	struct node *row =
		result_add(fine ? r->good : r->bad, d->id, statuses[d->is], !fine);

	r->all++;
	r->drifted += d->is == DRIFT_CHANGED || d->is == DRIFT_GONE;
	r->unknown += d->is == DRIFT_UNKNOWN;
	node_u64(row, "transaction", d->txn->id);
	node_text(row, "target", d->target);
	node_text(row, "title", d->title);
	node_text(row, "found", d->found);
	node_text(row, "want", d->want);
	node_textf(row, "want_by", "transaction %u (%s)", d->txn->id, d->txn->plan.title);
	node_text(row, "why", d->set_by);
	node_text(row, "fix", d->fix);
	node_text(row, "evidence", d->difference);
}

/* The one sentence that is read first. */
static char *verdict(const char *own, const struct txn_log *l, const struct rows *r)
{
	const struct txn_record *t = active(l), *left;
	CLEANUP(cleanup_str) struct str s = STR_INIT;
	size_t open = count_open(l);

	if (!open && own && (left = state_left_by(l, own)))
		return str_format("No transaction is open. " HOST_OWN_SYSCTL
				  " was written by transaction %u, which is undone, and "
				  "stays in force: remove it, or apply a profile.",
				  left->id);
	if (!open)
		return strdup("No transaction is open.");
	if (t)
		str_addf(&s, "Profile %s is active, applied %s (transaction %u); ",
			 t->plan.subject ? t->plan.subject : "-", t->created, t->id);
	else
		str_addf(&s, "No profile is active; %zu transaction%s open; ", open,
			 open > 1 ? "s are" : " is");
	if (r->drifted)
		str_addf(&s, "%zu of %zu change%s drifted", r->drifted, r->all,
			 r->all > 1 ? "s" : "");
	if (r->unknown)
		str_addf(&s, "%s%zu cannot be read", r->drifted ? ", " : "", r->unknown);
	if (!r->drifted && !r->unknown)
		str_add(&s, "nothing drifted");
	str_addc(&s, '.');
	return str_take(&s);
}

static int judge(struct ctx *c, const struct txn_log *l, const struct rows *r, int code,
		 const struct err *problem)
{
	struct node *root = report_root(c->report);
	CLEANUP_FREE char *sentence =
		code ? strdup(problem->msg) : verdict(c->host->own_sysctl, l, r);

	if (!sentence)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	report_say(c->report, "verdict", "%s", sentence);
	node_u64(root, "changes", r->all);
	node_u64(root, "drifted", r->drifted);
	node_u64(root, "unknown", r->unknown);
	if (code)
		return err_set(&c->err, code, "%s", problem->msg);
	if (r->drifted)
		return err_set(&c->err, EXIT_NO,
			       "%zu of %zu change%s drifted: \"mend\" says what to type",
			       r->drifted, r->all, r->all > 1 ? "s" : "");
	if (r->unknown)
		return err_set(&c->err, EXIT_FAILED, "%zu of %zu changes cannot be read",
			       r->unknown, r->all);
	return EXIT_YES;
}

static void add_transactions(struct ctx *c, const struct txn_log *l, bool all)
{
	struct node *list = node_list(report_root(c->report), "transactions"), *row;
	size_t i;

	for (i = l->n; i-- > 0;) {
		const struct txn_record *t = &l->v[i];
		bool closed = t->state == TXN_REVERTED || t->state == TXN_ROLLED_BACK;

		if (!all && closed)
			continue;
		row = node_object(list, NULL);
		node_u64(row, "id", t->id);
		node_text(row, "kind", t->kind);
		node_text(row, "title", t->plan.title);
		node_text(row, "state", txn_state_name(t->state));
		node_text(row, "created", t->created);
		node_text(row, "ended", closed ? t->changed : NULL);
		node_text(row, "why", t->why);
		node_bool(row, "live", t->live);
	}
	if (!node_count(list))
		return;
	report_section(c->report, NULL);
	if (all)
		report_table(c->report, list, history_columns,
			     ARRAY_SIZE(history_columns), NULL, NULL, NULL);
	else
		report_table(c->report, list, txn_columns, ARRAY_SIZE(txn_columns), NULL,
			     NULL, NULL);
}

static int fill(struct ctx *c, const struct txn_log *l, bool all)
{
	struct node *root = report_root(c->report);
	const struct txn_record *profile = active(l);
	struct rows r = { 0 };
	struct drifts drifts;
	struct err problem = { "" };
	int code = find_problem(c, l, &problem), proofs;
	size_t i;

	if (job_drift(c->host, c->root, l, &drifts) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	node_text(root, "profile", profile ? profile->plan.subject : NULL);
	r.bad = node_list(root, "drift");
	r.good = node_list(root, "intact");
	add_journal(&(struct rows){ .good = code ? r.bad : r.good }, code, &problem);
	for (i = 0; i < drifts.n; i++)
		add_drift(&r, &drifts.v[i]);
	drifts_clear(&drifts);
	code = judge(c, l, &r, code, &problem);
	if (r.drifted + r.unknown) {
		report_section(c->report, NULL);
		report_table(c->report, r.bad, drift_columns, ARRAY_SIZE(drift_columns),
			     NULL, NULL, NULL);
	}
	report_results(c->report, r.bad);
	report_results(c->report, r.good);
	add_transactions(c, l, all);
	proofs = cmd_show_proofs(c, l);
	return proofs < 0 ? EXIT_FAILED : code;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct txn_log log;
	int code;

	(void)argc;
	(void)argv;
	if (host_need(c->host, HOST_TUNABLES, &c->err) < 0 ||
	    state_read(c->root, &log, &c->err) < 0)
		return EXIT_FAILED;
	code = cmd_show_predicted(c, &log, fill(c, &log, o->all));
	state_clear(&log);
	c->have_report = true;
	return code;
}

const struct command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "show what is active, drift, unfinished work and proofs",
	.help = "Exits 1 when something drifted or a transaction was cut off half-way, 3 "
		"when\n"
		"something cannot be read, as it may be without root. A stale proof "
		"changes nothing.\n\n"
		"  uringprep status --all\n"
		"  uringprep status --format nagios\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.results = true,
	.run = run,
};
