/* gate: what stands between a program and io_uring, judged from the kernel's answers. */
#ifndef URING_GATE_H
#define URING_GATE_H

#include "uring/probe.h"

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
