/* kernel_bugs: releases in which io_uring is known to go wrong, from public reports. */
#ifndef CHECK_KERNEL_BUGS_H
#define CHECK_KERNEL_BUGS_H

#include <stddef.h>

#define KERNEL_BUGS_ANY 99999 /* the last patch of a line */

struct kernel_bug {
	unsigned from[3], to[3]; /* releases, both included */
	const char *when;	 /* reported: "2021-11" */
	const char *effect;
	const char *mended; /* in which release, as far as the report says */
	const char *link;
	unsigned fine_in_el; /* reported not to be in that Enterprise Linux; 0: nothing */
};

/* The newest report in the table: older reports than that may be missing, newer ones are. */
#define KERNEL_BUGS_AS_OF "2025-07"

extern const struct kernel_bug kernel_bugs[];
extern const size_t kernel_bugs_n;

#endif
