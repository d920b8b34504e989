/* Runtimes give rules to libseccomp in their order, where a rule without conditions hides
 * every later one of the same call, whatever the action: so a rule that denies must lose
 * the name, and one that lets through on conditions is widened by one without. */
#include "parse/ociseccomp.h"

#include "base/cleanup.h"
#include "parse/jsontext.h"

#include <errno.h>
#include <string.h>

enum { MAX_PROFILE = 1024 * 1024 };

static const char *const calls[] = {
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
};

static const struct action {
	const char *name;
	bool lets; /* the call is done */
} actions[] = {
	{ "SCMP_ACT_ALLOW", true },   { "SCMP_ACT_LOG", true },
	{ "SCMP_ACT_ERRNO", false },  { "SCMP_ACT_KILL", false },
	{ "SCMP_ACT_TRAP", false },   { "SCMP_ACT_KILL_THREAD", false },
	{ "SCMP_ACT_TRACE", false },  { "SCMP_ACT_KILL_PROCESS", false },
	{ "SCMP_ACT_NOTIFY", false },
};

struct profile {
	struct jsontext j;
	const char *name; /* for messages */
	const struct action *by_default;
	size_t syscalls; /* the array, or null; 0: there is none */
	bool allowed[ARRAY_SIZE(calls)];
	struct err *e;
};

/* One object of "syscalls". */
struct rule {
	const struct action *action;
	size_t names; /* an array, or one string */
	bool conditional;
};

#define FOR_EACH(p, i, parent)                                                           \
	for (i = parent + 1; i < (p)->j.v[parent].next; i = (p)->j.v[i].next)

static enum jsontext_type type_of(const struct profile *p, size_t at)
{
	return p->j.v[at].type;
}

/* Which of our calls string AT is; -1: none. */
static int call_of(const struct profile *p, size_t at)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (jsontext_is(&p->j, at, calls[i]))
			return (int)i;
	return -1;
}

/* OBJ's KEY; 0 when there is none, -EINVAL when there are two: which one counts is the
 * reader's choice. */
static int get(const struct profile *p, size_t obj, const char *key, size_t *at)
{
	size_t n;

	*at = 0;
	n = jsontext_find(&p->j, obj, key, at);
	return n > 1 ? err_set(p->e, -EINVAL, "\"%s\" stands twice", key) : 0;
}

static int get_action(const struct profile *p, size_t obj, const char *key,
		      const struct action **out)
{
	CLEANUP(cleanup_str) struct str word = STR_INIT;
	size_t at, i;
	int err = get(p, obj, key, &at);

	if (err < 0)
		return err;
	if (!at || type_of(p, at) != JSONTEXT_STRING)
		return err_set(p->e, -EINVAL, "it has no \"%s\"", key);
	for (i = 0; i < ARRAY_SIZE(actions); i++)
		if (jsontext_is(&p->j, at, actions[i].name)) {
			*out = &actions[i];
			return 0;
		}
	jsontext_string(&p->j, at, &word);
	return err_set(p->e, -EINVAL, "\"%s\": %.80s is no action that is known", key,
		       str_text(&word));
}

/* Null, "", [], {}, or nothing but such in it. */
static bool is_empty(const struct profile *p, size_t at)
{
	size_t i;

	switch (type_of(p, at)) {
	case JSONTEXT_NULL:
		return true;
	case JSONTEXT_STRING:
		return p->j.v[at].to - p->j.v[at].from == 2;
	case JSONTEXT_ARRAY:
		return p->j.v[at].next == at + 1;
	case JSONTEXT_OBJECT:
		for (i = at + 1; i < p->j.v[at].next; i = p->j.v[i + 1].next)
			if (!is_empty(p, i + 1))
				return false;
		return true;
	default:
		return false;
	}
}

/* "args" narrows a rule to some arguments, "includes" and "excludes" to some capabilities,
 * architectures and kernels. */
static int get_conditions(const struct profile *p, size_t obj, bool *conditional)
{
	static const char *const keys[] = { "args", "includes", "excludes" };
	size_t i, at;
	int err;

	*conditional = false;
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		err = get(p, obj, keys[i], &at);
		if (err < 0)
			return err;
		if (at && !is_empty(p, at))
			*conditional = true;
	}
	return 0;
}

