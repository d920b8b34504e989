/* limits: what a process may have: limits.d for logins, a drop-in for each unit. */
#include "profile/internal.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/files.h"
#include "host/host.h"
#include "host/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LOGIN_FILE "/etc/security/limits.d/99-uringprep.conf"
#define UNIT_FILE "/etc/systemd/system/%s.d/99-uringprep.conf"

static const struct {
	const char *login, *unit; /* the words of limits.conf(5) and systemd.exec(5) */
	unsigned login_size;	  /* bytes of one there */
} rows[LIMIT_COUNT] = {
	[LIMIT_MEMLOCK] = { "memlock", "LimitMEMLOCK", 1024 },
	[LIMIT_NOFILE] = { "nofile", "LimitNOFILE", 1 },
};

/* What is so now; KNOWN is false where nobody can tell. */
struct limits_now {
	bool known;
	uint64_t v[LIMIT_COUNT];
};

static char *number(uint64_t value, const char *unlimited)
{
	return value == UINT64_MAX ? strdup(unlimited) : str_format("%" PRIu64, value);
}

/* The most descriptors that this kernel lets a process have; 0: not known. */
static uint64_t nr_open_now(const struct host *h)
{
	const struct sysctl_fact *f = &h->sysctl[TUNABLE_NR_OPEN];
	const char *text = f->live ? f->live : f->boot_value;
	uint64_t n;

	return text && str_to_u64(text, 1, UINT64_MAX, &n) == 0 ? n : 0;
}

/* The same when the profile is applied. */
static uint64_t nr_open_then(const struct settle *x)
{
	const struct setting *s = profile_setting(x->p, TUNABLE_NR_OPEN);
	uint64_t now = nr_open_now(x->h), v = s ? s->value.v[0] : 0;

	if (!s || (s->rule == SETTING_RAISE && now > v) ||
	    (s->rule == SETTING_LOWER && now && now < v))
		return now;
	return v;
}

/* A limit that others have, in limits.conf or a unit, may be above a lower one: what this
 * login has is known to be. */
