/* lines: what the lines of a profile's sections mean, one at a time. */
#ifndef PROFILE_LINES_H
#define PROFILE_LINES_H

#include "parse/ini.h"
#include "profile/problem.h"

/* What the lines of one file are read into. */
struct reading {
	struct profile *p;
	struct problems *found;
	const char *file; /* lent by the profile's source */
};

/* Where the key, or the value of I stands. */
struct profile_place place_of_key(const struct reading *r, const struct ini_entry *i);
struct profile_place place_of_value(const struct reading *r, const struct ini_entry *i);

/* Each: 0 or -ENOMEM; what is wrong is in FOUND. */
int line_sysctl(struct reading *r, const struct ini_entry *i);
int line_limits(struct reading *r, const struct ini_entry *i);
int line_require(struct reading *r, const struct ini_entry *i);
/* HAD (line 0: none) is set again by the line AT: a warning where both are of one file. */
int line_again(struct reading *r, const struct ini_entry *i,
	       const struct profile_place *had);

#endif
