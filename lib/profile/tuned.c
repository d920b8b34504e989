#include "profile/tuned.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "profile/profile.h"
#include "report/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A line at work. */
struct line {
	const struct tuned_profile *p;
	const struct tuned_entry *t;
	const struct tunable *tunable;
	char rule; /* '>', '<' or '\0' */
	struct tunable_value value;
};

void tuned_import_clear(struct tuned_import *i)
{
	size_t k;

	for (k = 0; k < i->n; k++)
		free(i->v[k].why);
	free(i->v);
	free(i->text);
	*i = (struct tuned_import){ 0 };
}

/* Sysctls that 5.13 moved to /sys/kernel/debug/sched (commit 8a99b6833c88). */
static bool is_moved(const char *key)
{
	static const char *const names[] = {
		"latency_ns",	   "min_granularity_ns", "wakeup_granularity_ns",
		"tunable_scaling", "migration_cost_ns",	 "nr_migrate",
	};
	size_t i;

	if (str_has_prefix(key, "kernel.numa_balancing_scan_"))
		return true;
	for (i = 0; str_has_prefix(key, "kernel.sched_") && i < ARRAY_SIZE(names); i++)
		if (strcmp(key + strlen("kernel.sched_"), names[i]) == 0)
			return true;
	return false;
}

/* Why a line that is for no sysctl is left; static. */
static const char *other_section(const struct tuned_entry *t)
{
	static const struct {
		const char *section, *why;
	} known[] = {
		{ "main", "sets nothing" },
		{ "variables", "a variable: sets nothing by itself" },
		{ "DEFAULT", "goes into every section: not followed" },
		{ "script", "runs a program: not taken over" },
		{ "bootloader",
		  "kernel arguments; this tool sets sysctls and limits only" },
	};
	const char *section = t->type ? t->type : t->o.section;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(section, known[i].section) == 0)
			return known[i].why;
	return "no sysctl; this tool sets sysctls and limits only";
}

/* Why tuned itself does not go by the line. */
static int why_not_tuned(const struct line *l, char **why)
{
	CLEANUP_FREE char *by =
		l->t->fate == TUNED_STANDS ? NULL : tuned_where(l->p, l->t->by);
	const struct tuned_option *o = by ? &l->p->v[l->t->by].o : NULL;

	if (l->t->fate == TUNED_STANDS)
		return 0;
	if (!by)
		return -ENOMEM;
	switch (l->t->fate) {
	case TUNED_COVERED:
		*why = str_format("%s sets it anew: %s",
				  l->p->files[l->p->v[l->t->by].file].name, by);
		break;
	case TUNED_TAKEN_OUT:
		*why = str_format("taken out by %s=%s: %s", o->key, o->value, by);
		break;
	case TUNED_OFF:
		*why = str_format("its section is switched off by enabled=%s: %s",
				  o->value, by);
		break;
	default:
		*why = str_format("stands under a condition: %s=%s: %s", o->key, o->value,
				  by);
	}
	return *why ? 0 : -ENOMEM;
}

/* A value that opens something, from whatever it was before. */
static const char *would_open(const struct tunable *t, const struct tunable_value *v)
{
	const char *what = t->opens ? t->opens(t->max, v->v[0]) : NULL;

	return what || !t->opens ? what : t->opens(t->min, v->v[0]);
}

static char *bad_value(const struct tunable *t, const char *text, int err)
{
	if (err == -ERANGE)
		return str_format("value out of range: %" PRIu64 " to %" PRIu64, t->min,
				  t->max);
	if (t->fields > 1)
		return str_format("value is not %u numbers: \"%s\"", t->fields, text);
	return str_format("value is not one number: \"%s\"", text);
}

/* Parses the value; *WHY: why it cannot be ours. */
static int why_not_value(struct line *l, char **why)
{
	const struct tunable *t = l->tunable;
	const char *text = l->t->value, *opens;
	int err;

	l->rule = '\0';
	if (*text == '>' || *text == '<')
		l->rule = *text++;
	text += strspn(text, " \t");
	err = tunable_parse(t, text, &l->value);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		*why = bad_value(t, text, err);
	else if (l->rule && t->fields > 1)
		*why = str_format("%c before several numbers: they have no order",
				  l->rule);
	else if ((opens = would_open(t, &l->value)))
		*why = str_format("security: would loosen %s, which opens %s: write it "
				  "by hand",
				  t->key, opens);
	else
		return 0;
	return *why ? 0 : -ENOMEM;
}

/* A line of a sysctl section. */
static int why_not_sysctl(struct line *l, char **why)
{
	const struct tuned_entry *t = l->t;
	int err;

	if (t->of_section) {
		*why = strdup(str_has_prefix(t->o.key, "script_")
				      ? "runs a program: not taken over"
				      : "is about the section: sets nothing");
		return *why ? 0 : -ENOMEM;
	}
	err = why_not_tuned(l, why);
	if (err < 0 || *why)
		return err;
	l->tunable = tunable_find(t->o.key);
	if (l->tunable && t->value)
		return why_not_value(l, why);
	if (!l->tunable)
		*why = strdup(is_moved(t->o.key)
				      ? "removed from sysctl in 5.13, moved to debugfs"
				      : "no key of this tool");
	else
		*why = strdup(strstr(t->o.value, "${f:")
				      ? "holds a function"
				      : "holds a variable that [variables] does not "
					"plainly give");
	return *why ? 0 : -ENOMEM;
}