static int check_nr_open(struct settle *x, struct err *e)
{
	const struct setting *s = profile_setting(x->p, TUNABLE_NR_OPEN);
	const struct host_limits *l = &x->h->limits;
	uint64_t now = nr_open_now(x->h), then = nr_open_then(x);

	if (!s || then == now)
		return 0;
	if (l->known && l->nofile_hard > then)
		return err_set(e, -ENOTSUP,
			       "%s: fs.nr_open: %" PRIu64 " is less than the %" PRIu64
			       " open files that this login may have: the next one can "
			       "fail",
			       s->where, then, l->nofile_hard);
	if (then < (now ? now : NR_OPEN) &&
	    plan_warn(x->out,
		      "fs.nr_open: %" PRIu64 " is less than the %" PRIu64
		      " it is %s: logins and services whose limit is larger can fail",
		      then, now ? now : NR_OPEN, now ? "now" : "by default") < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

/* A limit that the kernel refuses is a login that fails: pam_limits(8). */
static int check_nofile(struct settle *x, struct err *e)
{
	const struct limit_setting *l = &x->p->limits[LIMIT_NOFILE];
	uint64_t most = nr_open_then(x);

	if (!l->where)
		return 0;
	if (l->value == UINT64_MAX)
		return err_set(e, -ENOTSUP,
			       "%s: nofile: unlimited is more than the kernel takes "
			       "(fs.nr_open), and a login with a limit that is refused "
			       "can fail: give a number",
			       l->where);
	if (most && l->value > most)
		return err_set(e, -ENOTSUP,
			       "%s: nofile: %" PRIu64 " is more than fs.nr_open, %" PRIu64
			       ": a login with a limit that is refused can fail",
			       l->where, l->value, most);
	if (!most && l->value > NR_OPEN &&
	    plan_warn(x->out,
		      "nofile: %s asks for %" PRIu64
		      ": logins can fail where fs.nr_open is %" PRIu64 ", its default",
		      l->where, l->value, NR_OPEN) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

/* A row for each limit under the step, and a warning for each that gets lower. */
static int show(struct settle *x, struct step *step, const char *of,
		const struct limits_now *now)
{
	CLEANUP(cleanup_plan) struct plan lines = { .kind = x->out->kind };
	size_t i;
	int err = 0;

	for (i = 0; i < LIMIT_COUNT && !err; i++) {
		const struct limit_setting *l = &x->p->limits[i];
		CLEANUP_FREE char *target = str_format("%s of %s", rows[i].login, of);
		CLEANUP_FREE char *after = number(l->value, "unlimited");
		CLEANUP_FREE char *before =
			now->known ? number(now->v[i], "unlimited") : NULL;

		if (!l->where)
			continue;
		if (!target || !after || (now->known && !before))
			return -ENOMEM;
		err = plan_line(&lines, target, before, after, NULL);
		if (!err && now->known && now->v[i] > l->value)
			err = plan_warn(x->out,
					"%s: %s asks for %s, which is less than "
					"the %s it has now",
					target, l->where, after, before);
	}
	if (!err)
		step_take_lines(step, &lines);
	return err;
}

static int plan_login(struct settle *x, struct err *e)
{
	static const char *const domains[] = { "*", "root" }; /* * is not root's */
	const struct host_limits *h = &x->h->limits;
	struct limits_now now = { h->known, { h->memlock_soft, h->nofile_soft } };
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct step *step = NULL;
	size_t i, k;
	int err;

	for (i = 0; i < LIMIT_COUNT; i++) {
		const struct limit_setting *l = &x->p->limits[i];
		uint64_t size = rows[i].login_size;
		CLEANUP_FREE char *value = number(
			l->value == UINT64_MAX ? l->value
					       : l->value / size + (l->value % size != 0),
			"unlimited");

		if (!l->where)
			continue;
		if (!value)
			return err_set(e, -ENOMEM, "out of memory");
		str_addf(&text, "# %s\n", l->where);
		for (k = 0; k < ARRAY_SIZE(domains); k++)
			str_addf(&text, "%s - %s %s\n", domains[k], rows[i].login, value);
	}
	if (text.oom)
		return err_set(e, -ENOMEM, "out of memory");
	err = settle_file(x, LOGIN_FILE, str_text(&text), &step, e);
	if (err < 0 || !step)
		return err;
	if (show(x, step, "logins", &now) < 0 ||
	    !(step->note = strdup("holds for logins from now on")))
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

/* What systemd would give it now, where it can be asked. */
static void ask_unit(const struct host *h, const char *unit, struct limits_now *now)
{
	CLEANUP(cleanup_unit_settings) struct unit_settings u = { .name = NULL };

	*now = (struct limits_now){ .known = false };
	if (host_is_settable(h) && unit_settings_read(&u, h->root, unit, NULL) == 0 &&
	    u.known_limits)
		*now = (struct limits_now){ true, { u.memlock_soft, u.nofile_soft } };
}

static char *drop_in(const struct profile *p)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	size_t i;

	str_add(&text, "[Service]\n");
	for (i = 0; i < LIMIT_COUNT; i++) {
		const struct limit_setting *l = &p->limits[i];
		CLEANUP_FREE char *value = number(l->value, "infinity");

		if (!value)
			return NULL;
		if (l->where)
			str_addf(&text, "# %s\n%s=%s\n", l->where, rows[i].unit, value);
	}
	return str_take(&text);
}

static int describe_unit(struct settle *x, const char *unit, struct step *step)
{
	struct limits_now now;

	ask_unit(x->h, unit, &now);
	step->note = str_format("holds after: systemctl daemon-reload; and a restart of "
				"%s",
				unit);
	return step->note ? show(x, step, unit, &now) : -ENOMEM;
}

static int plan_unit(struct settle *x, const char *unit, const char *text, struct err *e)
{
	CLEANUP_FREE char *path = str_format(UNIT_FILE, unit);
	struct step *step = NULL;
	int err;

	if (!path)
		return err_set(e, -ENOMEM, "out of memory");
	if (strchr(unit, '/') || !str_has_suffix(unit, ".service"))
		return err_set(e, -EBADMSG, "%s: not the name of a service", unit);
	err = settle_file(x, path, text, &step, e);
	if (err < 0)
		return err;
	if (!host_unit_folder(x->h, unit))
		err = plan_warn(x->out,
				"%s: no such unit is here (/etc, /run, "
				"/usr/lib/systemd/system): its limits wait until there "
				"is one",
				unit);
	if (!err && step)
		err = describe_unit(x, unit, step);
	return err < 0 ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int settle_limits(struct settle *x, struct err *e)
{
	CLEANUP_FREE char *text = NULL;
	int err = check_nofile(x, e);
	size_t i;

	if (!err)
		err = check_nr_open(x, e);
	if (err || !profile_has_limits(x->p))
		return err;
	text = drop_in(x->p);
	if (!text)
		return err_set(e, -ENOMEM, "out of memory");
	err = plan_login(x, e);
	for (i = 0; i < x->p->units.n && !err; i++)
		err = plan_unit(x, x->p->units.v[i], text, e);
	return err;
}
