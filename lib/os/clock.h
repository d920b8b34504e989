/* clock: what time it is. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT 32

/* "2026-11-23T22:41:07Z" */
void clock_utc(char out[CLOCK_TEXT]);

/* Milliseconds that only go forward, to measure waits by (CLOCK_MONOTONIC). */
int64_t clock_ms(void);

#endif
