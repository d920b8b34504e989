/* memlock: what a ring takes of RLIMIT_MEMLOCK, asked of the kernel: before 5.12 and again
 * from 6.14 it is charged to the user, and distributions backport. */
#ifndef URING_MEMLOCK_H
#define URING_MEMLOCK_H

#include "base/err.h"
#include "uring/probe.h"

#include <stdbool.h>
#include <stdint.h>

/* What a closed ring was charged is taken back late: 8 to 34 ms, measured on 6.18. So who
 * is refused a ring waits and tries again. */
#define URING_CHARGE_MS 20
#define URING_CHARGE_TRIES 5

struct uring_memlock {
	int charged; /* 1: a ring counts, unless CAP_IPC_LOCK; 0: it does not; -1 unknown */
	int header;   /* bytes of a ring before its completions; -1 unknown */
	bool rounded; /* each part is charged as a power of two pages (before 5.12) */
	/* What is charged to the user already, at most; the whole limit: not even a ring of
	 * one entry is left; -1: unknown, not charged, or no limit. */
	int64_t held;
};

/* Ask, in a child and without CAP_IPC_LOCK, within a second; AS NULL: as we are. What could
 * not be found out is unknown; < 0 only without a process or a pipe. */
int uring_memlock_ask(struct uring_memlock *out, const struct uring_as *as,
		      struct err *e);

/* Bytes of a ring of ENTRIES requests and twice as many completions; with an unknown header
 * of LEAST: at the least, else at the most. */
uint64_t uring_memlock_need(const struct uring_memlock *m, uint64_t entries, bool least);

#endif
