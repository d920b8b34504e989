#include "job/proof.h"

#include "base/cleanup.h"
#include "change/proofs.h"
#include "change/txn.h"
#include "host/host.h"

#include <errno.h>
#include <string.h>

#ifndef VERSION
#define VERSION "unknown"
#endif

const char *proof_state_name(enum proof_state s)
{
	static const char *const names[] = {
		[PROOF_PROVEN] = "proven",
		[PROOF_STALE] = "stale",
		[PROOF_UNKNOWN] = "unknown",
	};

	return names[s];
}

static const char *active_profile(const struct txn_log *log)
{
	const char *name = "none";
	size_t i;

	for (i = 0; i < log->n; i++)
		if (txn_is_open(&log->v[i]) && strcmp(log->v[i].kind, "profile") == 0 &&
		    log->v[i].plan.subject)
			name = log->v[i].plan.subject;
	return name;
}

/* What our file sets, without comments: they name the transaction. */
static char *settings_of(const char *own)
{
	CLEANUP(cleanup_str) struct str out = STR_INIT;
	const char *cur = own ? own : "", *end = cur + strlen(cur), *line;
	size_t n;

	while ((line = str_line(&cur, end, &n))) {
		if (!n || *line == '#')
			continue;
		str_add(&out, out.len ? "; " : "");
		str_addn(&out, line, n);
	}
	if (!out.len)
		str_add(&out, "none");
	return str_take(&out);
}

int job_fingerprint(struct host *h, const struct txn_log *log, struct proof *p,
		    struct err *e)
{
	CLEANUP_FREE char *settings = NULL;
	CLEANUP_FREE char *kernel = NULL;
	int err = host_need(h, HOST_KERNEL | HOST_SYSCTL, e);

	if (err < 0)
		return err;
	settings = settings_of(h->own_sysctl);
	if (h->kernel.release && h->kernel.version)
		kernel = str_format("%s %s", h->kernel.release, h->kernel.version);
	err = proof_part(p, "kernel", kernel);
	if (!err)
		err = proof_part(p, "command_line", h->kernel.cmdline);
	if (!err)
		err = proof_part(p, "profile", active_profile(log));
	if (!err)
		err = settings ? proof_part(p, "settings", settings) : -ENOMEM;
	if (!err)
		err = proof_part(p, "tool", VERSION);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

int job_proof_state(const struct proof *p, const struct proof *now, struct strv *why)
{
	enum proof_state state = PROOF_PROVEN;
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++) {
		const char *was = p->v[i].value, *is = proof_value(now, p->v[i].name);

		if (was && is && strcmp(was, is) == 0)
			continue;
		if (was && is)
			state = PROOF_STALE;
		else if (state == PROOF_PROVEN)
			state = PROOF_UNKNOWN;
		err = strv_addf(why, "%s: was %s, is %s", p->v[i].name,
				was ? was : "not known", is ? is : "not known");
	}
	return err < 0 ? err : (int)state;
}
