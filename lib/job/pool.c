#include "job/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

/* Where TEXT is, or would go. */
static uint32_t *slot_of(const struct pool *p, const char *text)
{
	uint32_t at = hash(text) & (p->n_slots - 1);

	while (p->slots[at] && strcmp(p->v[p->slots[at] - 1], text) != 0)
		at = (at + 1) & (p->n_slots - 1);
	return &p->slots[at];
}

/* Room for one more; the table stays half empty. */
static int grow(struct pool *p)
{
	uint32_t cap = p->cap ? 2 * p->cap : 256, i, n_slots = 2 * cap, *slots;
	char **v;

	if (p->n < p->cap)
		return 0;
	v = realloc(p->v, cap * sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->v = v;
	slots = calloc(n_slots, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(p->slots);
	p->cap = cap;
	p->slots = slots;
	p->n_slots = n_slots;
	for (i = 0; i < p->n; i++)
		*slot_of(p, p->v[i]) = i + 1;
	return 0;
}

int pool_put(struct pool *p, const char *text, uint32_t *number)
{
	uint32_t *slot;
	int err = grow(p);

	if (err < 0)
		return err;
	slot = slot_of(p, text);
	if (!*slot) {
		p->v[p->n] = strdup(text);
		if (!p->v[p->n])
			return -ENOMEM;
		p->bytes += strlen(text) + 1;
		*slot = ++p->n;
	}
	*number = *slot - 1;
	return 0;
}

void pool_clear(struct pool *p)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
	free(p->slots);
	memset(p, 0, sizeof(*p));
}