/* "names", or "name" as docker had it before 17.05. */
static int get_names(const struct profile *p, size_t obj, size_t *names)
{
	size_t one, i;
	int err = get(p, obj, "names", names);

	if (!err)
		err = get(p, obj, "name", &one);
	if (err < 0)
		return err;
	if (one && !is_empty(p, one)) {
		if (type_of(p, one) != JSONTEXT_STRING)
			return err_set(p->e, -EINVAL, "\"name\" is no string");
		if (*names && !is_empty(p, *names))
			return err_set(p->e, -EINVAL, "it has \"name\" and \"names\"");
		*names = one;
		return 0;
	}
	if (!*names || type_of(p, *names) != JSONTEXT_ARRAY)
		return err_set(p->e, -EINVAL, "it has no list \"names\"");
	FOR_EACH(p, i, *names)
	if (type_of(p, i) != JSONTEXT_STRING)
		return err_set(p->e, -EINVAL, "\"names\" holds what is no string");
	return 0;
}

static int get_rule(const struct profile *p, size_t obj, struct rule *out)
{
	int err;

	if (type_of(p, obj) != JSONTEXT_OBJECT)
		return err_set(p->e, -EINVAL, "it is no object");
	err = get_action(p, obj, "action", &out->action);
	if (!err)
		err = get_names(p, obj, &out->names);
	if (!err)
		err = get_conditions(p, obj, &out->conditional);
	return err;
}

/* How many names a rule has, and how many of them are ours. */
static size_t count_names(const struct profile *p, size_t names, size_t *ours)
{
	size_t n = 0, i;

	*ours = 0;
	if (type_of(p, names) == JSONTEXT_STRING) {
		*ours = call_of(p, names) >= 0;
		return 1;
	}
	FOR_EACH(p, i, names)
	{
		n++;
		*ours += call_of(p, i) >= 0;
	}
	return n;
}

static int note_edit(struct ociseccomp *o, const struct profile *p, size_t number,
		     const struct rule *r, bool whole)
{
	struct ociseccomp_edit *edits = realloc(o->edits,
						(o->n_edits + 1) * sizeof(*edits)),
			       *new;
	size_t i;
	int err = 0;

	if (!edits)
		return -ENOMEM;
	o->edits = edits;
	new = &edits[o->n_edits++];
	*new = (struct ociseccomp_edit){ number, r->action->name, { NULL, 0 }, whole };
	if (type_of(p, r->names) == JSONTEXT_STRING)
		return strv_add(&new->removed, calls[call_of(p, r->names)]);
	FOR_EACH(p, i, r->names)
	if (!err && call_of(p, i) >= 0)
		err = strv_add(&new->removed, calls[call_of(p, i)]);
	return err;
}

/* What rule NUMBER does with the calls. */
static int judge_rule(struct ociseccomp *o, struct profile *p, size_t obj, size_t number)
{
	struct rule r;
	size_t n, ours, i;
	int err = get_rule(p, obj, &r);

	if (err < 0)
		return err_wrap(p->e, err, "%s: no seccomp profile: syscalls[%zu]",
				p->name, number);
	n = count_names(p, r.names, &ours);
	if (!ours)
		return 0;
	if (!r.action->lets)
		return note_edit(o, p, number, &r, ours == n);
	if (r.conditional)
		return 0;
	if (type_of(p, r.names) == JSONTEXT_STRING)
		p->allowed[call_of(p, r.names)] = true;
	else
		FOR_EACH(p, i, r.names)
	if (call_of(p, i) >= 0)
		p->allowed[call_of(p, i)] = true;
	return 0;
}

