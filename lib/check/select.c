#include "check/select.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#define WORD_MAX 64

/* Might WORD have meant the check C? */
static bool is_close(const char *word, const struct check *c)
{
	const char *dot = strchr(c->id, '.'), *name = dot ? dot + 1 : c->id;
	size_t allowed = strlen(word) < 6 ? 1 : 2;

	return str_distance(word, c->id) <= allowed ||
	       str_distance(word, name) <= allowed ||
	       (strlen(word) > 2 && strstr(c->id, word));
}

/* The area that WORD might have meant, in AREA. */
static bool is_close_area(const char *word, const struct check *c, char area[WORD_MAX])
{
	check_area(c, area, WORD_MAX);
	return str_distance(word, area) <= 1;
}

static int no_match(const char *option, const char *word, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv close = { NULL, 0 };
	CLEANUP(cleanup_str) struct str names = STR_INIT;
	struct check_list all = check_all();
	char area[WORD_MAX];
	size_t i;
	int err = 0;

	if (!*word)
		return err_set(e, -EINVAL,
			       "--%s: an empty word: give ids, areas or globs, "
			       "separated by commas",
			       option);
	for (i = 0; i < all.n && close.n < 4 && !err; i++) {
		if (is_close_area(word, all.v[i], area)) {
			if (!strv_has(&close, area))
				err = strv_add(&close, area);
		} else if (is_close(word, all.v[i])) {
			err = strv_add(&close, all.v[i]->id);
		}
	}
	if (err)
		return err_set(e, err, "out of memory");
	for (i = 0; i < close.n; i++)
		str_addf(&names, "%s%s", i ? ", " : "", close.v[i]);
	if (close.n)
		return err_set(e, -EINVAL, "--%s %s: there is no such check; close: %s",
			       option, word, str_text(&names));
	return err_set(
		e, -EINVAL,
		"--%s %s: there is no such check; uringprep check --list names all",
		option, word);
}

/* 0: C is not meant by WORD. */
static unsigned meant(const char *word, const struct check *c)
{
	char area[WORD_MAX];

	if (strcmp(word, c->id) == 0)
		return CHECK_NAMED;
	check_area(c, area, sizeof(area));
	return strcmp(word, area) == 0 || fnmatch(word, c->id, 0) == 0 ? CHECK_ONLY : 0;
}

static int mark_word(struct check_select *s, enum check_mark mark, const char *option,
		     const char *word, struct err *e)
{
	struct check_list all = check_all();
	bool found = false;
	size_t i;

	for (i = 0; i < all.n; i++) {
		unsigned how = meant(word, all.v[i]);

		if (!how)
			continue;
		found = true;
		s->marks[i] |= mark;
		if (mark == CHECK_ONLY)
			s->marks[i] |= how;
	}
	return found ? 0 : no_match(option, word, e);
}

int check_select(struct check_select *s, enum check_mark mark, const char *option,
		 const char *list, struct err *e)
{
	int err = 0;

	s->only |= mark == CHECK_ONLY;
	while (list && !err) {
		size_t n = strcspn(list, ",");
		char word[WORD_MAX];

		if (n >= sizeof(word))
			return err_set(e, -EINVAL,
				       "--%s %.*s: no check has so long a name", option,
				       (int)n, list);
		memcpy(word, list, n);
		word[n] = '\0';
		err = mark_word(s, mark, option, word, e);
		list = list[n] ? list + n + 1 : NULL;
	}
	return err;
}

bool check_is_selected(const struct check_select *s, size_t i)
{
	return !(s->marks[i] & CHECK_LEAVE) && (!s->only || s->marks[i] & CHECK_ONLY);
}
