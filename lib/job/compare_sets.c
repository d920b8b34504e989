#include "job/compare_sets.h"

#include "base/str.h"
#include "uring/names.h"

#include <stdio.h>
#include <string.h>

void compare_sets_init(struct compare_sets *s)
{
	memset(s, 0, sizeof(*s));
}

/* Hexadecimal, number 0 in the last bit; false when it is no such text. */
static bool read_bits(const char *text, uint64_t out[4])
{
	size_t n = strspn(text, "0123456789abcdef"), i;

	if (text[n] || !n || n > 64)
		return false;
	memset(out, 0, 4 * sizeof(*out));
	for (i = 0; i < n; i++) {
		char digit = text[n - 1 - i];
		uint64_t value =
			(uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);

		out[i / 16] |= value << (4 * (i % 16));
	}
	return true;
}

bool compare_sets_take(struct compare_sets *s, const char *key, const char *value)
{
	int kind;

	if (!str_has_prefix(key, "uring."))
		return false;
	for (kind = 0; kind < URING_KINDS; kind++) {
		const char *name = uring_kind_key((enum uring_kind)kind);
		const char *rest = key + strlen("uring.") + strlen(name);

		if (!str_has_prefix(key + strlen("uring."), name) || *rest != '.')
			continue;
		if (strcmp(rest, ".have") == 0)
			return s->present[kind] = read_bits(value, s->have[kind]);
		if (strcmp(rest, ".asked") == 0)
			return read_bits(value, s->asked[kind]);
		/* How it was asked is no offer. */
		return strcmp(rest, ".source") == 0 || strcmp(rest, ".error") == 0;
	}
	return false;
}

static bool has(const uint64_t bits[4], unsigned n)
{
	return bits[n / 64] >> (n % 64) & 1;
}

int compare_sets_each(const struct compare_sets *s,
		      int (*take)(void *data, const char *key, int supported), void *data)
{
	char key[128];
	unsigned n;
	int kind, err = 0;

	for (kind = 0; kind < URING_KINDS; kind++)
		for (n = 0; n < 256 && !err && s->present[kind]; n++) {
			const struct uring_name *v = uring_name((enum uring_kind)kind, n);
			const char *set = uring_kind_key((enum uring_kind)kind);

			if (v)
				snprintf(key, sizeof(key), "uring.%s[name=%s].supported",
					 set, v->name);
			else
				snprintf(key, sizeof(key),
					 "uring.%s[number=%u].supported", set, n);
			if (v || has(s->have[kind], n))
				err = take(data, key,
					   has(s->have[kind], n)    ? 1
					   : has(s->asked[kind], n) ? 0
								    : -1);
		}
	return err;
}