static bool is_main(const struct tuned_entry *t, const char *key)
{
	return strcmp(t->o.section, "main") == 0 && str_eq(t->o.key, key);
}

static int why_not(struct line *l, char **why)
{
	const struct tuned_entry *t = l->t;

	if (is_main(t, "summary"))
		return why_not_tuned(l, why);
	if (t->o.key && str_eq(t->type, "sysctl"))
		return why_not_sysctl(l, why);
	if (is_main(t, "include") && t->unfollowed)
		*why = str_format("not followed: %s", t->unfollowed);
	else if (is_main(t, "include") && t->fate == TUNED_STANDS)
		*why = strdup("followed: what it sets stands here by itself");
	else
		*why = strdup(other_section(t));
	return *why ? 0 : -ENOMEM;
}

/* The profile of ours */

static void add_head(struct str *out, const char *name)
{
	CLEANUP(cleanup_str) struct str word = STR_INIT;

	str_add_word(&word, name);
	str_add(out, "# What tuned's profile ");
	report_safe(out, name);
	str_add(out, " sets and uringprep can set, too. What is left out,\n"
		     "# and why: uringprep profile import tuned ");
	report_safe(out, str_text(&word));
	out->oom |= word.oom;
}

/* A summary as a value: in quotes where a sign in it would begin a comment. */
static void add_summary(struct str *out, const char *name, const char *summary)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	CLEANUP_FREE char *plain = strdup(summary);
	const char *safe;

	if (!plain) {
		out->oom = true;
		return;
	}
	str_squeeze(plain);
	str_add(&text, "tuned's ");
	report_safe(&text, name);
	str_add(&text, ": ");
	report_safe(&text, plain);
	safe = str_text(&text);
	out->oom |= text.oom;
	if (strstr(safe, "${")) /* to a profile of ours it would be a variable */
		str_add(out, "summary=from tuned\n");
	else if (!strpbrk(safe, "#;\""))
		str_addf(out, "summary=%s\n", safe);
	else if (!strchr(safe, '"'))
		str_addf(out, "summary=\"%s\"\n", safe);
	else
		str_add(out, "summary=from tuned\n");
}

static void add_setting(struct str *out, const struct line *l)
{
	const struct tuned_file *f = &l->p->files[l->t->file];
	CLEANUP_FREE char *value = tunable_text(&l->value);
	char rule[2] = { l->rule, '\0' };

	str_add(out, "# tuned's ");
	report_safe(out, f->name);
	str_add(out, ", ");
	report_safe(out, f->path);
	str_addf(out, ":%u\n%s=%s%s\n", l->t->o.line, l->tunable->key, rule,
		 value ? value : "");
	out->oom |= !value;
}

/* Does TEXT load, with just these N settings? */
static int verify(const struct host *h, const char *text, size_t n, struct err *e)
{
	static char name[] = "imported", path[] = "the text made";
	struct host_profile draft = { name, path, NULL, strlen(text), 0 };
	CLEANUP_FREE char *copy = strdup(text);
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct host with = *h; /* only looked at, with this one profile */
	struct profile p;
	int err = copy ? strv_add(&names, name) : -ENOMEM;

	if (err < 0)
		return err_set(e, err, "out of memory");
	draft.text = copy;
	with.profiles = &draft;
	with.n_profiles = 1;
	err = profile_load(&p, &with, &names, e);
	if (err < 0)
		return err == -ENOMEM
			       ? err
			       : err_wrap(e, -EPROTO, "no profile of ours came out");
	if (p.n != n)
		err = err_set(e, -EPROTO,
			      "no profile of ours came out: %zu settings, not %zu", p.n,
			      n);
	profile_clear(&p);
	return err;
}

static int each_line(struct tuned_import *out, const struct tuned_profile *p,
		     struct str *settings, const char **summary)
{
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++) {
		struct line l = { .p = p, .t = &p->v[i] };
		struct tuned_row *row = &out->v[i];

		err = why_not(&l, &row->why);
		row->taken = !err && !row->why;
		out->n_taken += row->taken && l.tunable;
		if (row->taken && l.tunable)
			add_setting(settings, &l);
		else if (row->taken)
			*summary = l.t->o.value;
	}
	return err;
}

int tuned_import(struct tuned_import *out, const struct host *h,
		 const struct tuned_profile *p, const char *name, struct err *e)
{
	struct tuned_import found = { calloc(p->n + 1, sizeof(*found.v)), p->n, 0, NULL };
	CLEANUP(cleanup_str) struct str text = STR_INIT, settings = STR_INIT;
	const char *summary = "";
	int err = found.v ? each_line(&found, p, &settings, &summary) : -ENOMEM;

	add_head(&text, name);
	str_add(&text, "\n[main]\n");
	add_summary(&text, name, summary);
	if (found.n_taken)
		str_addf(&text, "\n[sysctl]\n%s", str_text(&settings));
	text.oom |= settings.oom;
	found.text = str_take(&text);
	if (err < 0 || !found.text)
		err = err_set(e, -ENOMEM, "out of memory");
	else
		err = verify(h, found.text, found.n_taken, e);
	if (err < 0) {
		tuned_import_clear(&found);
		return err;
	}
	*out = found;
	return 0;
}
