/* settle: host × profile → plan. */
#include "profile/foresee.h"
#include "profile/internal.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"
#include "host/sysctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *settle_base_value(const struct settle *x, size_t k)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];

	if (x->base->sysctl[k])
		return x->base->sysctl[k];
	return f->live && !f->ours ? f->live : f->other_value;
}

/* Does the row's text on defaults name VALUE as the one default of all releases? */
static bool is_default(const struct tunable *t, const char *value)
{
	size_t n = strlen(value);

	return str_has_prefix(t->default_is, value) &&
	       (!t->default_is[n] || str_has_prefix(t->default_is + n, " ("));
}

/* Nobody's line gives the value that is live. */
static char *origin_of_live(const struct settle *x, size_t k)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];
	const struct tuned_line *tuned = &x->h->managers.tuned_sets[k];
	const struct sysctl_setter *kernel =
		sysctl_winner(&f->setters, SYSCTL_KERNEL, NULL);

	if (x->h->managers.tuned && tuned->value &&
	    strcmp(tuned->value + strspn(tuned->value, "<>= "), f->live) == 0)
		return str_format("tuned, %s", tuned->by);
	if (kernel && str_eq(kernel->value, f->live))
		return str_format("%s:%u", kernel->path, kernel->line);
	if (f->all_value && str_eq(f->all_value, f->live))
		return str_format("%s, by `sysctl --system`", f->all_by);
	if (f->boot_value)
		return str_format("at run time: %s says %s", f->boot_by, f->boot_value);
	if (x->h->sysctl_unread.n)
		return str_format("not known: %s", x->h->sysctl_unread.v[0]);
	return strdup(is_default(&tunables[k], f->live)
			      ? "kernel default"
			      : "kernel default, or at run time");
}

char *settle_origin(const struct settle *x, size_t k)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];

	if (f->ours && f->boot_value && (!f->live || str_eq(f->boot_value, f->live)) &&
	    str_has_prefix(f->boot_by, HOST_OWN_SYSCTL ":") && x->base->active)
		return str_format("uringprep, profile %s", x->base->active);
	if (f->boot_value && (!f->live || str_eq(f->boot_value, f->live)))
		return strdup(f->boot_by);
	if (f->live)
		return origin_of_live(x, k);
	if (x->h->live && f->live_error == -ENOENT)
		return strdup("this kernel has no such key");
	if (x->h->sysctl_unread.n)
		return str_format("not known: %s", x->h->sysctl_unread.v[0]);
	return str_format("no file; kernel default: %s", tunables[k].default_is);
}

/* Is the value that was there good enough for a rule that only raises or lowers? An exact
 * one is written all the same: the file must hold it. */
static bool is_met(const struct setting *s, const char *base)
{
	struct tunable_value have;

	return s->rule != SETTING_EXACT && base &&
	       tunable_parse(s->tunable, base, &have) == 0 && setting_is_met(s, &have);
}

/* A key that this kernel lacks: refused, unless what it is for holds anyway. 1: left out. */
static int missing_key(struct settle *x, const struct setting *s, size_t k, struct err *e)
{
	int why = x->h->sysctl[k].live_error;

	if (why != -ENOENT)
		return err_set(e, why, "%s: cannot read: %s", tunables[k].key,
			       host_sysctl_why(why));
	if (k == TUNABLE_IO_URING_DISABLED && x->h->uring.setup_null == -ENOSYS)
		return plan_warn(x->out,
				 "%s: left out: this kernel has no io_uring to disable",
				 tunables[k].key) < 0
			       ? err_set(e, -ENOMEM, "out of memory")
			       : 1;
	return err_set(e, -ENOTSUP, "%s: %s: this kernel has no such key", s->where,
		       tunables[k].key);
}

/* What the profile does to a tunable. */
struct choice {
	char *value;	    /* NULL: nothing, or not any more */
	bool in_file, live; /* where it is needed */
	char *opens;
};

static void cleanup_choice(struct choice *c)
{
	free(c->value);
	free(c->opens);
}

/* --only-useful: does the host show that it would do nothing? 1: left out. */
static int is_useless(struct settle *x, const struct setting *s, size_t k)
{
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };
	CLEANUP_FREE char *text = NULL;

	if (!x->ask->only_useful || !tunables[k].use)
		return 0;
	if (tunables[k].use(x->h, &use) < 0)
		return -ENOMEM;
	text = use.text;
	if (use.need != TUNABLE_NOT_SHOWN && use.need != TUNABLE_NO_EFFECT)
		return 0;
	return plan_warn(x->out, "%s: left out (--only-useful; %s): %s", tunables[k].key,
			 s->where, text ? text : "nothing here shows a need") < 0
		       ? -ENOMEM
		       : 1;
}

/* A rule that is met. A switch is not mentioned: it would be on every host. */
static int say_met(struct settle *x, const struct setting *s, const char *had)
{
	CLEANUP_FREE char *asked = setting_text(s);

	if (s->tunable->opens)
		return 0;
	return asked ? plan_warn(x->out, "%s: left at %s: %s asks for %s",
				 s->tunable->key, had, s->where, asked)
		     : -ENOMEM;
}

