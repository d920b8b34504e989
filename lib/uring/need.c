#include "uring/need.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "uring/names.h"

#include <errno.h>
#include <string.h>

static int parse_level(const char *word, const char *name, struct uring_need *out,
		       struct err *e)
{
	int level;

	for (level = URING_EARLY; level <= URING_FULL; level++) {
		if (strcmp(uring_level_name(level), name) != 0)
			continue;
		*out = (struct uring_need){ .is_level = true, .level = level };
		return 0;
	}
	return err_set(e, -EINVAL, "%s: levels are early, network, modern and full",
		       word);
}

/* Names of KIND (or of all, where it is URING_KINDS) that hold NAME. */
static int no_such(const char *word, enum uring_kind kind, const char *name,
		   struct err *e)
{
	struct uring_names all = uring_names_all();
	CLEANUP(cleanup_str) struct str near = STR_INIT;
	size_t i, n = 0;

	for (i = 0; i < all.n && n < 6; i++) {
		const struct uring_name *v = &all.v[i];

		if (kind != URING_KINDS && v->kind != kind)
			continue;
		if (*name && (strstr(v->name, name) || strstr(name, v->name)))
			str_addf(&near, "%s%s:%s", n++ ? ", " : "",
				 uring_kind_word(v->kind), v->name);
	}
	return n ? err_set(e, -EINVAL, "%s: io_uring has no such thing; near it: %s",
			   word, near.s)
		 : err_set(e, -EINVAL,
			   "%s: io_uring has no such thing; uringprep probe names all",
			   word);
}

static int parse_kind(const char *word, enum uring_kind kind, const char *name,
		      struct uring_need *out, struct err *e)
{
	const struct uring_name *v = uring_name_find(kind, name);
	uint64_t number;

	if (v)
		number = v->number;
	else if (str_to_u64(name, 0, 255, &number) < 0)
		return no_such(word, kind, name, e);
	*out = (struct uring_need){ .kind = kind, .number = (unsigned)number };
	return 0;
}

/* A name alone is good enough where one kind has it. */
static int parse_bare(const char *word, struct uring_need *out, struct err *e)
{
	CLEANUP(cleanup_str) struct str which = STR_INIT;
	size_t n = 0;
	int kind;

	for (kind = 0; kind < URING_KINDS; kind++) {
		const struct uring_name *v = uring_name_find(kind, word);

		if (!v)
			continue;
		*out = (struct uring_need){ .kind = kind, .number = v->number };
		str_addf(&which, "%s%s:%s", n++ ? ", " : "", uring_kind_word(kind), word);
	}
	if (n > 1)
		return err_set(e, -EINVAL, "%s: is several things: %s", word,
			       str_text(&which));
	return n ? 0 : no_such(word, URING_KINDS, word, e);
}

int uring_need_parse(const char *word, struct uring_need *out, struct err *e)
{
	const char *colon = strchr(word, ':');
	size_t n = colon ? (size_t)(colon - word) : 0;
	int kind;

	if (!*word)
		return err_set(e, -EINVAL, "an empty word");
	if (!colon)
		return parse_bare(word, out, e);
	if (n == 5 && memcmp(word, "level", 5) == 0)
		return parse_level(word, colon + 1, out, e);
	for (kind = 0; kind < URING_KINDS; kind++) {
		const char *k = uring_kind_word(kind);

		if (strlen(k) == n && memcmp(word, k, n) == 0)
			return parse_kind(word, kind, colon + 1, out, e);
	}
	return err_set(e, -EINVAL,
		       "%s: before the colon: level, op, setup, feat, register, enter, "
		       "sqe or flag",
		       word);
}

enum uring_met uring_need_met(const struct uring_answers *a, const struct uring_need *n)
{
	if (!a->asked)
		return URING_MET_UNKNOWN;
	if (n->is_level)
		return uring_level(a) >= n->level ? URING_MET : URING_MISSING;
	if (uring_has(a, n->kind, n->number))
		return URING_MET;
	return uring_knows(a, n->kind, n->number) ? URING_MISSING : URING_MET_UNKNOWN;
}
