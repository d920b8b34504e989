#include "profile/lines.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "uring/need.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BETWEEN " \t," /* words of a list */

struct profile_place place_of_key(const struct reading *r, const struct ini_entry *i)
{
	return (struct profile_place){ r->file, i->line, i->column };
}

struct profile_place place_of_value(const struct reading *r, const struct ini_entry *i)
{
	return (struct profile_place){ r->file, i->line, i->value_column };
}

static int wrong_key(struct reading *r, const struct ini_entry *i, const char *text)
{
	struct profile_place at = place_of_key(r, i);

	return problem_add(r->found, PROBLEM_ERROR, "key", &at, "%s: %s", i->key, text);
}

static int wrong_value(struct reading *r, const struct ini_entry *i, const char *text)
{
	struct profile_place at = place_of_value(r, i);

	return problem_add(r->found, PROBLEM_ERROR, "value", &at, "%s: \"%s\" %s", i->key,
			   i->value, text);
}

int line_again(struct reading *r, const struct ini_entry *i,
	       const struct profile_place *had)
{
	struct profile_place at = place_of_key(r, i);

	if (had->file != r->file)
		return 0;
	return problem_add(r->found, PROBLEM_WARNING, "twice", &at,
			   "%s: line %u sets it, too: this one counts", i->key,
			   had->line);
}

static char *where_of(const struct reading *r, const struct ini_entry *i)
{
	return str_format("%s:%u", r->file, i->line);
}

static const char *last_word(const char *key)
{
	const char *dot = strrchr(key, '.');

	return dot ? dot + 1 : key;
}

/* A letter wrong, or the right name in the wrong folder. */
static bool is_near(const char *key, const char *known)
{
	return str_distance(key, known) <= 2 ||
	       strcmp(last_word(key), last_word(known)) == 0;
}

static int unknown_sysctl(struct reading *r, const struct ini_entry *i)
{
	CLEANUP(cleanup_str) struct str near = STR_INIT;
	CLEANUP_FREE char *key = strdup(i->key), *text = NULL;
	unsigned n = 0;
	size_t k;
	char *p;

	if (!key)
		return -ENOMEM;
	for (p = key; *p; p++)
		*p = *p == '/' ? '.' : *p;
	for (k = 0; k < TUNABLE_COUNT && n < 3; k++)
		if (is_near(key, tunables[k].key))
			str_addf(&near, "%s%s", n++ ? ", " : "", tunables[k].key);
	text = n ? str_format("not a key this tool knows; near it: %s", str_text(&near))
		 : strdup("not a key this tool knows; see: uringprep-profile(5)");
	return text ? wrong_key(r, i, text) : -ENOMEM;
}

/* A later line for a key takes the place of the earlier one. */
static struct setting *slot(struct profile *p, const struct tunable *t)
{
	struct setting *v;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].tunable == t)
			return &p->v[i];
	v = realloc(p->v, (p->n + 1) * sizeof(*v));
	if (!v)
		return NULL;
	p->v = v;
	v[p->n] = (struct setting){ .tunable = t };
	return &v[p->n++];
}

static int bad_number(struct reading *r, const struct tunable *t,
		      const struct ini_entry *i, enum setting_rule rule)
{
	CLEANUP_FREE char *text = NULL;

	if (t->fields == 1)
		text = str_format("is not a number from %" PRIu64 " to %" PRIu64
				  " (with > or < before it: raise or lower only)",
				  t->min, t->max);
	else
		text = str_format(
			"is not %u numbers from %" PRIu64 " to %" PRIu64
			", parted by blanks%s",
			t->fields, t->min, t->max,
			rule == SETTING_EXACT ? "" : " (> and < are for single numbers)");
	return text ? wrong_value(r, i, text) : -ENOMEM;
}

/* The kernel reads 010 as 8. */
static bool has_octal(const char *text)
{
	const char *p;

	for (p = text; *p; p++)
		if (*p == '0' && isdigit((unsigned char)p[1]) &&
		    (p == text || !isdigit((unsigned char)p[-1])))
			return true;
	return false;
}

