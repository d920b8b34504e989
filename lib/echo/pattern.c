#include "pattern.h"

void pattern_fill(unsigned char *table, size_t size)
{
	uint64_t x = 0x9e3779b97f4a7c15ULL;
	size_t i;

	for (i = 0; i < size; i++) {
		if (i >= PATTERN_PERIOD) {
			table[i] = table[i - PATTERN_PERIOD];
			continue;
		}
		/* xorshift64 (Marsaglia 2003) */
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		table[i] = (unsigned char)(x >> 32);
	}
}
