/* pool: texts, each kept once and known by a number. */
#ifndef JOB_POOL_H
#define JOB_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
	char **v; /* by number, in the order they came */
	uint32_t n, cap;
	uint32_t *slots; /* a hash table: numbers plus one, 0 is free */
	uint32_t n_slots;
	size_t bytes; /* that the texts take */
};

/* The number of TEXT; -ENOMEM. */
int pool_put(struct pool *p, const char *text, uint32_t *number);
void pool_clear(struct pool *p);

#endif
