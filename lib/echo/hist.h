/* hist: how often which time was measured. Exact below 256 ns; above, each bucket is less
 * than 1/128 of its values wide, so that a quantile is off by less than 0.8 %. */
#ifndef ECHO_HIST_H
#define ECHO_HIST_H

#include <stdint.h>

#define HIST_SUB 128u
#define HIST_BITS 7
#define HIST_MAX_BITS 40 /* about 18 minutes; longer times count as that */
#define HIST_BUCKETS (HIST_SUB * (HIST_MAX_BITS - HIST_BITS + 1))

struct hist {
	uint64_t count, sum; /* sum is exact */
	uint64_t min, max;   /* of what was added; min is meaningless while count is 0 */
	uint64_t bucket[HIST_BUCKETS];
};

/* A zeroed struct is an empty histogram. */
void hist_add(struct hist *h, uint64_t ns);
void hist_merge(struct hist *into, const struct hist *from);
/* The value that Q (0..1) of all are not above: the middle of its bucket. 0 when empty. */
uint64_t hist_quantile(const struct hist *h, double q);
double hist_mean(const struct hist *h);

#endif
