/* switch: keys that somebody keeps closed for safety are loosened only on demand. */
#include "profile/internal.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* One --accept. */
struct accept {
	size_t k;
	bool any_value;
	uint64_t value; /* where a value was given with it */
};

static int parse(const char *text, struct accept *out, struct err *e)
{
	CLEANUP_FREE char *key = strdup(text);
	CLEANUP(cleanup_str) struct str switches = STR_INIT;
	char *eq = key ? strchr(key, '=') : NULL;
	struct tunable_value v = { 1, { 0 } };
	const struct tunable *t;
	size_t k;

	if (!key)
		return err_set(e, -ENOMEM, "out of memory");
	if (eq)
		*eq++ = '\0';
	t = tunable_find(key);
	if (!t || !t->opens) {
		for (k = 0; k < TUNABLE_COUNT; k++)
			if (tunables[k].opens)
				str_addf(&switches, "%s%s", switches.len ? ", " : "",
					 tunables[k].key);
		return err_set(e, -EINVAL,
			       "--accept %s: no security switch; there are %s", text,
			       str_text(&switches));
	}
	if (eq && tunable_parse(t, eq, &v) < 0)
		return err_set(e, -EINVAL,
			       "--accept %s: %s takes a number from %" PRIu64
			       " to %" PRIu64,
			       text, t->key, t->min, t->max);
	*out = (struct accept){ (size_t)(t - tunables), !eq, v.v[0] };
	return 0;
}

int switch_check(const struct settle *x, struct err *e)
{
	struct accept a;
	size_t i;
	int err;

	for (i = 0; x->ask->accept && i < x->ask->accept->n; i++) {
		err = parse(x->ask->accept->v[i], &a, e);
		if (err < 0)
			return err;
		if (!profile_setting(x->p, a.k))
			return err_set(e, -EINVAL,
				       "--accept %s: profile %s does not set it",
				       x->ask->accept->v[i], x->p->name);
	}
	return 0;
}

/* How far tunable K may be loosened on the way to WANT, in OUT. False: not at all. */
static bool is_accepted(const struct settle *x, size_t k, uint64_t want, uint64_t *out)
{
	uint64_t narrowest = tunables[k].narrowest, floor;
	struct accept a;
	bool found = false;
	size_t i;

	for (i = 0; x->ask->accept && i < x->ask->accept->n; i++) {
		if (parse(x->ask->accept->v[i], &a, NULL) < 0 || a.k != k)
			continue;
		if (!narrowest && !a.any_value && a.value != want)
			continue; /* such values have no order: this one, or none */
		floor = narrowest ? (a.any_value ? narrowest : a.value) : want;
		if (floor < want)
			floor = want;
		if (!found || floor < *out)
			*out = floor;
		found = true;
	}
	return found;
}

/* A value that the switch has, or will have without us. */
struct from {
	uint64_t value;
	const char *text; /* NULL: it is not known */
	char *by;	  /* who set it */
};

static void cleanup_from(struct from *f)
{
	free(f->by);
}

static uint64_t value_of(size_t k, const char *text)
{
	struct tunable_value v;

	/* -1, say, of io_uring_group: closed to all. */
	return tunable_parse(&tunables[k], text, &v) < 0 ? tunables[k].max : v.v[0];
}

static char *vendor(const char *path)
{
	return str_format("%s%s", path,
			  str_has_prefix(path, "/usr/lib/") ||
					  str_has_prefix(path, "/lib/")
				  ? ", the vendor's file"
				  : "");
}

/* A line of our own file that is not as we wrote it: somebody's. NULL: none is. */
static const struct sysctl_setter *own_line(const struct settle *x, size_t k)
{
	const struct sysctl_setters *all = &x->h->sysctl[k].setters;
	const char *wrote = x->base->wrote[k];
	const struct sysctl_setter *own = NULL;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->v[i].path, HOST_OWN_SYSCTL) == 0 && all->v[i].value)
			own = &all->v[i];
	return own && wrote && !sysctl_value_eq(own->value, wrote) ? own : NULL;
}

/* Is A rather than B what a change to WANT must ask of: the larger one, which is the tighter
 * one, or of groups, which have no order, one that is not WANT. */
static bool counts_more(size_t k, uint64_t a, uint64_t b, uint64_t want)
{
	bool a_opens = tunables[k].opens(a, want), b_opens = tunables[k].opens(b, want);

	return a_opens == b_opens ? a > b : a_opens;
}

/* On the way to WANT, the tightest of what there was before us, what somebody has set since
 * (live, or in our own file), and what files other than ours give at the next boot. */
