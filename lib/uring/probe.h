/* probe: what the kernel itself says about io_uring: raw answers, never the release number
 * (distributions backport). */
#ifndef URING_PROBE_H
#define URING_PROBE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a kernel can offer; the numbers of each kind are the kernel's, but for
 * URING_OP_FLAGS, whose numbers are places in our own table (names.h). */
enum uring_kind {
	URING_OPS,
	URING_SETUP_FLAGS,
	URING_FEATURES,
	URING_REGISTER_OPS,
	URING_ENTER_FLAGS,
	URING_SQE_FLAGS,
	URING_OP_FLAGS, /* of single operations: multishot accept, bundles, ... */
	URING_KINDS,
};

enum uring_source {
	URING_NOT_ASKED,
	URING_BY_QUERY, /* the QUERY registration (6.18), works without a ring */
	URING_BY_RING,	/* a real ring: its features, PROBE, tries */
	URING_BY_CALL,	/* calls with bad arguments, no ring made */
};

/* Bit N of the 256 stands for number N. */
struct uring_set {
	uint64_t have[4];
	uint64_t asked[4]; /* known to be there or not; the rest is unknown */
	enum uring_source source;
	int error; /* why not all of it could be asked: -errno, or 0 */
};

/* Every answer is >= 0 or -errno. With ASKED unset all else is zero and means nothing;
 * with KILLED set the child was ended by SIGSYS at some question and those after it
 * (zero) were not asked. */
struct uring_answers {
	bool asked;
	bool killed;	  /* a seccomp filter that kills */
	int answered;	  /* of the next three, in this order: the rest was not asked */
	int enter_bad;	  /* enter(-1): -EBADF unless a filter answers */
	int register_bad; /* register(-2, PROBE): -EBADF unless a filter answers */
	int setup_null;	  /* setup(1, NULL): -EFAULT when allowed */
	int seccomp_mode; /* prctl(PR_GET_SECCOMP): 0 none, 2 a filter is there */
	int setup_real;	  /* a ring of 8 entries, closed again: 0 */
	int setup_one;	  /* where that failed: a ring of one entry */
	struct uring_set set[URING_KINDS];
};

/* Who asks, where it is not this process as it is: a service's user, groups, capabilities
 * and limits. Its seccomp filter cannot be put on. */
struct uring_as {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* lent */
	size_t n_groups;
	uint64_t caps;		  /* effective, bit N: capability N (capabilities(7)) */
	uint64_t memlock, nofile; /* soft limits; UINT64_MAX: unlimited */
};

enum uring_depth {
	URING_BRIEF, /* what the level needs */
	URING_WHOLE, /* everything the kernel offers */
};

/* Ask, in a child (a filter may kill who asks), within a second; AS NULL: as we are. An
 * answer of "no" is a success; < 0 only when asking itself failed (no process, no pipe, no
 * answer, no right to become AS). */
int uring_ask(struct uring_answers *out, enum uring_depth depth,
	      const struct uring_as *as, struct err *e);

/* Become AS, for good: in a child only. 0 or -errno. */
int uring_become(const struct uring_as *as);

/* Is number N of that kind offered? False where it is not known. */
bool uring_has(const struct uring_answers *a, enum uring_kind kind, unsigned n);
/* Is it known whether? */
bool uring_knows(const struct uring_answers *a, enum uring_kind kind, unsigned n);

/* Was setup let through to its parameters, which stand behind the sysctl and the security
 * module? */
bool uring_setup_allowed(const struct uring_answers *a);
/* Did the kernel itself answer enter(-1), which neither of them forbids? */
bool uring_enter_passed(const struct uring_answers *a);

/* Each level includes those before it. */
enum uring_level {
	URING_NONE,    /* no ring can be made, or it is not known */
	URING_EARLY,   /* a ring works */
	URING_NETWORK, /* operations accept, recv, send; FAST_POLL (5.7) */
	URING_MODERN,  /* multishot accept, rings of buffers (5.19) */
	URING_FULL,    /* multishot recv, SINGLE_ISSUER, DEFER_TASKRUN (6.1) */
};

/* Decided by answers alone. */
enum uring_level uring_level(const struct uring_answers *a);
/* Could it be higher, but for what could not be asked (a limit was met)? */
bool uring_level_is_least(const struct uring_answers *a);
const char *uring_level_name(enum uring_level level); /* "none", "early", ... */

#endif
