#include "parse/flatten.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAX_KEY = 512 };

struct walk {
	const struct jsontext *j;
	const char *const *without;
	flatten_take *take;
	void *data;
	struct str key;
};

static int walk_value(struct walk *w, size_t at);

static bool is_scalar(const struct walk *w, size_t at)
{
	return w->j->v[at].type < JSONTEXT_ARRAY;
}

static void add_scalar(const struct jsontext *j, size_t at, struct str *out)
{
	if (j->v[at].type == JSONTEXT_STRING)
		jsontext_string(j, at, out);
	else
		str_addn(out, j->text + j->v[at].from, j->v[at].to - j->v[at].from);
}

static int take_text(struct walk *w, enum jsontext_type type, const struct str *value)
{
	return value->oom || w->key.oom
		       ? -ENOMEM
		       : w->take(w->data, str_text(&w->key), type, str_text(value));
}

/* The value at AT under the key as it is with TAIL, which is gone again afterwards. */
static int walk_under(struct walk *w, const char *tail, size_t at)
{
	size_t len = w->key.len;
	int err = -E2BIG;

	str_add(&w->key, tail);
	if (w->key.len <= MAX_KEY)
		err = walk_value(w, at);
	w->key.len = len;
	if (w->key.s)
		w->key.s[len] = '\0';
	return err;
}

static bool is_left_out(const struct walk *w, size_t key)
{
	const char *const *one;

	for (one = w->without; one && *one; one++)
		if (jsontext_is(w->j, key, *one))
			return true;
	return false;
}

static int walk_object(struct walk *w, size_t at)
{
	const struct jsontext *j = w->j;
	size_t i;
	int err = 0;

	for (i = at + 1; !err && i < j->v[at].next; i = j->v[i + 1].next) {
		struct str tail = STR_INIT;

		if (is_left_out(w, i))
			continue;
		if (w->key.len)
			str_addc(&tail, '.');
		jsontext_string(j, i, &tail);
		err = tail.oom ? -ENOMEM : walk_under(w, str_text(&tail), i + 1);
		str_clear(&tail);
	}
	return err;
}

/* "[id=uring.disabled]" of the object at AT; empty when it has no such member. */
static void add_name(const struct walk *w, size_t at, struct str *out)
{
	static const char *const keys[] = {
		"id", "name", "number", "kind", "gate", "key"
	};
	size_t i, value;

	if (w->j->v[at].type != JSONTEXT_OBJECT)
		return;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (jsontext_find(w->j, at, keys[i], &value) != 1 ||
		    (w->j->v[value].type != JSONTEXT_STRING &&
		     w->j->v[value].type != JSONTEXT_NUMBER))
			continue;
		str_addf(out, "[%s=", keys[i]);
		add_scalar(w->j, value, out);
		str_addc(out, ']');
		return;
	}
}

/* What names each element of the list at AT: all of them, and no two alike, or none. */
static int name_elements(const struct walk *w, size_t at, struct strv *names, bool *named)
{
	struct strv sorted = { NULL, 0 };
	size_t i;
	int err = 0;

	*named = true;
	for (i = at + 1; !err && *named && i < w->j->v[at].next; i = w->j->v[i].next) {
		struct str name = STR_INIT;

		add_name(w, i, &name);
		*named = name.len;
		err = name.oom ? -ENOMEM : strv_add(names, str_text(&name));
		if (!err)
			err = strv_add(&sorted, str_text(&name));
		str_clear(&name);
	}
	strv_sort(&sorted);
	for (i = 1; i < sorted.n && *named; i++)
		*named = strcmp(sorted.v[i - 1], sorted.v[i]) != 0;
	strv_clear(&sorted);
	return err;
}

static int walk_elements(struct walk *w, size_t at)
{
	struct strv names = { NULL, 0 };
	bool named;
	size_t i, n = 0;
	int err = name_elements(w, at, &names, &named);

	for (i = at + 1; !err && i < w->j->v[at].next; i = w->j->v[i].next, n++) {
		char place[32];

		snprintf(place, sizeof(place), "[%zu]", n);
		err = walk_under(w, named ? names.v[n] : place, i);
	}
	strv_clear(&names);
	return err;
}

static int walk_list(struct walk *w, size_t at)
{
	struct str value = STR_INIT;
	size_t i;
	int err;

	for (i = at + 1; i < w->j->v[at].next; i = w->j->v[i].next) {
		if (!is_scalar(w, i)) {
			str_clear(&value);
			return walk_elements(w, at);
		}
		str_add(&value, value.len ? ", " : "");
		add_scalar(w->j, i, &value);
	}
	err = take_text(w, JSONTEXT_ARRAY, &value);
	str_clear(&value);
	return err;
}

static int walk_value(struct walk *w, size_t at)
{
	enum jsontext_type type = w->j->v[at].type;
	struct str value = STR_INIT;
	int err;

	if (type == JSONTEXT_OBJECT)
		return walk_object(w, at);
	if (type == JSONTEXT_ARRAY)
		return walk_list(w, at);
	add_scalar(w->j, at, &value);
	err = take_text(w, type, &value);
	str_clear(&value);
	return err;
}

int flatten(const struct jsontext *j, const char *const *without, flatten_take *take,
	    void *data)
{
	struct walk w = { j, without, take, data, STR_INIT };
	int err = walk_value(&w, 0);

	str_clear(&w.key);
	return err;
}
