/* probe: what the kernel itself says about io_uring. Raw answers, and pure judgements of
 * them; never the release number (distributions backport). */
#ifndef URING_PROBE_H
#define URING_PROBE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Every answer is >= 0 or -errno. With ASKED unset all else is zero and means nothing;
 * with KILLED set the child was ended by SIGSYS at some question and those after it
 * (zero) were not asked. */
struct uring_answers {
	bool asked;
	bool killed;	  /* a seccomp filter that kills */
	int setup_null;	  /* setup(1, NULL): -EFAULT when allowed */
	int enter_bad;	  /* enter(-1): -EBADF unless a filter answers */
	int register_bad; /* register(-2, PROBE): -EBADF unless a filter answers */
	int seccomp_mode; /* prctl(PR_GET_SECCOMP): 0 none, 2 a filter is there */
	int setup_real;	  /* a ring of 8 entries, closed again: 0 */

	/* Of that ring; zero when there was none. */
	uint32_t features;
	uint32_t
		setup_flags; /* it was made with these, the newest that were not refused */
	uint64_t ops[4];     /* bit N: operation N is supported */
	uint32_t n_ops;	     /* operations the kernel knows, supported or not; 0: the
				 kernel cannot be asked (before 5.6) */
	int buffer_ring;     /* register PBUF_RING of no memory: -EFAULT when known */
	int accept_multishot; /* of what is no socket: -ENOTSOCK when known */
	int recv_multishot;   /* likewise */
};

/* Ask, in a child (a filter may kill who asks), within a second. An answer of "no" is a
 * success; < 0 only when asking itself failed (no process, no pipe, no answer). */
int uring_ask(struct uring_answers *out, struct err *e);

bool uring_has_op(const struct uring_answers *a, unsigned op);

/* Each level includes those before it. */
enum uring_level {
	URING_NONE,    /* no ring can be made, or it is not known */
	URING_EARLY,   /* a ring works */
	URING_NETWORK, /* operations accept, recv, send; FAST_POLL (5.7) */
	URING_MODERN,  /* multishot accept, rings of buffers (5.19) */
	URING_FULL,    /* multishot recv, SINGLE_ISSUER, DEFER_TASKRUN (6.1) */
};

/* Decided by answers alone: multishot was tried on a descriptor that is no socket, where
 * a kernel that knows it says ENOTSOCK and one that does not says EINVAL. */
enum uring_level uring_level(const struct uring_answers *a);
const char *uring_level_name(enum uring_level level); /* "none", "early", ... */

/* What is known beside the answers; -1: unknown. */
struct uring_facts {
	int disabled;	/* kernel.io_uring_disabled: 0, 1, 2 (6.6) */
	int configured; /* CONFIG_IO_URING of this kernel: 0 or 1 */
};

/* The same of the running kernel: the sysctl as /proc has it (-1: no such switch), the
 * configuration not looked at. */
struct uring_facts uring_facts_here(void);

/* Gates stand one behind the other in this order; each is judged on its own. */
enum uring_gate_id {
	URING_GATE_KERNEL,
	URING_GATE_BUILD,
	URING_GATE_SYSCTL,
	URING_GATE_SECCOMP,
	URING_GATE_LSM,
	URING_GATE_MEMLOCK,
	URING_GATE_NOFILE,
	URING_GATES,
};

enum uring_gate_state {
	URING_GATE_OPEN,
	URING_GATE_CLOSED,
	URING_GATE_UNKNOWN, /* something in front of it is closed, or nothing was asked */
};

struct uring_gate {
	const char *name; /* "kernel", "build", "sysctl", ... */
	enum uring_gate_state state;
	char evidence[128]; /* "io_uring_setup(1, NULL): EFAULT" */
	const char *opens;  /* what opens it, and what that gives away */
};

/* Pure. */
void uring_gates(const struct uring_answers *a, const struct uring_facts *f,
		 struct uring_gate out[URING_GATES]);
const char *uring_gate_state_name(enum uring_gate_state state); /* "open", ... */

struct uring_verdict {
	bool available;
	/* NULL when available, else not_in_kernel, built_out, sysctl, seccomp, lsm, memlock,
	 * nofile or unknown. */
	const char *cause;
	bool sure; /* confidence high */
	/* A sentence for people, without full stop: "kernel.io_uring_disabled is 2". */
	char text[160];
};

/* Pure: the first closed gate is the cause. */
struct uring_verdict uring_verdict(const struct uring_answers *a,
				   const struct uring_facts *f);

#endif