static int judge(struct ociseccomp *o, struct profile *p)
{
	size_t i, number = 0;
	int err;

	if (type_of(p, 0) != JSONTEXT_OBJECT)
		return err_set(p->e, -EINVAL, "%s: no seccomp profile: it is no object",
			       p->name);
	err = get_action(p, 0, "defaultAction", &p->by_default);
	if (!err)
		err = get(p, 0, "syscalls", &p->syscalls);
	if (!err && p->syscalls && type_of(p, p->syscalls) != JSONTEXT_ARRAY &&
	    type_of(p, p->syscalls) != JSONTEXT_NULL)
		err = err_set(p->e, -EINVAL, "\"syscalls\" is no list");
	if (err < 0)
		return err_wrap(p->e, err, "%s: no seccomp profile", p->name);
	if (!p->syscalls || type_of(p, p->syscalls) == JSONTEXT_NULL)
		return 0;
	FOR_EACH(p, i, p->syscalls)
	{
		err = judge_rule(o, p, i, number++);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The text being written: AT is how far it was copied. */
struct editor {
	const struct profile *p;
	struct str out;
	size_t at;
};

static void copy_until(struct editor *ed, size_t until)
{
	str_addn(&ed->out, ed->p->j.text + ed->at, until - ed->at);
	ed->at = until;
}

/* Is value AT, a name or a rule, to go? The rules were read without error before. */
static bool goes(const struct profile *p, size_t at)
{
	size_t ours;
	struct rule r;

	if (type_of(p, at) == JSONTEXT_STRING)
		return call_of(p, at) >= 0;
	get_rule(p, at, &r);
	return !r.action->lets && count_names(p, r.names, &ours) == ours && ours;
}

static void edit_list(struct editor *ed, size_t list, const char *more);

/* The names out of a rule that stays. */
static void edit_rule(struct editor *ed, size_t at)
{
	struct rule r;

	if (type_of(ed->p, at) != JSONTEXT_OBJECT)
		return;
	get_rule(ed->p, at, &r);
	if (!r.action->lets && type_of(ed->p, r.names) == JSONTEXT_ARRAY)
		edit_list(ed, r.names, "");
}

/* Copy LIST without what goes, with MORE at its end, and its commas right. */
static void edit_list(struct editor *ed, size_t list, const char *more)
{
	const struct jsontext_value *v = ed->p->j.v;
	size_t i, kept = 0, last = 0;

	FOR_EACH(ed->p, i, list)
	{
		last = i;
		if (!goes(ed->p, i))
			kept = i;
	}
	FOR_EACH(ed->p, i, list)
	{
		if (!goes(ed->p, i)) {
			edit_rule(ed, i);
		} else if (i < kept) {
			copy_until(ed, v[i].from);
			ed->at = v[v[i].next].from;
		}
	}
	if (kept)
		copy_until(ed, v[kept].to);
	else
		copy_until(ed, last ? v[list + 1].from : v[list].from + 1);
	if (kept && *more) {
		/* On a line of its own where its neighbours stand so. */
		str_addc(&ed->out, ',');
		str_addn(&ed->out, ed->p->j.text + v[list].from + 1,
			 v[list + 1].from - v[list].from - 1);
	}
	str_add(&ed->out, more);
	if (last)
		ed->at = v[last].to;
}

/* The rule that lets through what no rule does; empty when all is. */
static int make_rule(struct ociseccomp *o, const struct profile *p, struct str *rule)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (p->allowed[i] || p->by_default->lets)
			continue;
		str_addf(rule, "%s\"%s\"", rule->len ? ", " : "{ \"names\": [", calls[i]);
		if (strv_add(&o->added, calls[i]) < 0)
			return -ENOMEM;
	}
	if (rule->len)
		str_add(rule, "], \"action\": \"SCMP_ACT_ALLOW\", "
			      "\"comment\": \"io_uring, let through by uringprep\" }");
	return 0;
}

static int edit(struct ociseccomp *o, const struct profile *p, size_t len)
{
	CLEANUP(cleanup_str) struct str rule = STR_INIT;
	struct editor ed = { p, STR_INIT, 0 };
	const struct jsontext_value *v = p->j.v;
	int err = make_rule(o, p, &rule);

	if (err < 0)
		return err;
	if (p->syscalls && type_of(p, p->syscalls) == JSONTEXT_ARRAY) {
		edit_list(&ed, p->syscalls, str_text(&rule));
	} else if (rule.len && p->syscalls) {
		copy_until(&ed, v[p->syscalls].from);
		str_addf(&ed.out, "[%s]", rule.s);
		ed.at = v[p->syscalls].to;
	} else if (rule.len) {
		copy_until(&ed, v[1].from);
		str_addf(&ed.out, "\"syscalls\": [%s],", rule.s);
		str_addn(&ed.out, p->j.text + v[0].from + 1, v[1].from - v[0].from - 1);
	}
	copy_until(&ed, len);
	o->text = str_take(&ed.out);
	return o->text && !rule.oom ? 0 : -ENOMEM;
}

int ociseccomp_allow(struct ociseccomp *out, const char *name, const char *text,
		     size_t len, struct err *e)
{
	struct profile p = { .name = name, .e = e };
	int err;

	*out = (struct ociseccomp){ .text = NULL };
	if (len > MAX_PROFILE)
		return err_set(e, -EFBIG, "%s: too large for a seccomp profile", name);
	err = jsontext_parse(&p.j, name, text, len, e);
	if (!err)
		err = judge(out, &p);
	if (!err)
		err = edit(out, &p, len);
	if (!err)
		out->default_action = p.by_default->name;
	jsontext_clear(&p.j);
	if (err < 0)
		ociseccomp_clear(out);
	return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
}

void ociseccomp_clear(struct ociseccomp *o)
{
	size_t i;

	free(o->text);
	strv_clear(&o->added);
	for (i = 0; i < o->n_edits; i++)
		strv_clear(&o->edits[i].removed);
	free(o->edits);
	*o = (struct ociseccomp){ .text = NULL };
}