int line_sysctl(struct reading *r, const struct ini_entry *i)
{
	const struct tunable *t = tunable_find(i->key);
	const char *value = i->value;
	enum setting_rule rule = *value == '>'	 ? SETTING_RAISE
				 : *value == '<' ? SETTING_LOWER
						 : SETTING_EXACT;
	struct tunable_value number;
	struct setting *s;
	int err;

	if (!t)
		return unknown_sysctl(r, i);
	if (has_octal(value))
		return wrong_value(r, i, "has a leading 0: the kernel reads it as octal");
	value += rule != SETTING_EXACT;
	value += strspn(value, " \t");
	err = tunable_parse(t, value, &number);
	if (err == -ENOMEM)
		return err;
	if (err < 0 || (rule != SETTING_EXACT && t->fields > 1))
		return bad_number(r, t, i, rule);
	s = slot(r->p, t);
	err = s ? line_again(r, i, &s->at) : -ENOMEM;
	if (err < 0)
		return err;
	free(s->where);
	*s = (struct setting){ t, rule, number, where_of(r, i), place_of_value(r, i) };
	return s->where ? 0 : -ENOMEM;
}

/* What Linux gives a process as its soft limit, and the greatest fs.nr_open. */
enum { NOFILE_LEAST = 1024 };
#define NOFILE_MOST 2147483584u
/* A page; limits.d counts in KiB. */
enum { KIB = 1024, MEMLOCK_LEAST = 4096 };

/* "64M" in bytes: 0 or -EINVAL. */
static int parse_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMGT";
	size_t n = strspn(text, "0123456789");
	const char *unit = text[n] ? strchr(units, text[n]) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	char digits[24];

	if (n >= sizeof(digits) || (text[n] && (!unit || text[n + 1])))
		return -EINVAL;
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (str_to_u64(digits, 0, (uint64_t)INT64_MAX >> shift, out) < 0)
		return -EINVAL;
	*out <<= shift;
	return 0;
}

static int limit_value(struct reading *r, const struct ini_entry *i, bool bytes,
		       uint64_t *out)
{
	if (*i->value == '>' || *i->value == '<')
		return wrong_value(
			r, i,
			"raises or lowers: a limit is for programs that are "
			"not started yet, so there is nothing to compare with: "
			"give the value alone");
	if (!bytes && strcmp(i->value, "unlimited") == 0)
		return wrong_value(r, i,
				   "is more than the kernel takes: fs.nr_open is the "
				   "most (1048576, unless it is raised)");
	if (!bytes)
		return str_to_u64(i->value, NOFILE_LEAST, NOFILE_MOST, out) < 0
			       ? wrong_value(r, i,
					     "is not a number from 1024 to 2147483584")
			       : 1;
	if (strcmp(i->value, "unlimited") == 0) {
		*out = UINT64_MAX;
		return 1;
	}
	if (parse_size(i->value, out) < 0 || *out < MEMLOCK_LEAST || *out % KIB)
		return wrong_value(r, i,
				   "is not a size: bytes, or a number with K, M, G or T "
				   "behind it, of at least 4K, in whole K; or unlimited");
	return 1;
}

static bool is_unit(const char *name)
{
	static const char may[] = LETTERS "0123456789:_.-\\@";
	const char *at = strchr(name, '@');

	return *name && *name != '.' && at != name && !name[strspn(name, may)] &&
	       strlen(name) < 256;
}

/* nginx.service of "nginx"; NULL: no name of a service (or no memory, *ERR says). */
static char *unit_name(const char *word, int *err)
{
	static const char *const others[] = { ".socket", ".timer",    ".slice", ".scope",
					      ".target", ".mount",    ".path",	".swap",
					      ".device", ".automount" };
	bool whole = str_has_suffix(word, ".service");
	char *name;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++)
		if (str_has_suffix(word, others[i]))
			return NULL;
	name = str_format("%s%s", word, whole ? "" : ".service");
	*err = name ? 0 : -ENOMEM;
	if (name && (!is_unit(name) || strcmp(word, ".service") == 0)) {
		free(name);
		return NULL;
	}
	return name;
}

static int add_unit(struct reading *r, const struct ini_entry *i, const char *word,
		    struct strv *units)
{
	int err = 0;
	CLEANUP_FREE char *name = unit_name(word, &err);
	CLEANUP_FREE char *text = NULL;

