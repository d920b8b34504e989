/* stats: few numbers, honestly. All pure. */
#ifndef ECHO_STATS_H
#define ECHO_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* A median and an interval that holds the true one: with 95 % where there are 6 values or
 * more; with fewer it is all of them. */
struct spread {
	double median, low, high;
	size_t n;
};

/* Sorts V; all NaN when N is 0. */
struct spread stats_spread(double *v, size_t n);

/* How far N is from the law of Little in a closed loop: mean time times throughput is the
 * number of connections. 0.05: 5 % too many. */
double stats_little(double mean_s, double per_s, double connections);
/* A run further off than this was not measured properly: accepted 1 %, refused 5 %. */
#define STATS_LITTLE_MAX 0.03
bool stats_little_holds(double mean_s, double per_s, double connections);

#endif