/* 0, C filled or left empty; -ENOMEM. */
static int choose(struct settle *x, const struct setting *s, size_t k, struct choice *c)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];
	const char *had = settle_base_value(x, k);
	const char *at_boot = f->other_value ? f->other_value : had;
	struct tunable_value v = s->value;
	int err;

	c->live = !is_met(s, had);
	c->in_file = !is_met(s, at_boot);
	if (!c->live && !c->in_file)
		return say_met(x, s, had);
	if (s->tunable->opens && s->rule != SETTING_EXACT && !had)
		return plan_warn(x->out,
				 "%s: left out: what it is here is not known, and %s "
				 "only %s it",
				 s->tunable->key, s->where,
				 s->rule == SETTING_RAISE ? "raises" : "lowers");
	err = is_useless(x, s, k);
	if (!err && s->tunable->opens)
		err = switch_settle(x, s, &v.v[0], &c->opens);
	if (err)
		return err < 0 ? err : 0;
	c->value = tunable_text(&v);
	return c->value ? 0 : -ENOMEM;
}

static const char *need_word(enum tunable_need need)
{
	return need == TUNABLE_NEEDED	   ? "needed"
	       : need == TUNABLE_NOT_SHOWN ? "not_shown"
	       : need == TUNABLE_NO_EFFECT ? "no_effect"
					   : NULL;
}

/* Who set it, whether it can work here, and what it opens. */
static int describe(const struct settle *x, size_t k, struct choice *c, struct step *step)
{
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };

	step->set_by = settle_origin(x, k);
	step->opens = TAKE_PTR(c->opens);
	if (tunables[k].use && tunables[k].use(x->h, &use) < 0)
		return -ENOMEM;
	step->evidence = use.text;
	step->need = need_word(use.need);
	return step->set_by ? 0 : -ENOMEM;
}

/* A line of our file, and the row that shows it where no live step does. */
static int add_line(struct settle *x, const struct setting *s, size_t k, struct choice *c,
		    bool shown, struct str *text, struct plan *lines)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];
	struct step *step;
	int err;

	str_addf(text, "# %s\n%s = %s\n", s->where, tunables[k].key, c->value);
	err = profile_foresee(x->h, k, c->value, x->out);
	if (err < 0 || shown)
		return err;
	err = plan_line(lines, tunables[k].key, f->live ? f->live : f->boot_value,
			c->value, &step);
	return err < 0 ? err : describe(x, k, c, step);
}

/* Only files count, and one of ours had a line for K that goes. */
static int add_dropped(struct settle *x, size_t k, struct plan *lines)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];
	struct choice none = { NULL, false, false, NULL };
	struct step *step;
	int err = plan_line(lines, tunables[k].key, f->boot_value, f->other_value, &step);

	return err < 0 ? err : describe(x, k, &none, step);
}

/* The one written last clears the other, and no undo brings that back. */
static int other_key(const struct setting *s, size_t k, const char *instead,
		     struct err *e)
{
	CLEANUP_FREE char *value = tunable_text(&s->value);

	return err_set(e, -ENOTSUP,
		       "%s: %s: %s is %s and holds instead; a write would clear that for "
		       "good. To give it up: sysctl -w %s=%s, then apply again",
		       s->where, tunables[k].key, tunables[k].instead, instead,
		       tunables[k].key, value ? value : "");
}

static int settle_one(struct settle *x, size_t k, struct str *text, struct plan *lines,
		      struct err *e)
{
	CLEANUP(cleanup_choice) struct choice c = { NULL, false, false, NULL };
	const struct sysctl_fact *f = &x->h->sysctl[k];
	const struct setting *s = profile_setting(x->p, k);
	bool settable = host_is_settable(x->h), lacks = f->live_error == -ENOENT;
	struct step *step = NULL;
	const char *live;
	int err = 0;

	if (s && lacks && setting_is_met_without(s))
		return 0;
	if (s && settable && !f->live && !is_met(s, settle_base_value(x, k)))
		err = missing_key(x, s, k, e);
	else if (s && settable && f->instead && !is_met(s, settle_base_value(x, k)))
		err = other_key(s, k, f->instead, e);
	if (err)
		return err < 0 ? err : 0;
	if (s && choose(x, s, k, &c) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	live = c.value && c.live ? c.value : x->base->sysctl[k];
	if (settable && live)
		err = plan_sysctl(&x->live, tunables[k].key, f->live, live, &step);
	if (!err && step)
		err = describe(x, k, &c, step);
	if (!err && c.value && c.in_file)
		err = add_line(x, s, k, &c, step, text, lines);
	else if (!err && f->ours && !settable)
		err = add_dropped(x, k, lines);
	return err < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int settle_sysctls(struct settle *x, struct err *e)
{
	CLEANUP(cleanup_plan) struct plan lines = { .kind = x->out->kind };
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct step *step = NULL;
	size_t k;
	int err = 0;

	for (k = 0; k < TUNABLE_COUNT && !err; k++)
		err = settle_one(x, k, &text, &lines, e);
	if (!err && text.oom)
		err = err_set(e, -ENOMEM, "out of memory");
	if (!err)
		err = settle_file(x, HOST_OWN_SYSCTL, text.s, &step, e);
	if (err < 0 || !step)
		return err;
	step_take_lines(step, &lines);
	return 0;
}

int profile_plan(const struct host *h, const struct profile *p,
		 const struct profile_base *base, const struct profile_ask *ask,
		 unsigned id, struct plan *out, struct err *e)
{
	struct settle x = {
		h, p, base, ask, id, out, { .kind = out->kind }, { NULL, 0 }
	};
	int err = profile_may_write(h, e);

	if (!err)
		err = switch_check(&x, e);

	/* The files go first: what a crash leaves is then on disk, to be seen. */
	if (!err)
		err = settle_sysctls(&x, e);
	if (!err)
		err = settle_limits(&x, e);
	if (!err)
		err = settle_old_files(&x, e);
	if (!err && plan_move(out, &x.live) < 0)
		err = err_set(e, -ENOMEM, "out of memory");
	plan_clear(&x.live);
	strv_clear(&x.wanted);
	return err;
}
