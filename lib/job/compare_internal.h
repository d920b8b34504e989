/* What the two files of compare share. */
#ifndef JOB_COMPARE_INTERNAL_H
#define JOB_COMPARE_INTERNAL_H

#include "base/str.h"
#include "job/compare.h"
#include "job/pool.h"

struct pair {
	/* Numbers in the pools; from compare_run on, KEY is a rank. A value is its text
	 * behind a digit for its type. */
	uint32_t key, value;
};

struct file {
	char *name;
	struct pair *v;
	uint32_t n, cap;
};

struct group {
	const struct file **files; /* in compare.order */
	size_t n;
};

struct compare {
	bool all;
	struct pool keys, values, kinds, tools;
	struct str kinds_text, tools_text;
	struct file *files;
	size_t n, cap, pairs;
	uint32_t *key_of;	   /* by rank: the key's number */
	uint32_t n_ranks, gates;   /* ranks below this are gates */
	const struct file **order; /* alike ones side by side */
	struct group *groups;
	size_t n_groups;
};

int compare_by_key(const void *a, const void *b); /* of pairs */

#endif
