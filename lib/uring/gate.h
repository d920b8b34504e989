/* gate: what stands between a program and io_uring, judged from the kernel's answers and
 * from facts about who asked. */
#ifndef URING_GATE_H
#define URING_GATE_H

#include "uring/probe.h"

#define URING_NO_SWITCH (-2) /* of `disabled`: this kernel has no such sysctl */

/* What is known beside the answers; -1 and "": unknown. */
struct uring_facts {
	int disabled;  /* kernel.io_uring_disabled: 0, 1, 2 (6.6), or URING_NO_SWITCH */
	int64_t group; /* kernel.io_uring_group; -1: none, too */
	/* Of who is judged: 1 yes, 0 no. Capabilities count in the first user namespace. */
	int in_group, cap_sys_admin, cap_ipc_lock;
	int64_t gid;		 /* its group */
	int64_t memlock, nofile; /* its soft limits; INT64_MAX: unlimited */
	int spare_fd;		 /* could it have a few descriptors more? 1 yes, 0 no */
	int filter; /* its seccomp mode, where the question did not pass its filter */
	char filter_why[128];	/* what of that filter denies io_uring; "": not known */
	int configured;		/* CONFIG_IO_URING of this kernel: 0 or 1 */
	int in_kernel;		/* 0 or 1, by what else shows it */
	char in_kernel_by[128]; /* "/proc/kallsyms has no io_uring" */
	char config[128];	/* where the configuration stands */
	char emulator[64];	/* who answers instead of a kernel: "gVisor" */
	char lsm[128];		/* security modules: "lockdown,capability,selinux" */
	char lsm_label[128]; /* what they call who asked; "none": none of them labels */
};

/* All unknown. */
void uring_facts_init(struct uring_facts *f);
/* Groups, capabilities and limits of AS; NULL: of this process. Before it: the sysctl. */
void uring_facts_of(struct uring_facts *f, const struct uring_as *as);
/* Who answers instead of a kernel, and are descriptors left? Worth asking where no ring
 * could be made. */
void uring_facts_look(struct uring_facts *f);
/* All of that for this process; configuration, kernel and security modules not looked at. */
struct uring_facts uring_facts_here(void);

/* In the order in which a call meets them; each is judged on its own. */
enum uring_gate_id {
	URING_GATE_EMULATION,
	URING_GATE_SECCOMP,
	URING_GATE_KERNEL,
	URING_GATE_BUILD,
	URING_GATE_SYSCTL,
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
	const char *name; /* "emulation", "seccomp", "kernel", "build", "sysctl", ... */
	enum uring_gate_state state;
	bool suspected;	    /* unknown, and it would explain the answers */
	char evidence[160]; /* "io_uring_setup(1, NULL): EFAULT" */
	const char *opens;  /* what opens it, in general */
};

/* Pure. */
void uring_gates(const struct uring_answers *a, const struct uring_facts *f,
		 struct uring_gate out[URING_GATES]);
const char *uring_gate_state_name(enum uring_gate_state state); /* "open", ... */
const char *uring_errno_name(int r); /* "EPERM" of -EPERM; "success"; "some error" */

#define URING_LINE 100 /* columns of a verdict's first line */

struct uring_verdict {
	bool available;
	/* NULL when available, else emulated, seccomp, not_in_kernel, built_out, sysctl, lsm,
	 * memlock, nofile or unknown. */
	const char *cause;
	bool sure;		 /* confidence high: the answers leave one reading only */
	enum uring_gate_id gate; /* of the cause; URING_GATES: none */
	enum uring_gate_id behind[URING_GATES]; /* what else is closed */
	size_t n_behind;
	char text[200]; /* without full stop: "sysctl: kernel.io_uring_disabled is 2" */
	char who[80];	/* "io_uring_disabled=2 denies it" */
	char line[URING_LINE + 1]; /* the cause and one command */
};

/* Pure: the first closed gate is the cause, else one that is suspected. */
struct uring_verdict uring_verdict(const struct uring_answers *a,
				   const struct uring_facts *f);

/* One gate to open. */
struct uring_change {
	enum uring_gate_id gate;
	char command[96];	/* one command, or what to do in a few words */
	char elsewhere[128];	/* the same for a service or a container; "": nothing */
	const char *gives_away; /* what is lost by it */
};

/* Pure: the fewest changes that open all that is known to be closed, the cause's first;
 * none where a ring can be made and entered. How many of OUT. */
size_t uring_changes(const struct uring_answers *a, const struct uring_facts *f,
		     struct uring_change out[URING_GATES]);

#endif
