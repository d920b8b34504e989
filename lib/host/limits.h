/* limits: what the subject may use, and what its rings would take. */
#ifndef HOST_LIMITS_H
#define HOST_LIMITS_H

#include "base/err.h"
#include "uring/memlock.h"

#include <stdbool.h>
#include <stdint.h>

struct host;

/* What is to be made: --rings, --entries. */
struct host_demand {
	bool stated; /* asked for, not the default */
	uint64_t rings, entries;
};

#define HOST_RINGS 1
#define HOST_ENTRIES 4096

struct host_limits {
	bool known;
	bool lock_exempt; /* CAP_IPC_LOCK: ring memory is not charged (capabilities(7)) */
	/* Bytes and descriptors; UINT64_MAX: unlimited. */
	uint64_t memlock_soft, memlock_hard, nofile_soft, nofile_hard;
	struct uring_memlock
		ring; /* unknown where the subject is exempt and nobody asked */
};

/* The group HOST_LIMITS. -errno only without a process or a pipe. */
int host_read_limits(struct host *h, struct err *e);
/* Ask for `ring` also where the subject is exempt: for --record. */
int host_measure_ring(struct host *h, struct err *e);

#endif
