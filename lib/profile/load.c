#include "profile/profile.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"
#include "parse/ini.h"
#include "profile/embedded.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 8 /* of includes; a cycle is found by it */

static void setting_clear(struct setting *s)
{
	free(s->where);
}

void profile_clear(struct profile *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		setting_clear(&p->v[i]);
	for (i = 0; i < p->n_needs; i++) {
		free(p->needs[i].word);
		free(p->needs[i].where);
	}
	for (i = 0; i < LIMIT_COUNT; i++)
		free(p->limits[i].where);
	free(p->v);
	free(p->needs);
	free(p->name);
	free(p->summary);
	strv_clear(&p->units);
	*p = (struct profile){ 0 };
}

const struct setting *profile_setting(const struct profile *p, size_t k)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].tunable == &tunables[k])
			return &p->v[i];
	return NULL;
}

bool setting_is_met(const struct setting *s, const struct tunable_value *have)
{
	switch (s->rule) {
	case SETTING_RAISE:
		return have->v[0] >= s->value.v[0];
	case SETTING_LOWER:
		return have->v[0] <= s->value.v[0];
	case SETTING_EXACT:
		break;
	}
	return tunable_value_eq(have, &s->value);
}

char *setting_text(const struct setting *s)
{
	CLEANUP_FREE char *value = tunable_text(&s->value);

	return value ? str_format("%s%s",
				  s->rule == SETTING_RAISE   ? "at least "
				  : s->rule == SETTING_LOWER ? "at most "
							     : "",
				  value)
		     : NULL;
}

static bool is_name(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567"
			    "89._-",
			    *p))
			return false;
	return *name && *name != '.';
}

static int no_such(const struct host *h, const char *name, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	size_t i;

	for (i = 0; i < embedded_profiles_n; i++)
		strv_add(&names, embedded_profiles[i].name);
	for (i = 0; i < h->n_profiles; i++)
		if (!strv_has(&names, h->profiles[i].name))
			strv_add(&names, h->profiles[i].name);
	strv_sort(&names);
	for (i = 0; i < names.n; i++)
		str_addf(&text, "%s%s", i ? ", " : "", names.v[i]);
	return err_set(e, -ENOENT, "profile %s: there is none; there are %s", name,
		       str_text(&text));
}

/* A profile's text, lent, and what to call its file in messages. */
struct source {
	const char *text;
	size_t len;
	char file[320];
};

