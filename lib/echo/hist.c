#include "hist.h"

#include <stddef.h>

static size_t bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns >> HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	if (ns < HIST_SUB)
		return (size_t)ns;
	shift = 63 - (unsigned)__builtin_clzll(ns) - HIST_BITS;
	/* The value's upper 8 bits are 128..255: 128 buckets for each power of two. */
	return HIST_SUB * (size_t)shift + (size_t)(ns >> shift);
}

static uint64_t middle_of(size_t bucket)
{
	unsigned shift;

	if (bucket < 2 * HIST_SUB)
		return bucket;
	shift = (unsigned)(bucket / HIST_SUB) - 1;
	return ((uint64_t)(HIST_SUB + bucket % HIST_SUB) << shift) +
	       ((1ULL << shift) - 1) / 2;
}

void hist_add(struct hist *h, uint64_t ns)
{
	if (!h->count || ns < h->min)
		h->min = ns;
	if (ns > h->max)
		h->max = ns;
	h->count++;
	h->sum += ns;
	h->bucket[bucket_of(ns)]++;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	size_t i;

	if (!from->count)
		return;
	if (!into->count || from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	into->count += from->count;
	into->sum += from->sum;
	for (i = 0; i < HIST_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t wanted = (uint64_t)(q * (double)h->count + 0.9999999), seen = 0;
	size_t i;

	if (!h->count)
		return 0;
	if (wanted < 1)
		wanted = 1;
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= wanted)
			return middle_of(i);
	}
	return h->max;
}

double hist_mean(const struct hist *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}
