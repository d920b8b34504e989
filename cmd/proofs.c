#include "proofs.h"

#include "base/cleanup.h"
#include "change/proofs.h"
#include "change/state.h"
#include "host/host.h"
#include "job/proof.h"
#include "os/root.h"

#include <errno.h>
#include <string.h>

static const struct column columns[] = {
	{ "kind", "PROOF", 0 },	      { "state", "STATE", 0 },
	{ "created", "CREATED", 0 },  { "text", "WHAT", 0 },
	{ "why", "why", COL_DETAIL }, { "fix", "mend", COL_DETAIL },
};

/* None of them counts: a proof that does not hold any more says nothing of the host. */
static int add_proof(struct node *list, const struct proof *p, const struct proof *now)
{
	static const char *const statuses[] = {
		[PROOF_PROVEN] = "PASS",
		[PROOF_STALE] = "WARN",
		[PROOF_UNKNOWN] = "UNKNOWN",
	};
	CLEANUP(cleanup_strv) struct strv why = { NULL, 0 };
	CLEANUP_FREE char *reasons = NULL;
	int state = p->error ? PROOF_UNKNOWN : job_proof_state(p, now, &why);
	struct node *row;

	if (state < 0)
		return state;
	reasons = p->error ? strdup(p->error) : strv_join(&why, "; ");
	if (!reasons)
		return -ENOMEM;
	row = node_object(list, NULL);
	node_textf(row, "id", "proof:%s", p->kind);
	node_text(row, "status", statuses[state]);
	node_bool(row, "required", false);
	node_bool(row, "counts", false);
	node_text(row, "kind", p->kind);
	node_text(row, "state", proof_state_name((enum proof_state)state));
	node_text(row, "created", p->created);
	node_text(row, "result", p->result);
	node_text(row, "text", p->text);
	node_textf(row, "title", "%s was proven on this host", p->kind);
	node_textf(row, "found", "%s, %s: %s", proof_state_name((enum proof_state)state),
		   p->created ? p->created : "no date", p->text ? p->text : "unreadable");
	node_text(row, "why", *reasons ? reasons : NULL);
	if (state == PROOF_STALE && strcmp(p->kind, "verify") == 0)
		node_text(row, "fix", "uringprep verify --keep");
	else
		node_null(row, "fix");
	return 0;
}

int cmd_show_proofs(struct ctx *c, const struct txn_log *log)
{
	struct node *list = node_list(report_root(c->report), "proofs");
	CLEANUP(cleanup_proofs) struct proofs kept;
	CLEANUP(cleanup_proof) struct proof now = { NULL };
	size_t i;
	int err = proofs_read(c->root, &kept, &c->err);

	if (err || !kept.n)
		return err;
	err = job_fingerprint(c->host, log, &now, &c->err);
	for (i = 0; i < kept.n && !err; i++)
		err = add_proof(list, &kept.v[i], &now);
	if (err < 0)
		return err;
	report_section(c->report, NULL);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	report_results(c->report, list);
	return 0;
}

int cmd_may_keep(struct ctx *c)
{
	const struct host_state *s;

	if (!c->root && (root_open(&c->root, NULL, false, &c->err) < 0 ||
			 host_new(&c->host, c->root, &c->err) < 0))
		return EXIT_FAILED;
	if (!root_is_live(c->root) || c->common.facts)
		return err_set(&c->err, EXIT_NO,
			       "--keep: a proof is of the running system, and this is "
			       "not it (%s)",
			       c->common.facts ? "--facts"
					       : root_not_live_reason(c->root));
	if (host_need(c->host, HOST_STATE, &c->err) < 0)
		return EXIT_FAILED;
	s = &c->host->state;
	if (s->error)
		return err_set(&c->err, EXIT_FAILED,
			       "--keep: /var/lib/uringprep cannot be written: %s%s",
			       strerror(-s->error),
			       s->error == -EACCES ? ": run it as root" : "");
	if (s->var_unmounted)
		return err_set(&c->err, EXIT_NO,
			       "--keep: /etc/fstab has a /var that is not mounted: mount "
			       "it first");
	return EXIT_YES;
}

int cmd_keep_proof(struct ctx *c, const char *kind, const char *result, const char *text)
{
	CLEANUP(cleanup_proof) struct proof p = { NULL };
	struct txn_log log;
	int err;

	p.kind = strdup(kind);
	p.result = strdup(result);
	p.text = strdup(text);
	if (!p.kind || !p.result || !p.text)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (state_read(c->root, &log, &c->err) < 0)
		return EXIT_FAILED;
	err = job_fingerprint(c->host, &log, &p, &c->err);
	state_clear(&log);
	if (!err)
		err = proof_keep(c->root, &p, &c->err);
	return err < 0 ? err_wrap(&c->err, EXIT_FAILED, "the verdict was not kept")
		       : EXIT_YES;
}
