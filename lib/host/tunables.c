#include "host/tunables.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct tunable *tunable_find(const char *key)
{
	size_t i, k;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		const char *have = tunables[i].key;

		for (k = 0;
		     have[k] && (have[k] == key[k] || (have[k] == '.' && key[k] == '/'));
		     k++)
			;
		if (!have[k] && !key[k])
			return &tunables[i];
	}
	return NULL;
}

int tunable_parse(const struct tunable *t, const char *text, struct tunable_value *out)
{
	CLEANUP_FREE char *copy = strdup(text);
	struct tunable_value found = { 0, { 0 } };
	char *save = NULL, *word;

	if (!copy)
		return -ENOMEM;
	for (word = strtok_r(copy, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		int err = found.n == t->fields
				  ? -EINVAL
				  : str_to_u64(word, 0, UINT64_MAX, &found.v[found.n]);

		if (err < 0)
			return err == -ERANGE ? err : -EINVAL;
		if (found.v[found.n] < t->min || found.v[found.n] > t->max ||
		    (found.n && found.v[found.n] < found.v[found.n - 1]))
			return -ERANGE;
		found.n++;
	}
	if (found.n != t->fields)
		return -EINVAL;
	*out = found;
	return 0;
}

char *tunable_text(const struct tunable_value *v)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	unsigned i;

	for (i = 0; i < v->n; i++)
		str_addf(&text, "%s%" PRIu64, i ? " " : "", v->v[i]);
	return str_take(&text);
}

bool tunable_value_eq(const struct tunable_value *a, const struct tunable_value *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0;
}