	if (err < 0)
		return err;
	if (name)
		return strv_has(units, name) ? 0 : strv_add(units, name);
	text = str_format("names \"%s\", which is no service: give names such as "
			  "nginx.service, web@.service or web@1.service",
			  word);
	return text ? wrong_value(r, i, text) : -ENOMEM;
}

static int limit_units(struct reading *r, const struct ini_entry *i)
{
	CLEANUP(cleanup_strv) struct strv words = { NULL, 0 };
	struct strv units = { NULL, 0 };
	int err = strv_split(&words, i->value, BETWEEN);
	size_t k;

	if (!err)
		err = line_again(r, i, &r->p->units_at);
	if (!err && !words.n)
		err = wrong_value(r, i, "names no unit");
	for (k = 0; k < words.n && !err; k++)
		err = add_unit(r, i, words.v[k], &units);
	strv_clear(&r->p->units);
	r->p->units = units;
	r->p->units_at = place_of_value(r, i);
	return err;
}

int line_limits(struct reading *r, const struct ini_entry *i)
{
	struct limit_setting *l;
	int k, err;

	if (strcmp(i->key, "units") == 0)
		return limit_units(r, i);
	for (k = 0; k < LIMIT_COUNT; k++)
		if (strcmp(i->key, limit_name((enum profile_limit)k)) == 0)
			break;
	if (k == LIMIT_COUNT)
		return wrong_key(
			r, i, "unknown in [limits]; there are: memlock, nofile, units");
	l = &r->p->limits[k];
	err = limit_value(r, i, k == LIMIT_MEMLOCK, &l->value);
	if (err <= 0)
		return err;
	err = line_again(r, i, &l->at);
	free(l->where);
	l->where = where_of(r, i);
	l->at = place_of_value(r, i);
	return l->where ? err : -ENOMEM;
}

static int require_level(struct reading *r, const struct ini_entry *i)
{
	struct profile *p = r->p;
	int level, err;

	for (level = URING_FULL; level >= URING_NONE; level--)
		if (strcmp(uring_level_name((enum uring_level)level), i->value) == 0)
			break;
	if (level < 0)
		return wrong_value(r, i, "is none of none, early, network, modern, full");
	err = line_again(r, i, &p->level_at);
	p->level = (enum uring_level)level;
	p->uring = level == URING_NONE ? PROFILE_URING_NONE : PROFILE_URING_LEVEL;
	p->level_at = place_of_value(r, i);
	return err;
}

static void forget_needs(struct profile *p)
{
	for (; p->n_needs; p->n_needs--) {
		free(p->needs[p->n_needs - 1].word);
		free(p->needs[p->n_needs - 1].where);
	}
}

static int add_need(struct reading *r, const struct ini_entry *i, const char *word)
{
	struct profile *p = r->p;
	struct profile_need *v;
	struct uring_need need;
	struct err e = { "" };
	int err = uring_need_parse(word, &need, &e);

	if (err == -EINVAL) {
		struct profile_place at = place_of_value(r, i);

		return problem_add(r->found, PROBLEM_ERROR, "value", &at, "needs: %s",
				   e.msg);
	}
	v = err ? NULL : realloc(p->needs, (p->n_needs + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->needs = v;
	v += p->n_needs++;
	*v = (struct profile_need){ strdup(word), where_of(r, i), place_of_value(r, i) };
	return v->word && v->where ? 0 : -ENOMEM;
}

static int require_needs(struct reading *r, const struct ini_entry *i)
{
	CLEANUP(cleanup_strv) struct strv words = { NULL, 0 };
	int err = strv_split(&words, i->value, BETWEEN);
	size_t k;

	if (!err && r->p->n_needs)
		err = line_again(r, i, &r->p->needs[0].at);
	forget_needs(r->p);
	if (!err && !words.n)
		err = wrong_value(r, i, "names nothing");
	for (k = 0; k < words.n && !err; k++)
		err = add_need(r, i, words.v[k]);
	return err;
}

int line_require(struct reading *r, const struct ini_entry *i)
{
	if (strcmp(i->key, "uring") == 0)
		return require_level(r, i);
	if (strcmp(i->key, "needs") == 0)
		return require_needs(r, i);
	return wrong_key(r, i, "unknown in [require]; there are: uring, needs");
}
