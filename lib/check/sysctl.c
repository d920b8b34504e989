#include "base/cleanup.h"
#include "check/check.h"
#include "host/host.h"
#include "host/sysctl.h"
#include "profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int files(const struct check_on *on, struct finding *f)
{
	const struct strv *bad = &on->host->sysctl_bad;
	const struct strv *unread = &on->host->sysctl_unread;
	int err;

	if (!bad->n && unread->n)
		return finding_found(f, CHECK_UNKNOWN, "%s%s", unread->v[0],
				     unread->n > 1 ? ", and more files" : "");
	if (!bad->n)
		return finding_found(f, CHECK_PASS, "every line is understood");
	err = finding_found(f, CHECK_FAIL, "%s%s", bad->v[0],
			    bad->n > 1 ? " and more files" : "");
	return err ? err
		   : finding_advise(f, "key = value", "sysctl.d(5)",
				    "a line that is no assignment is skipped at boot, "
				    "with only a "
				    "line in the journal",
				    "mend or remove that line");
}

const struct check check_sysctl_files = {
	.id = "sysctl.files",
	.title = "sysctl.d files",
	.needs = HOST_SYSCTL,
	.run = files,
};

/* What is known of a key: live, else what it will be at boot. */
static const char *value_of(const struct sysctl_fact *s)
{
	return s->live ? s->live : s->boot_value;
}

static const struct setting *wanted(const struct check_on *on, size_t k)
{
	return on->profile ? profile_setting(on->profile, k) : NULL;
}

static int set_evidence(const struct check_on *on, size_t k, struct finding *f)
{
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };
	int err = tunables[k].use ? tunables[k].use(on->host, &use) : 0;

	if (!err && use.text)
		err = finding_text(&f->evidence, "%s", use.text);
	free(use.text);
	return err;
}

/* Compare with what the profile asks for. */
static int against_profile(const struct check_on *on, const struct setting *s,
			   uint64_t have, struct finding *f)
{
	CLEANUP_FREE char *want = setting_text(s);
	struct tunable_value value = { 1, { have } };
	bool ok = setting_is_met(s, &value);
	int err = finding_found(f, ok ? CHECK_PASS : CHECK_FAIL, "%" PRIu64, have);

	if (!err)
		err = finding_text(&f->want, "%s", want ? want : "");
	if (!err)
		err = finding_text(&f->want_by, "profile %s (%s)", on->profile->name,
				   s->where);
	if (err || ok)
		return err;
	err = finding_text(&f->why, "%s", s->tunable->what);
	return err ? err : finding_text(&f->fix, "uringprep apply %s", on->profile->name);
}

/* The value of key K as a number. 1: *HAVE is set; 0: the finding says why not. */
static int have_value(const struct check_on *on, size_t k, uint64_t *have,
		      struct finding *f, int *err)
{
	const struct sysctl_fact *s = &on->host->sysctl[k];
	const char *text = value_of(s);

	if (!text && !on->host->live && on->host->sysctl_unread.n)
		*err = finding_found(f, CHECK_UNKNOWN, "%s",
				     on->host->sysctl_unread.v[0]);
	else if (!text && !on->host->live)
		*err = finding_found(
			f, CHECK_SKIP,
			"no file sets it; the value is the kernel's own (%s)",
			tunables[k].default_is);
	else if (!text)
		*err = finding_found(f, CHECK_UNKNOWN, "%s cannot be read: %s",
				     tunables[k].key, host_sysctl_why(s->live_error));
	else if (str_to_u64(text, 0, UINT64_MAX, have) < 0)
		*err = finding_found(f, CHECK_UNKNOWN, "\"%s\" is not a number", text);
	else
		return 1;
	return 0;
}

/* A key with a check of its own: by what it is judged without a profile. */
struct key_rule {
	enum tunable_index k;
	bool (*bad)(const struct host *h, uint64_t have);
	const char *want, *want_by, *why, *fix;
};

