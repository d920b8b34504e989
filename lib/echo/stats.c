#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* How many values at each end may be left out, for the rest to span the true median with
 * 95 %: the largest K with 2 * P(Binomial(n, 1/2) < K) <= 0.05. */
static size_t leave_out(size_t n)
{
	double p = ldexp(1, -(int)n), below = 0;
	size_t k = 0;

	for (;;) {
		below += p; /* P(X <= k) */
		if (2 * below > 0.05)
			return k;
		p = p * (double)(n - k) / (double)(k + 1);
		k++;
	}
}

struct spread stats_spread(double *v, size_t n)
{
	struct spread s = { NAN, NAN, NAN, n };
	size_t k;

	if (!n)
		return s;
	qsort(v, n, sizeof(*v), by_value);
	s.median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	k = leave_out(n);
	if (k > 0)
		k--; /* the interval is from the Kth smallest to the Kth largest */
	s.low = v[k];
	s.high = v[n - 1 - k];
	return s;
}

double stats_little(double under_way, double connections)
{
	return under_way / connections - 1;
}

bool stats_little_holds(double under_way, double connections, double edge)
{
	return fabs(stats_little(under_way, connections)) <= STATS_LITTLE_MAX + edge;
}
