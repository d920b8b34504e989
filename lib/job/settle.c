#include "job/settle.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/txn.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/sysctl_d.h"
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_file(struct profile_base *base, const char *path,
		    const struct blob *before)
{
	struct profile_file *v =
		realloc(base->files, (base->n_files + 1) * sizeof(*base->files));

	if (!v)
		return -ENOMEM;
	base->files = v;
	v[base->n_files++] = (struct profile_file){ path, before };
	return 0;
}

/* The files that transaction T wrote, each once. */
static int find_files(const struct txn_log *log, const struct txn_record *t,
		      struct profile_base *base)
{
	const struct step *s, *first;
	size_t i;
	int err = 0;

	for (i = 0; i < t->plan.n && !err; i++) {
		s = &t->plan.v[i];
		first = s->type == STEP_FILE
				? state_base(log, t->kind, STEP_FILE, s->target)
				: NULL;
		if (first == s)
			err = add_file(base, s->target, &s->before);
	}
	return err;
}

static bool is_left(const struct txn_log *log, const char *text)
{
	return state_left_by(log, text);
}

/* Of open transactions, an older one first, what they have set: live, and in our file, which
 * each of them writes whole. OWN keeps the file's values. */
static int find_wrote(const struct txn_log *log, const char *kind,
		      struct sysctl_file *own, struct profile_base *base)
{
	const struct step *file = NULL;
	size_t i, k, n;

	for (i = 0; i < log->n; i++) {
		const struct plan *p = &log->v[i].plan;

		for (k = 0;
		     k < p->n && txn_is_open(&log->v[i]) && strcmp(p->kind, kind) == 0;
		     k++) {
			const struct tunable *t = p->v[k].type == STEP_SYSCTL
							  ? tunable_find(p->v[k].target)
							  : NULL;

			if (t)
				base->wrote[t - tunables] = p->v[k].after.data;
			else if (p->v[k].type == STEP_FILE &&
				 strcmp(p->v[k].target, HOST_OWN_SYSCTL) == 0)
				file = &p->v[k];
		}
	}
	if (!file || !file->after.data)
		return 0;
	if (sysctl_d_parse(own, file->after.data, file->after.len) < 0)
		return -ENOMEM;
	for (n = 0; n < own->n; n++) {
		const struct tunable *t = tunable_find(own->v[n].path);

		if (t && own->v[n].value)
			base->wrote[t - tunables] = own->v[n].value;
	}
	return 0;
}

/* What was there before the first of our open transactions. */
static int find_base(const struct txn_log *log, const char *kind,
		     struct profile_base *base)
{
	const struct step *s;
	size_t i;
	int err = 0;

	base->log = log;
	base->is_left = is_left;
	for (i = 0; i < TUNABLE_COUNT; i++) {
		s = state_base(log, kind, STEP_SYSCTL, tunables[i].key);
		base->sysctl[i] = s ? s->before.data : NULL;
	}
	for (i = 0; i < log->n && !err; i++) {
		if (!txn_is_open(&log->v[i]) || strcmp(log->v[i].kind, kind) != 0)
			continue;
		base->active = log->v[i].plan.subject;
		err = find_files(log, &log->v[i], base);
	}
	return err;
}

/* Limits themselves, or what bounds them. */
static bool asks_of_limits(const struct profile *p)
{
	return profile_has_limits(p) || profile_setting(p, TUNABLE_NR_OPEN);
}

/* Unfinished work, or a file of ours that no journal explains. While another run is at
 * work both are passing states: the lock will say so, with its pid. */
static int may_plan(const struct host *h, const struct root *r, const struct txn_log *log,
		    const struct profile_base *base, struct err *e)
{
	int err;

	if (txn_is_at_work(r, log))
		return 0;
	err = txn_refuse(r, log, e);
	if (err < 0 || !h->own_sysctl || base->active || is_left(log, h->own_sysctl))
		return err;
	if (!root_exists(r, HOST_OWN_SYSCTL)) /* gone since it was read */
		return err_set(
			e, -EBUSY,
			HOST_OWN_SYSCTL
			": changed while the plan was made: run the command again");
	return err_set(e, -EEXIST,
		       HOST_OWN_SYSCTL
		       ": is ours (\"%.*s\"), but the journal does not know it: is /var "
		       "mounted? If the journal is lost for good, remove this file",
		       (int)strcspn(h->own_sysctl, "\n"), h->own_sysctl);
}

/* Is the journal as it was when LOG was read? Else a file that it does not know is another
 * run's, of a moment ago. */
static bool is_still(const struct root *r, const struct txn_log *log)
{
	const struct txn_record *first = txn_first(log);
	struct txn_log now;
	struct err why = { "" };
	bool same;
	size_t i;

	if (first && txn_is_unfinished(first)) /* may_plan: its run was at work */
		return false;
	if (state_is_locked(r) || state_read(r, &now, &why) < 0)
		return false;
	same = now.n == log->n;
	for (i = 0; i < now.n && same; i++)
		same = now.v[i].state == log->v[i].state;
	state_clear(&now);
	return same;
}

/* What is typed to have it again. */
static int set_title(struct plan *plan, const char *name, const struct profile_ask *ask)
{
	CLEANUP(cleanup_str) struct str words = STR_INIT;
	size_t i;

	str_addf(&words, "apply %s", name);
	for (i = 0; ask->accept && i < ask->accept->n; i++) {
		str_add(&words, " --accept ");
		str_add_word(&words, ask->accept->v[i]);
	}
	if (ask->only_useful)
		str_add(&words, " --only-useful");
	return words.oom ? -ENOMEM : plan_set_title(plan, "%s", str_text(&words));
}

int job_plan_profile(struct host *h, const struct root *r, const struct strv *names,
		     const struct profile_ask *ask, struct plan *plan, unsigned *id,
		     struct err *e)
{
	struct profile_base base = { .active = NULL };
	struct sysctl_file own = { NULL, 0, 0 };
	struct profile profile;
	struct txn_log log;
	int err = host_need(h, HOST_TUNABLES | HOST_URING | HOST_PROFILES, e);

	if (!err)
		err = profile_load(&profile, h, names, e);
	if (err < 0)
		return err;
	if (asks_of_limits(&profile))
		err = host_need(h, HOST_LIMITS, e);
	if (!err)
		err = state_read(r, &log, e);
	if (err < 0) {
		profile_clear(&profile);
		return err;
	}
	*id = state_next_id(&log);
	if (find_base(&log, plan->kind, &base) < 0 ||
	    find_wrote(&log, plan->kind, &own, &base) < 0)
		err = err_set(e, -ENOMEM, "out of memory");
	if (!err)
		err = may_plan(h, r, &log, &base, e);
	if (!err)
		err = profile_plan(h, &profile, &base, ask, *id, plan, e);
	if (err == -EEXIST && !is_still(r, &log))
		err = err_set(e, -EBUSY,
			      "another run came between: run the command again");
	if (!err && set_title(plan, profile.name, ask) < 0)
		err = err_set(e, -ENOMEM, "out of memory");
	if (!err && !(plan->subject = strdup(profile.name)))
		err = err_set(e, -ENOMEM, "out of memory");
	free(base.files);
	sysctl_file_clear(&own);
	state_clear(&log);
	profile_clear(&profile);
	return err;
}