static int judge_key(const struct check_on *on, const struct key_rule *r,
		     struct finding *f)
{
	const struct setting *s = wanted(on, r->k);
	uint64_t have;
	int err = 0;

	if (!have_value(on, r->k, &have, f, &err))
		return err;
	err = set_evidence(on, r->k, f);
	if (err || s)
		return err ? err : against_profile(on, s, have, f);
	err = finding_found(f, r->bad(on->host, have) ? CHECK_FAIL : CHECK_PASS,
			    "%" PRIu64, have);
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(f, r->want, r->want_by, r->why, r->fix);
}

#define KEY_CHECK(name, index, heading, ...)                                             \
	static int name(const struct check_on *on, struct finding *f)                    \
	{                                                                                \
		static const struct key_rule rule = { index, bad_##name, __VA_ARGS__ };  \
                                                                                         \
		return judge_key(on, &rule, f);                                          \
	}                                                                                \
                                                                                         \
	const struct check check_sysctl_##name = {                                       \
		.id = "sysctl." #name,                                                   \
		.title = heading,                                                        \
		.needs = HOST_SYSCTL,                                                    \
		.run = name,                                                             \
	}

static bool bad_aio_max_nr(const struct host *h, uint64_t have)
{
	int64_t nr = h->use.aio_nr;

	return nr > 0 && (uint64_t)nr >= have - have / 5;
}

KEY_CHECK(aio_max_nr, TUNABLE_AIO_MAX_NR, "libaio requests", "a fifth of it free",
	  "libaio programs",
	  "io_setup() fails with EAGAIN above it (io_uring does not use it)",
	  "uringprep apply storage");

static bool bad_somaxconn(const struct host *h, uint64_t have)
{
	return have < 4096 && h->use.listen_overflows > 0;
}

KEY_CHECK(somaxconn, TUNABLE_SOMAXCONN, "accept queue", "at least 4096",
	  "ListenOverflows",
	  "accept queues have overflowed since boot: connections were dropped",
	  "uringprep apply server, then restart the servers");

static bool bad_swappiness(const struct host *h, uint64_t have)
{
	return have > 60 && h->use.swap_devices != 0;
}

KEY_CHECK(swappiness, TUNABLE_SWAPPINESS, "swapping", "at most 60",
	  "the kernel's default",
	  "idle servers are swapped out before file cache is dropped",
	  "uringprep apply server");

/* Settings of a profile that have no check of their own, as they are found. */
struct others {
	struct str not_met, unknown, want, where, evidence, accept;
	size_t n_met, n_not_met;
};

/* uring.disabled asks for 2 where a profile wants no io_uring; another value is judged here. */
static bool has_own_check(const struct profile *p, size_t k)
{
	return k == TUNABLE_AIO_MAX_NR || k == TUNABLE_SOMAXCONN ||
	       k == TUNABLE_SWAPPINESS ||
	       (k == TUNABLE_IO_URING_DISABLED && p->uring == PROFILE_URING_NONE);
}

static void add(struct str *list, const char *fmt, const char *a, const char *b)
{
	str_addf(list, "%s", list->len ? "; " : "");
	str_addf(list, fmt, a, b);
}

/* Where the plain command would leave S, a security switch that is at TEXT, as it is. */
static void add_accept(const struct setting *s, const char *text, struct str *out)
{
	const struct tunable *t = s->tunable;
	uint64_t to = s->value.v[0];
	struct tunable_value from;

	if (!t->opens || tunable_parse(t, text, &from) < 0 || !t->opens(from.v[0], to))
		return;
	str_addf(out, " --accept %s", t->key);
	if (to < t->narrowest)
		str_addf(out, "=%" PRIu64, to);
}

