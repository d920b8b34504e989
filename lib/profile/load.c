/* load: files, what they include, and their sections. */
#include "profile/profile.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"
#include "profile/find.h"
#include "profile/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

struct loading {
	struct profile *p;
	const struct host *h;
	const struct profile_draft *draft;
	struct problems *found;
};

/* A file whose includes are being read, and who includes it. */
struct frame {
	const char *name;
	enum profile_tier tier;
	unsigned depth;
	const struct frame *up;
};

/* Values that would be taken otherwise than tuned takes them, or than was meant. */
static const char *odd_value(const struct ini_entry *i)
{
	size_t n = strlen(i->value);
	const char *p;

	if (strchr(i->value, '\n'))
		return "the value goes on over several lines: write it on one";
	if (strstr(i->value, "${"))
		return "variables are not supported: write the value itself";
	if (strcmp(i->section, "main") == 0 || !n)
		return NULL;
	if (*i->value == '\'')
		return "single quotes are part of a value: use none, or \"\"";
	if (*i->value == '"' || i->value[n - 1] == '"')
		return "a quote is not closed, or does not hold the whole value";
	for (p = strchr(i->value, ';'); p; p = strchr(p + 1, ';'))
		if (p == i->value || p[-1] == ' ' || p[-1] == '\t')
			return "; begins a comment only at the start of a line: use #";
	return NULL;
}

static int set_summary(struct reading *r, const struct ini_entry *i)
{
	free(r->p->summary);
	r->p->summary = strdup(i->value);
	return r->p->summary ? 0 : -ENOMEM;
}

static int add_line(struct reading *r, const struct ini_entry *i)
{
	const char *odd = odd_value(i);
	struct profile_place at = place_of_value(r, i), key = place_of_key(r, i);

	if (odd)
		return problem_add(r->found, PROBLEM_ERROR, "syntax", &at, "%s: %s",
				   i->key, odd);
	if (strcmp(i->section, "sysctl") == 0)
		return line_sysctl(r, i);
	if (strcmp(i->section, "limits") == 0)
		return line_limits(r, i);
	if (strcmp(i->section, "require") == 0)
		return line_require(r, i);
	if (strcmp(i->section, "main") != 0)
		return problem_add(r->found, PROBLEM_ERROR, "key", &key,
				   "[%s]: unknown section; there are: main, sysctl, "
				   "limits, require",
				   i->section);
	if (strcmp(i->key, "summary") == 0)
		return set_summary(r, i);
	if (strcmp(i->key, "include") == 0)
		return 0; /* was taken first */
	return problem_add(r->found, PROBLEM_ERROR, "key", &key,
			   "%s: unknown in [main]; there are: summary, include", i->key);
}

/* 1: found; 0: there is none; -ELOOP: only files that are being read; or -ENOMEM. A profile
 * of /etc that includes its own name means the one in the binary. */
static int find(struct loading *l, const char *name, const struct frame *up,
		struct profile_found *out, enum profile_tier *tier)
{
	const struct frame *f;
	bool round = false;
	int err = 0, t;

	for (t = 0; t < TIER_COUNT && !err; t++) {
		for (f = up; f; f = f->up)
			if ((int)f->tier == t && strcmp(f->name, name) == 0)
				break;
		*tier = (enum profile_tier)t;
		round |= f != NULL;
		if (!f)
			err = profile_find(l->h, l->draft, name, *tier, out);
	}
	return err || !round ? err : -ELOOP;
}

static int load_file(struct loading *l, const struct frame *at,
		     const struct profile_found *file, const char *by);

/* "b -> a" for what stands over F, then NAME. */
static void add_round(struct str *out, const struct frame *f, const char *name)
{
	if (f->up && strcmp(f->name, name) != 0)
		add_round(out, f->up, name);
	str_addf(out, "%s -> ", f->name);
}

static int wrong_include(struct loading *l, const struct profile_place *at,
			 const char *name, const char *why)
{
	return problem_add(l->found, PROBLEM_ERROR, "include", at, "include=%s: %s", name,
			   why);
}

static int round_include(struct loading *l, const struct profile_place *at,
			 const char *name, const struct frame *up)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	str_add(&text, "includes go round in a circle: ");
	add_round(&text, up, name);
	str_add(&text, name);
	return text.oom ? -ENOMEM : wrong_include(l, at, name, text.s);
}

/* A file is taken once, where it is first included (as tuned does). */
static bool is_read(const struct profile *p, const char *file)
{
	size_t i;

	for (i = 0; i < p->n_sources; i++)
		if (strcmp(p->sources[i].file, file) == 0)
			return true;
	return false;
}

static int include_found(struct loading *l, const struct profile_place *at,
			 const struct frame *f, const struct profile_found *file)
{
	CLEANUP_FREE char *by = NULL, *why = NULL;

	if (file->error) {
		why = str_format("%s: cannot read: %s", file->file,
				 strerror(-file->error));
		return why ? wrong_include(l, at, f->name, why) : -ENOMEM;
	}
	if (f->depth > MAX_DEPTH)
		return wrong_include(l, at, f->name, "includes go too deep");
	if (is_read(l->p, file->file))
		return 0;
	by = str_format("%s:%u", at->file, at->line);
	return by ? load_file(l, f, file, by) : -ENOMEM;
}

