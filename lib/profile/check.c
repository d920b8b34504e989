#include "profile/check.h"
#include "profile/internal.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "parse/release.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool is_before(const char *running, const char *until)
{
	struct release have, first;

	return running && release_parse(&have, running) && release_parse(&first, until) &&
	       release_compare(&have, first.major, first.minor, first.patch) < 0;
}

static int check_range(const struct host *h, const struct setting *s,
		       struct problems *found)
{
	const struct tunable *t = s->tunable;
	unsigned i;

	if (!t->until || s->rule == SETTING_LOWER ||
	    !is_before(h->kernel.release, t->until))
		return 0;
	for (i = 0; i < s->value.n && s->value.v[i] <= t->max_before; i++)
		;
	if (i == s->value.n)
		return 0;
	return problem_add(found, PROBLEM_WARNING, "kernel", &s->at,
			   "%s: mainline before %s takes at most %" PRIu64
			   ", and this is %s (a vendor's kernel may take more)",
			   t->key, t->until, t->max_before, h->kernel.release);
}

/* The value that a host with FROM comes to. */
static uint64_t goes_to(const struct setting *s, uint64_t from)
{
	uint64_t v = s->value.v[0];

	if (s->rule == SETTING_RAISE)
		return v > from ? v : from;
	if (s->rule == SETTING_LOWER)
		return v < from ? v : from;
	return v;
}

static int check_switch(const struct host *h, const struct setting *s, size_t k,
			struct problems *found)
{
	const struct tunable *t = s->tunable;
	struct tunable_value have;
	bool known = h->sysctl[k].live && tunable_parse(t, h->sysctl[k].live, &have) == 0;
	uint64_t from = known ? have.v[0] : t->max;
	const char *opens = t->opens ? t->opens(from, goes_to(s, from)) : NULL;

	if (!opens)
		return 0;
	return problem_add(
		found, known ? PROBLEM_WARNING : PROBLEM_NOTE, "security", &s->at,
		"%s: %s %s: done only with --accept %s, else left as it is", t->key,
		known ? "opens" : "where it is stricter, opens", opens, t->key);
}

static int check_setting(const struct host *h, const struct setting *s,
			 struct problems *found)
{
	size_t k = (size_t)(s->tunable - tunables);
	int err;

	if (h->live && !h->sysctl[k].live && h->sysctl[k].live_error == -ENOENT) {
		/* Whoever lacks the switch is at its lowest. */
		if (s->tunable->opens && s->rule == SETTING_LOWER)
			return 0;
		return problem_add(found, PROBLEM_WARNING, "kernel", &s->at,
				   "%s: this kernel has no such key: it cannot be set "
				   "here",
				   s->tunable->key);
	}
	err = check_range(h, s, found);
	return err ? err : check_switch(h, s, k, found);
}

static int check_limits(const struct profile *p, struct problems *found)
{
	const struct limit_setting *nofile = &p->limits[LIMIT_NOFILE];
	const struct setting *most = profile_setting(p, TUNABLE_NR_OPEN);
	int err = 0;

	if (p->units.n && !profile_has_limits(p))
		err = problem_add(found, PROBLEM_WARNING, "limits", &p->units_at,
				  "units: neither memlock nor nofile is set: nothing is "
				  "done for them");
	if (err || !nofile->where || (most && nofile->value <= most->value.v[0]))
		return err;
	if (most && most->rule != SETTING_RAISE)
		return problem_add(found, PROBLEM_ERROR, "limits", &nofile->at,
				   "nofile: more than fs.nr_open, which %s sets: a login "
				   "with a limit that is refused can fail",
				   most->where);
	if (nofile->value > NR_OPEN)
		err = problem_add(found, PROBLEM_WARNING, "limits", &nofile->at,
				  "nofile: more than 1048576, which fs.nr_open is unless "
				  "it was raised: where it is less, logins are refused");
	return err;
}

int profile_check(const struct host *h, const struct profile *p, struct problems *found)
{
	int err = 0;
	size_t i;

	for (i = 0; i < p->n && !err; i++)
		err = check_setting(h, &p->v[i], found);
	if (!err)
		err = check_limits(p, found);
	if (!err && p->n_sources && !p->n && !p->n_needs && !profile_has_limits(p) &&
	    p->uring == PROFILE_URING_ANY && !problems_error(found)) {
		struct profile_place at = { p->sources[0].file, 0, 0 };

		err = problem_add(found, PROBLEM_WARNING, "empty", &at,
				  "sets nothing and asks for nothing");
	}
	return err;
}
