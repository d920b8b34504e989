/* uring_facts: io_uring's answers, and the facts beside them that tell who denies it. */
#ifndef HOST_URING_FACTS_H
#define HOST_URING_FACTS_H

#include "base/err.h"
#include "uring/gate.h"

#include <stddef.h>

struct host;

/* Ask, or take the recording; H's uring and uring_facts. Of the files, only what the
 * answers leave open is read. Reads HOST_CONFIG when it needs a configuration. */
int host_read_uring(struct host *h, enum uring_depth depth, struct err *e);

/* The facts that no other part of a recording holds: keys of its "uring" section, for who
 * writes one. Numbers are int, texts char[SIZE]. */
struct uring_fact_key {
	const char *key;
	size_t offset; /* in struct uring_facts */
	size_t size;   /* of a text; 0: a number */
};

extern const struct uring_fact_key uring_fact_keys[];
extern const size_t uring_fact_keys_n;

#endif
