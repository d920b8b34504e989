/* compare_sets: what a recording holds as bits of what io_uring offers, by the keys that
 * probe's report has for it: so that a recording can be compared with one, and a difference
 * has a name. */
#ifndef JOB_COMPARE_SETS_H
#define JOB_COMPARE_SETS_H

#include "parse/flatten.h"
#include "uring/probe.h"

struct compare_sets {
	bool present[URING_KINDS];
	struct uring_answers answers; /* only its sets */
};

void compare_sets_init(struct compare_sets *s);
/* Is KEY a part of such bits? Then it is kept here. */
bool compare_sets_take(struct compare_sets *s, const char *key, const char *value);
/* TAKE, as flatten does, for everything that has a name, or is there without one:
 * "uring.opcodes[name=nop].supported": true, false, or null for not known. */
int compare_sets_each(const struct compare_sets *s, flatten_take *take, void *data);

#endif
