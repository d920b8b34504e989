/* settle: host × profile → plan. */
#include "profile/foresee.h"
#include "profile/profile.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/plan.h"
#include "host/host.h"
#include "host/sysctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the host had before us: the journal knows; else what is live, unless our own file
 * (applied offline, say) put it there; else what the other files say. */
static const char *base_value(const struct host *h, const struct profile_base *base,
			      size_t k)
{
	const struct sysctl_fact *f = &h->sysctl[k];

	if (base->sysctl[k])
		return base->sysctl[k];
	return f->live && !f->ours ? f->live : f->other_value;
}

/* Is the value that was there good enough for a rule that only raises or lowers? An exact
 * one is written all the same: the file must hold it. */
static bool is_met(const struct setting *s, const char *base)
{
	struct tunable_value have;

	return s->rule != SETTING_EXACT && base &&
	       tunable_parse(s->tunable, base, &have) == 0 && setting_is_met(s, &have);
}

/* A key that this kernel lacks: refused, unless what it is for holds anyway. */
static int missing_key(const struct host *h, const struct setting *s, size_t k,
		       struct plan *out, struct err *e)
{
	if (h->sysctl[k].live_error != -ENOENT)
		return err_set(e, h->sysctl[k].live_error, "%s: cannot read: %s",
			       tunables[k].key, host_sysctl_why(h->sysctl[k].live_error));
	if (k == TUNABLE_IO_URING_DISABLED && h->uring.setup_null == -ENOSYS)
		return plan_warn(out,
				 "%s: left out: this kernel has no io_uring to disable",
				 tunables[k].key);
	return err_set(e, -ENOTSUP, "%s: %s: this kernel has no such key", s->where,
		       tunables[k].key);
}

static int add_live(const struct host *h, const struct profile_base *base, size_t k,
		    const char *value, struct plan *out)
{
	const struct sysctl_fact *f = &h->sysctl[k];
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };
	struct step *step;
	int err;

	err = plan_sysctl(out, tunables[k].key, f->live, value, &step);
	if (err < 0 || !step)
		return err;
	if (base->sysctl[k] && f->ours && str_eq(f->boot_value, f->live))
		step->set_by = str_format("uringprep, profile %s", base->active);
	else if (f->boot_value && str_eq(f->boot_value, f->live))
		step->set_by = strdup(f->boot_by);
	else
		step->set_by = strdup("kernel default, or at run time");
	if (tunables[k].use && tunables[k].use(h, &use) < 0)
		return -ENOMEM;
	step->evidence = use.text;
	return step->set_by ? 0 : -ENOMEM;
}

static int settle_one(const struct host *h, const struct profile *p,
		      const struct profile_base *base, size_t k, struct str *file,
		      struct plan *out, struct err *e)
{
	const struct setting *s = profile_setting(p, k);
	const char *had = base_value(h, base, k);
	CLEANUP_FREE char *value = s ? tunable_text(&s->value) : NULL;
	int err = 0;

	if (s && !value)
		return err_set(e, -ENOMEM, "out of memory");
	if (!s || is_met(s, had)) {
		if (s)
			err = plan_warn(out, "%s: left at %s: %s asks for %s %s",
					tunables[k].key, had, s->where,
					s->rule == SETTING_RAISE ? "at least" : "at most",
					value);
		if (!err && base->sysctl[k] && host_is_settable(h))
			err = add_live(h, base, k, base->sysctl[k], out);
		return err < 0 ? err_set(e, err, "out of memory") : 0;
	}
	if (host_is_settable(h) && !h->sysctl[k].live)
		return missing_key(h, s, k, out, e);
	str_addf(file, "# %s\n%s = %s\n", s->where, tunables[k].key, value);
	if (host_is_settable(h))
		err = add_live(h, base, k, value, out);
	if (!err)
		err = profile_foresee(h, k, value, out);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

/* Behind the first line, which names the transaction. */
static const char *body_of(const char *text)
{
	const char *nl = text ? strchr(text, '\n') : NULL;

	return nl ? nl + 1 : NULL;
}

/* "vm.swappiness = 10; ...": what the file sets, for the person who reads the plan. */
static char *without_comments(const char *text)
{
	CLEANUP(cleanup_str) struct str out = STR_INIT;
	const char *cur = text, *line;
	size_t n;

	while ((line = str_line(&cur, text + strlen(text), &n))) {
		if (!n || *line == '#')
			continue;
		str_add(&out, out.len ? "; " : "");
		str_addn(&out, line, n);
	}
	return str_take(&out);
}

static int plan_own_file(const struct host *h, const struct profile *p, unsigned id,
			 const struct str *lines, struct plan *out)
{
	static const char note[] =
		"# Written whole by uringprep: put lines of your own into "
		"another file.\n";
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct blob before = { h->own_sysctl, h->own_sysctl ? strlen(h->own_sysctl) : 0 };
	struct blob after = { NULL, 0 };
	struct step *step;

	if (lines->len) {
		str_addf(&text,
			 "# transaction %u, profile %s; undo: uringprep revert %u\n%s%s",
			 id, p->name, id, note, lines->s);
		if (text.oom)
			return -ENOMEM;
		after = (struct blob){ text.s, text.len };
	}
	if (after.data && str_eq(body_of(before.data), body_of(after.data)))
		return 0;
	if (plan_file(out, HOST_OWN_SYSCTL, &before, &after, 0644, &step) < 0)
		return -ENOMEM;
	if (step && after.data && !(step->note = without_comments(after.data)))
		return -ENOMEM;
	return 0;
}

int profile_plan(const struct host *h, const struct profile *p,
		 const struct profile_base *base, const struct profile_ask *ask,
		 unsigned id, struct plan *out, struct err *e)
{
	CLEANUP(cleanup_str) struct str lines = STR_INIT;
	struct plan live;
	size_t k;
	int err = profile_may_write(h, e);

	(void)ask;
	/* The file goes first: what a crash leaves is then on disk, to be seen. */
	plan_init(&live, out->kind);
	for (k = 0; k < TUNABLE_COUNT && !err; k++)
		err = settle_one(h, p, base, k, &lines, &live, e);
	if (!err && plan_own_file(h, p, id, &lines, out) < 0)
		err = err_set(e, -ENOMEM, "out of memory");
	if (!err && plan_move(out, &live) < 0)
		err = err_set(e, -ENOMEM, "out of memory");
	plan_clear(&live);
	return err;
}