static int add_not_met(const struct check_on *on, const struct setting *s,
		       const char *have, struct others *o)
{
	size_t k = (size_t)(s->tunable - tunables);
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };
	CLEANUP_FREE char *want = setting_text(s);
	int err = s->tunable->use ? s->tunable->use(on->host, &use) : 0;

	o->n_not_met++;
	add(&o->not_met, "%s is %s", tunables[k].key, have);
	add_accept(s, have, &o->accept);
	add(&o->want, "%s %s", tunables[k].key, want ? want : "");
	str_addf(&o->where, "%s%s", o->where.len ? ", " : "", s->where);
	if (!err && use.text)
		add(&o->evidence, "%s: %s", tunables[k].key, use.text);
	free(use.text);
	return want ? err : -ENOMEM;
}

static int judge_other(const struct check_on *on, const struct setting *s,
		       struct others *o)
{
	size_t k = (size_t)(s->tunable - tunables);
	const struct sysctl_fact *fact = &on->host->sysctl[k];
	const char *text = value_of(fact), *why;
	struct tunable_value have;

	if (has_own_check(on->profile, k) ||
	    host_only_elsewhere(on->host, (enum tunable_index)k, &why))
		return 0;
	if (!text && fact->live_error == -ENOENT && setting_is_met_without(s))
		o->n_met++;
	else if (!text && on->host->live && fact->live_error == -ENOENT)
		return add_not_met(on, s, "not in this kernel", o);
	else if (!text)
		add(&o->unknown, "%s: %s", s->tunable->key,
		    on->host->live ? host_sysctl_why(fact->live_error)
				   : "no file sets it");
	else if (tunable_parse(s->tunable, text, &have) < 0 || !setting_is_met(s, &have))
		return add_not_met(on, s, text, o);
	else
		o->n_met++;
	return 0;
}

static int say_others(const struct check_on *on, const struct others *o,
		      struct finding *f)
{
	const char *name = on->profile->name;
	int err;

	if (!o->n_not_met && !o->unknown.len && !o->n_met)
		return finding_found(f, CHECK_PASS,
				     "profile %s sets no other key that can be set here",
				     name);
	if (!o->n_not_met && !o->unknown.len)
		return finding_found(f, CHECK_PASS, "%zu more as profile %s wants",
				     o->n_met, name);
	if (!o->n_not_met)
		return finding_found(f, on->host->live ? CHECK_UNKNOWN : CHECK_SKIP, "%s",
				     o->unknown.s);
	err = finding_found(f, CHECK_FAIL, "%s", o->not_met.s);
	if (!err)
		err = finding_text(&f->want, "%s", o->want.s);
	if (!err)
		err = finding_text(&f->want_by, "profile %s (%s)", name, o->where.s);
	if (!err && o->evidence.len)
		err = finding_text(&f->evidence, "%s", o->evidence.s);
	if (!err)
		err = finding_text(&f->why, "what each does: uringprep-profile(5)");
	return err ? err
		   : finding_text(&f->fix, "uringprep apply %s%s", name,
				  str_text(&o->accept));
}

static int of_profile(const struct check_on *on, struct finding *f)
{
	struct others o = { .n_met = 0 };
	size_t i;
	int err = 0;

	if (!on->profile)
		return finding_found(f, CHECK_SKIP, "no profile was asked for");
	for (i = 0; i < on->profile->n && !err; i++)
		err = judge_other(on, &on->profile->v[i], &o);
	if (!err && (o.not_met.oom || o.unknown.oom || o.want.oom || o.where.oom ||
		     o.evidence.oom || o.accept.oom))
		err = -ENOMEM;
	if (!err)
		err = say_others(on, &o, f);
	cleanup_str(&o.not_met);
	cleanup_str(&o.unknown);
	cleanup_str(&o.want);
	cleanup_str(&o.where);
	cleanup_str(&o.evidence);
	cleanup_str(&o.accept);
	return err;
}

const struct check check_sysctl_profile = {
	.id = "sysctl.profile",
	.title = "what else the profile sets",
	.needs = HOST_SYSCTL,
	.run = of_profile,
};
