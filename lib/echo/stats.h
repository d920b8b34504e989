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

/* How far N is from the law of Little in a closed loop: mean time times throughput, which
 * is how many are UNDER_WAY, is the number of connections. 0.05: 5 % too many. */
double stats_little(double under_way, double connections);
/* A run further off than this was not measured properly: accepted 1 %, refused 5 %. */
#define STATS_LITTLE_MAX 0.03
/* EDGE: the longest time by the window's length. Of each connection, one message may lie
 * across either end of the window: too much is counted at its begin and too little at its
 * end, each at most the longest time, and they do not add up, for their signs differ. */
bool stats_little_holds(double under_way, double connections, double edge);

#endif