static int find_from(const struct settle *x, size_t k, uint64_t want, struct from *out)
{
	const struct sysctl_fact *f = &x->h->sysctl[k];
	const struct sysctl_setter *other =
		sysctl_winner(&f->setters, SYSCTL_BOOT, HOST_OWN_SYSCTL);
	const struct sysctl_setter *own = own_line(x, k);
	const char *wrote = x->base->wrote[k];
	const char *candidates[] = { settle_base_value(x, k),
				     sysctl_value_eq(f->live, wrote) ? NULL : f->live,
				     own ? own->value : NULL, f->other_value };
	CLEANUP_FREE char *by = NULL;
	size_t i;

	*out = (struct from){ tunables[k].max, NULL, NULL };
	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		uint64_t v = candidates[i] ? value_of(k, candidates[i]) : 0;

		if (!candidates[i] || (out->text && !counts_more(k, v, out->value, want)))
			continue;
		out->value = v;
		out->text = candidates[i];
	}
	if (!out->text)
		return 0;
	if (own && str_eq(own->value, out->text)) {
		out->by = str_format("%s:%u", own->path, own->line);
	} else if (other && str_eq(other->value, out->text)) {
		by = str_format("%s:%u", other->path, other->line);
		out->by = by ? vendor(by) : NULL;
	} else if (str_eq(out->text, f->live)) {
		out->by = settle_origin(x, k);
	} else {
		out->by = strdup("before uringprep");
	}
	return out->by ? 0 : -ENOMEM;
}

/* Whom the group leaves in, in words. */
static char *whom(const struct settle *x)
{
	const struct setting *s = profile_setting(x->p, TUNABLE_IO_URING_GROUP);
	const struct host_group_of *g = &x->h->uring_group;
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	if (s)
		str_addf(&text, "%" PRIu64 ", which %s sets", s->value.v[0], s->where);
	else if (g->id < 0)
		str_add(&text, "none is set");
	else if (!g->name)
		str_addf(&text, "%" PRId64 ", which %s", g->id,
			 g->error ? "could not be looked up" : "is not in /etc/group");
	else
		str_addf(&text, "%s: %s", g->name,
			 g->members && *g->members ? g->members : "nobody by name");
	if (!s && g->id >= 0 && g->name && g->primary)
		str_addf(&text, " and %u whose own group it is", g->primary);
	return str_take(&text);
}

/* What going from FROM to VALUE opens; NULL in OUT: nothing. */
static int say_opens(const struct settle *x, size_t k, uint64_t from, uint64_t value,
		     char **out)
{
	const char *what = tunables[k].opens(from, value);
	CLEANUP_FREE char *members = NULL;

	*out = NULL;
	if (!what)
		return 0;
	if (k != TUNABLE_IO_URING_DISABLED || value != 1) {
		*out = strdup(what);
		return *out ? 0 : -ENOMEM;
	}
	members = whom(x);
	*out = members ? str_format("%s (%s)", what, members) : NULL;
	return *out ? 0 : -ENOMEM;
}

/* The option that would do it: the narrowest first. */
static char *advice(const struct tunable *t, uint64_t from, uint64_t want)
{
	if (!t->narrowest || want >= t->narrowest)
		return str_format("--accept %s", t->key);
	if (from <= t->narrowest)
		return str_format("--accept %s=%" PRIu64, t->key, want);
	return str_format("--accept %s (sets %" PRIu64 ") or --accept %s=%" PRIu64,
			  t->key, t->narrowest, t->key, want);
}

/* A group to leave in closes nothing less where everybody is in. */
static bool is_open_anyway(const struct settle *x, size_t k)
{
	CLEANUP(cleanup_from) struct from from = { 0, NULL, NULL };

	return k == TUNABLE_IO_URING_GROUP &&
	       find_from(x, TUNABLE_IO_URING_DISABLED, 0, &from) == 0 && from.text &&
	       from.value == 0;
}

static int leave_out(struct settle *x, const struct setting *s, const struct from *from)
{
	size_t k = (size_t)(s->tunable - tunables);
	CLEANUP_FREE char *asked = setting_text(s);
	CLEANUP_FREE char *opens = NULL;
	CLEANUP_FREE char *option = advice(s->tunable, from->value, s->value.v[0]);
	int err = say_opens(x, k, from->value, s->value.v[0], &opens);

	if (err < 0 || !asked || !option)
		return -ENOMEM;
	if (!from->text)
		return plan_warn(x->out,
				 "%s: left out: %s asks for %s; what it is otherwise is "
				 "not known here, and that may open %s; if that is "
				 "wanted: %s",
				 s->tunable->key, s->where, asked, opens, option);
	return plan_warn(x->out,
			 "%s: left out: %s asks for %s, and it is %s (%s); that would "
			 "open %s; if that is wanted: %s",
			 s->tunable->key, s->where, asked, from->text, from->by, opens,
			 option);
}

int switch_settle(struct settle *x, const struct setting *s, uint64_t *value,
		  char **opens)
{
	size_t k = (size_t)(s->tunable - tunables);
	CLEANUP(cleanup_from) struct from from = { 0, NULL, NULL };
	uint64_t want = *value;
	int err = find_from(x, k, want, &from);

	*opens = NULL;
	if (err < 0 || !s->tunable->opens(from.value, want) || is_open_anyway(x, k))
		return err;
	if (!is_accepted(x, k, want, value) ||
	    (from.text && !s->tunable->opens(from.value, *value))) {
		*value = want;
		err = leave_out(x, s, &from);
		return err < 0 ? err : 1;
	}
	if (*value != want)
		err = plan_warn(x->out,
				"%s: %" PRIu64 " asked by %s; %" PRIu64 " is set: "
				"`--accept %s=%" PRIu64 "` opens %s",
				s->tunable->key, want, s->where, *value, s->tunable->key,
				want, s->tunable->opens(*value, want));
	return err < 0 ? err : say_opens(x, k, from.value, *value, opens);
}