static int find(const struct host *h, const char *name, struct source *out, struct err *e)
{
	size_t i;

	for (i = 0; i < h->n_profiles; i++) {
		const struct host_profile *p = &h->profiles[i];

		if (strcmp(p->name, name) != 0)
			continue;
		*out = (struct source){ .text = p->text, .len = p->len };
		snprintf(out->file, sizeof(out->file), "%s", p->path);
		return p->text ? 0
			       : err_set(e, -EIO, "%s: cannot read: %s", p->path,
					 strerror(-p->error));
	}
	for (i = 0; i < embedded_profiles_n; i++) {
		const struct embedded *p = &embedded_profiles[i];

		if (strcmp(p->name, name) != 0)
			continue;
		*out = (struct source){ .text = p->text, .len = p->len };
		snprintf(out->file, sizeof(out->file), "%s.conf", p->name);
		return 0;
	}
	return no_such(h, name, e);
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

static int bad_value(const struct tunable *t, const char *file, const struct ini_entry *i,
		     struct err *e)
{
	if (t->fields > 1)
		return err_set(e, -EINVAL,
			       "%s:%u: %s: \"%s\" is not %u numbers from %" PRIu64
			       " to %" PRIu64 ", parted by blanks",
			       file, i->line, i->key, i->value, t->fields, t->min,
			       t->max);
	return err_set(e, -EINVAL,
		       "%s:%u: %s: \"%s\" is not a number from %" PRIu64 " to %" PRIu64
		       " (with > or < before it: raise or lower only)",
		       file, i->line, i->key, i->value, t->min, t->max);
}

static int add_sysctl(struct profile *p, const char *file, const struct ini_entry *i,
		      struct err *e)
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
		return err_set(e, -EINVAL,
			       "%s:%u: %s: not a key this tool knows; see: "
			       "uringprep-profile(5)",
			       file, i->line, i->key);
	value += rule != SETTING_EXACT;
	value += strspn(value, " \t");
	err = tunable_parse(t, value, &number);
	if (!err && rule != SETTING_EXACT && t->fields > 1)
		err = -EINVAL;
	if (err < 0)
		return bad_value(t, file, i, e);
	s = slot(p, t);
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	free(s->where);
	*s = (struct setting){ t, rule, number, str_format("%s:%u", file, i->line) };
	return s->where ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int add_require(struct profile *p, const char *file, const struct ini_entry *i,
		       struct err *e)
{
	int level;

	if (strcmp(i->key, "uring") != 0)
		return err_set(e, -EINVAL,
			       "%s:%u: %s: unknown in [require]; there is: uring", file,
			       i->line, i->key);
	for (level = URING_FULL; level >= URING_NONE; level--)
		if (strcmp(uring_level_name((enum uring_level)level), i->value) == 0)
			break;
	if (level < 0)
		return err_set(
			e, -EINVAL,
			"%s:%u: uring: \"%s\" is none of none, early, network, modern, "
			"full",
			file, i->line, i->value);
	p->level = (enum uring_level)level;
	p->uring = level == URING_NONE ? PROFILE_URING_NONE : PROFILE_URING_LEVEL;
	return 0;
}

static int load(struct profile *p, const struct host *h, const char *name, int depth,
		struct err *e);

static int add_main(struct profile *p, const struct host *h, const char *file,
		    const struct ini_entry *i, int depth, struct err *e)
{
	int err;

	if (strcmp(i->key, "summary") == 0) {
		free(p->summary);
		p->summary = strdup(i->value);
		return p->summary ? 0 : err_set(e, -ENOMEM, "out of memory");
	}
	if (strcmp(i->key, "include") != 0)
		return err_set(
			e, -EINVAL,
			"%s:%u: %s: unknown in [main]; there are: summary, include", file,
			i->line, i->key);
	if (depth >= MAX_DEPTH)
		return err_set(e, -ELOOP,
			       "%s:%u: include=%s: includes go round in a circle", file,
			       i->line, i->value);
	err = load(p, h, i->value, depth + 1, e);
	if (err == -ELOOP)
		return err; /* said where it stands; not once more for each round */
	if (err == -ENOENT || err == -EINVAL)
		err = -EBADMSG; /* the includer's mistake, not the caller's */
	return err < 0 ? err_wrap(e, err, "%s:%u: include", file, i->line) : 0;
}

static int add_all(struct profile *p, const struct host *h, const char *file,
		   const struct ini *ini, int depth, struct err *e)
{
	size_t i;
	int err = 0;

	/* Includes first, wherever they stand: the includer's own lines win. */
	for (i = 0; i < ini->n && !err; i++)
		if (strcmp(ini->v[i].section, "main") == 0 &&
		    strcmp(ini->v[i].key, "include") == 0)
			err = add_main(p, h, file, &ini->v[i], depth, e);
	for (i = 0; i < ini->n && !err; i++) {
		const struct ini_entry *entry = &ini->v[i];

		if (strcmp(entry->section, "sysctl") == 0)
			err = add_sysctl(p, file, entry, e);
		else if (strcmp(entry->section, "require") == 0)
			err = add_require(p, file, entry, e);
		else if (strcmp(entry->section, "main") != 0)
			err = err_set(
				e, -EINVAL,
				"%s:%u: [%s]: unknown section; there are: main, require, "
				"sysctl",
				file, entry->line, entry->section);
		else if (strcmp(entry->key, "include") != 0)
			err = add_main(p, h, file, entry, depth, e);
	}
	return err;
}

static int load(struct profile *p, const struct host *h, const char *name, int depth,
		struct err *e)
{
	struct source source;
	struct ini ini;
	int err;

	if (!is_name(name))
		return err_set(
			e, -EINVAL,
			"profile \"%s\": not a name: letters, digits, . _ and - only",
			name);
	err = find(h, name, &source, e);
	if (err < 0)
		return err;
	err = ini_parse(&ini, source.file, source.text, source.len, e);
	if (!err) {
		err = add_all(p, h, source.file, &ini, depth, e);
		ini_clear(&ini);
	}
	return err == -EINVAL ? -EBADMSG : err; /* the file's fault */
}

int profile_load(struct profile *out, const struct host *h, const struct strv *names,
		 struct err *e)
{
	struct profile p = { .name = strv_join(names, " ") };
	int err = p.name ? 0 : err_set(e, -ENOMEM, "out of memory");
	size_t i;

	for (i = 0; i < names->n && !err; i++)
		err = load(&p, h, names->v[i], 0, e);
	if (err < 0) {
		profile_clear(&p);
		return err;
	}
	*out = p;
	return 0;
}
