#include "job/compare_sets.h"

#include "base/str.h"
#include "uring/names.h"

#include <stdio.h>
#include <string.h>

void compare_sets_init(struct compare_sets *s)
{
	memset(s, 0, sizeof(*s));
}

bool compare_sets_take(struct compare_sets *s, const char *key, const char *value)
{
	int kind;

	if (!str_has_prefix(key, "uring."))
		return false;
	for (kind = 0; kind < URING_KINDS; kind++) {
		const char *name = uring_kind_key((enum uring_kind)kind);
		const char *rest = key + strlen("uring.") + strlen(name);
		struct uring_set *set = &s->answers.set[kind];

		if (!str_has_prefix(key + strlen("uring."), name) || *rest != '.')
			continue;
		if (strcmp(rest, ".have") == 0)
			return s->present[kind] = str_to_bits(value, set->have) == 0;
		if (strcmp(rest, ".asked") == 0)
			return str_to_bits(value, set->asked) == 0;
		/* How it was asked is no offer. */
		return strcmp(rest, ".source") == 0 || strcmp(rest, ".error") == 0;
	}
	return false;
}

int compare_sets_each(const struct compare_sets *s, flatten_take *take, void *data)
{
	char key[128];
	unsigned n;
	int kind, err = 0;

	for (kind = 0; kind < URING_KINDS; kind++)
		for (n = 0; n < 256 && !err && s->present[kind]; n++) {
			const struct uring_name *v = uring_name((enum uring_kind)kind, n);
			const char *set = uring_kind_key((enum uring_kind)kind);
			bool has = uring_has(&s->answers, (enum uring_kind)kind, n);

			if (!v && !has)
				continue;
			if (v)
				snprintf(key, sizeof(key), "uring.%s[name=%s].supported",
					 set, v->name);
			else
				snprintf(key, sizeof(key),
					 "uring.%s[number=%u].supported", set, n);
			if (has)
				err = take(data, key, JSONTEXT_TRUE, "true");
			else if (uring_knows(&s->answers, (enum uring_kind)kind, n))
				err = take(data, key, JSONTEXT_FALSE, "false");
			else
				err = take(data, key, JSONTEXT_NULL, "null");
		}
	return err;
}