static int include_one(struct loading *l, const struct profile_place *at,
		       const char *name, const struct frame *up)
{
	bool may_lack = *name == '-';
	struct frame f = { name + may_lack, TIER_ETC, up->depth + 1, up };
	struct profile_found file = { NULL, 0, NULL, 0 };
	CLEANUP_FREE char *why = NULL;
	int err;

	if (!profile_is_name(f.name))
		return wrong_include(l, at, name,
				     "not a name: letters, digits, . _ and - only; "
				     "several are parted by commas");
	err = find(l, f.name, up, &file, &f.tier);
	if (err == -ELOOP)
		return round_include(l, at, f.name, up);
	if (err == 0 && may_lack)
		return 0;
	if (err == 0) {
		why = profile_no_such(l->h);
		return why ? wrong_include(l, at, name, why) : -ENOMEM;
	}
	if (err > 0)
		err = include_found(l, at, &f, &file);
	free(file.file);
	return err;
}

static int include_all(struct loading *l, struct reading *r, const struct ini *ini,
		       const struct frame *up)
{
	const struct ini_entry *last = NULL;
	struct profile_place at = { NULL, 0, 0 };
	CLEANUP_FREE char *copy = NULL;
	char *name, *save = NULL;
	int err = 0;
	size_t i;

	for (i = 0; i < ini->n && !err; i++) {
		const struct ini_entry *v = &ini->v[i];

		if (strcmp(v->section, "main") || strcmp(v->key, "include"))
			continue;
		if (last)
			err = line_again(r, v, &at);
		last = v;
		at = place_of_value(r, v);
	}
	if (err < 0 || !last || odd_value(last))
		return err;
	copy = strdup(last->value);
	name = copy ? strtok_r(copy, ",;", &save) : NULL;
	if (!name)
		return copy ? wrong_include(l, &at, "", "names no profile") : -ENOMEM;
	for (; name && !err; name = strtok_r(NULL, ",;", &save))
		err = include_one(l, &at, str_trim(name), up);
	return err;
}

static int add_source(struct loading *l, const struct frame *at,
		      const struct profile_found *file, const char *by, const char **lent)
{
	struct profile *p = l->p;
	struct profile_source *v = realloc(p->sources, (p->n_sources + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	p->sources = v;
	v += p->n_sources++;
	*v = (struct profile_source){ strdup(at->name), strdup(file->file),
				      by ? strdup(by) : NULL, at->tier == TIER_BINARY,
				      file->text };
	*lent = v->file;
	return v->name && v->file && (v->by || !by) ? 0 : -ENOMEM;
}

static int load_file(struct loading *l, const struct frame *at,
		     const struct profile_found *file, const char *by)
{
	struct reading r = { l->p, l->found, NULL };
	struct ini ini = { NULL, 0, NULL, 0 };
	size_t i;
	int err = add_source(l, at, file, by, &r.file);

	if (!err)
		err = ini_read(&ini, file->text, file->len);
	for (i = 0; i < ini.n_bad && !err; i++) {
		struct profile_place place = { r.file, ini.bad[i].line,
					       ini.bad[i].column };

		err = problem_add(l->found, PROBLEM_ERROR, "syntax", &place, "%s",
				  ini.bad[i].text);
	}
	/* Includes first, wherever they stand: the includer's own lines win. */
	if (!err)
		err = include_all(l, &r, &ini, at);
	for (i = 0; i < ini.n && !err; i++)
		err = add_line(&r, &ini.v[i]);
	ini_clear(&ini);
	return err;
}

static int load_named(struct loading *l, const char *name, struct err *e)
{
	struct frame f = { name, TIER_ETC, 0, NULL };
	struct profile_found file = { NULL, 0, NULL, 0 };
	CLEANUP_FREE char *why = NULL;
	int err;

	if (!profile_is_name(name))
		return err_set(
			e, -EINVAL,
			"profile \"%s\": not a name: letters, digits, . _ and - only",
			name);
	err = find(l, name, NULL, &file, &f.tier);
	if (err == 0) {
		why = profile_no_such(l->h);
		return why ? err_set(e, -ENOENT, "profile %s: %s", name, why) : -ENOMEM;
	}
	if (err > 0 && file.error) {
		struct profile_place at = { file.file, 0, 0 };

		err = problem_add(l->found, PROBLEM_ERROR, "read", &at, "cannot read: %s",
				  strerror(-file.error));
	} else if (err > 0) {
		err = load_file(l, &f, &file, NULL);
	}
	free(file.file);
	return err;
}

/* What only the whole can get wrong. */
static int judge_whole(const struct profile *p, struct problems *found)
{
	if (p->uring == PROFILE_URING_NONE && p->n_needs)
		return problem_add(found, PROBLEM_ERROR, "value", &p->needs[0].at,
				   "needs: %s is wanted of io_uring, and %s:%u says "
				   "uring=none",
				   p->needs[0].word, p->level_at.file, p->level_at.line);
	return 0;
}

int profile_read(struct profile *out, const struct host *h, const struct strv *names,
		 const struct profile_draft *draft, struct problems *found, struct err *e)
{
	struct profile p = { .name = strv_join(names, " ") };
	struct loading l = { &p, h, draft, found };
	int err = p.name ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < names->n && !err; i++)
		err = load_named(&l, names->v[i], e);
	if (!err)
		err = judge_whole(&p, found);
	if (err < 0) {
		profile_clear(&p);
		return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
	}
	*out = p;
	return 0;
}

int profile_load(struct profile *out, const struct host *h, const struct strv *names,
		 struct err *e)
{
	CLEANUP(cleanup_problems) struct problems found = { NULL, 0 };
	int err = profile_read(out, h, names, NULL, &found, e);
	const struct problem *first = err ? NULL : problems_error(&found);
	CLEANUP_FREE char *where = NULL;

	if (!first)
		return err;
	where = problem_where(first);
	err_set(e, 0, "%s: %s", where ? where : "", first->text);
	profile_clear(out);
	return -EBADMSG;
}
