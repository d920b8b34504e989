/* select: which checks a person means, by lists of ids (uring.available), areas (uring: what
 * stands before the dot) and globs (sysctl.*, *.memlock). */
#ifndef CHECK_SELECT_H
#define CHECK_SELECT_H

#include "base/err.h"
#include "check/check.h"

#include <stdbool.h>

enum check_mark {
	CHECK_ONLY = 1,	   /* judge these */
	CHECK_NAMED = 2,   /* and by its whole id: it must not stay unknown */
	CHECK_LEAVE = 4,   /* do not judge these */
	CHECK_LENIENT = 8, /* let these warn, not fail */
};

/* Zeroed: every check. */
struct check_select {
	unsigned char marks[CHECK_COUNT];
	bool only; /* some were marked CHECK_ONLY: no others are judged */
};

/* Mark what LIST (words between commas) means; a check in CHECK_ONLY's list that is named by
 * its id is CHECK_NAMED, too. -EINVAL: a word matches no check; close ones are named. OPTION
 * is where LIST came from: "only". */
int check_select(struct check_select *s, enum check_mark mark, const char *option,
		 const char *list, struct err *e);
/* Is the Ith of check_all() to be judged? */
bool check_is_selected(const struct check_select *s, size_t i);

#endif
