/* pattern: what connection C sends as byte N, so that a wrong byte is known and located. */
#ifndef ECHO_PATTERN_H
#define ECHO_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* The pattern repeats after this many bytes: a prime, so that no buffer size divides it. */
#define PATTERN_PERIOD 65521u

/* Room for any slice of up to MAX bytes. */
#define PATTERN_SIZE(max) (PATTERN_PERIOD + (max))

/* Fill TABLE[0..SIZE) */
void pattern_fill(unsigned char *table, size_t size);

/* Where in the table the bytes of connection CONN from OFFSET on begin. Connections below
 * the period begin at different places. */
static inline size_t pattern_at(unsigned conn, uint64_t offset)
{
	return (size_t)((offset + (uint64_t)conn * 7919u) % PATTERN_PERIOD);
}

#endif
