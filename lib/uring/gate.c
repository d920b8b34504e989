/* Judging the raw answers: which gates are closed, and which one is the cause. */
#include "gate.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *opens;
} gate_rows[URING_GATES] = {
	[URING_GATE_KERNEL] = { "kernel", "a kernel that has io_uring: mainline 5.1 or "
					  "later, EL9.3 or later" },
	[URING_GATE_BUILD] = { "build", "a kernel built with CONFIG_IO_URING=y" },
	[URING_GATE_SYSCTL] = { "sysctl",
				"sysctl kernel.io_uring_disabled=0: every user may "
				"make rings; =1 with kernel.io_uring_group: one "
				"group may" },
	[URING_GATE_SECCOMP] = { "seccomp",
				 "a seccomp profile of the service or container "
				 "that allows io_uring_setup, io_uring_enter and "
				 "io_uring_register: what they do is not "
				 "filtered further" },
	[URING_GATE_LSM] = { "lsm",
			     "a rule of the security module (SELinux: class io_uring, "
			     "class anon_inode) for this domain" },
	[URING_GATE_MEMLOCK] = { "memlock",
				 "a higher RLIMIT_MEMLOCK (LimitMEMLOCK= of the "
				 "service): more memory may be pinned" },
	[URING_GATE_NOFILE] = { "nofile", "a higher RLIMIT_NOFILE (LimitNOFILE= of the "
					  "service)" },
};

/* strerror's words differ with the locale; these are the names people search for. */
static const char *errno_name(int r, char buf[24])
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { EFAULT, "EFAULT" }, { ENOSYS, "ENOSYS" }, { EPERM, "EPERM" },
		      { EACCES, "EACCES" }, { ENOMEM, "ENOMEM" }, { EMFILE, "EMFILE" },
		      { ENFILE, "ENFILE" }, { EBADF, "EBADF" },	  { EINVAL, "EINVAL" } };
	size_t i;

	if (r >= 0)
		return "success";
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == -r)
			return names[i].name;
	snprintf(buf, 24, "errno %d", -r);
	return buf;
}

/* What the answers say about setup itself. */
static bool allowed(const struct uring_answers *a)
{
	return !a->killed && a->setup_null == -EFAULT;
}

static void gate_set(struct uring_gate *g, enum uring_gate_state state, const char *what,
		     int r)
{
	char buf[24];

	g->state = state;
	snprintf(g->evidence, sizeof(g->evidence), "%s%s", what, errno_name(r, buf));
}

static void gate_say(struct uring_gate *g, enum uring_gate_state state, const char *what)
{
	g->state = state;
	snprintf(g->evidence, sizeof(g->evidence), "%s", what);
}

/* ENOSYS is also what some filters say: a kernel that has the sysctl or the build option
 * has io_uring. */
static bool enosys_by_filter(const struct uring_answers *a, const struct uring_facts *f)
{
	return a->setup_null == -ENOSYS && (f->disabled >= 0 || f->configured == 1);
}

static void judge_kernel(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	if (f->disabled >= 0)
		gate_say(g, URING_GATE_OPEN, "the kernel has kernel.io_uring_disabled");
	else if (f->configured >= 0)
		gate_say(g, URING_GATE_OPEN,
			 "the kernel's configuration knows CONFIG_IO_URING");
	else if (a->killed)
		gate_say(g, URING_GATE_UNKNOWN, "a seccomp filter killed who asked");
	else if (a->setup_null == -ENOSYS)
		gate_set(g, URING_GATE_CLOSED,
			 "io_uring_setup(1, NULL): ", a->setup_null);
	else if (a->setup_null == -EFAULT)
		gate_set(g, URING_GATE_OPEN, "io_uring_setup(1, NULL): ", a->setup_null);
	else if (a->enter_bad == -EBADF)
		gate_set(g, URING_GATE_OPEN, "io_uring_enter(-1): ", a->enter_bad);
	else
		gate_set(g, URING_GATE_UNKNOWN,
			 "io_uring_setup(1, NULL): ", a->setup_null);
}

static void judge_build(const struct uring_answers *a, const struct uring_facts *f,
			struct uring_gate *g)
{
	if (allowed(a))
		gate_set(g, URING_GATE_OPEN, "io_uring_setup(1, NULL): ", a->setup_null);
	else if (f->configured >= 0)
		gate_say(g, f->configured ? URING_GATE_OPEN : URING_GATE_CLOSED,
			 f->configured ? "CONFIG_IO_URING is set"
				       : "CONFIG_IO_URING is not set");
	else if (f->disabled >= 0)
		gate_say(g, URING_GATE_OPEN, "the kernel has kernel.io_uring_disabled");
	else
		gate_say(g, URING_GATE_UNKNOWN,
			 "the kernel's configuration is not known");
}

static void judge_sysctl(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	if (allowed(a))
		gate_set(g, URING_GATE_OPEN, "io_uring_setup(1, NULL): ", a->setup_null);
	else if (f->disabled == 2)
		gate_say(g, URING_GATE_CLOSED,
			 "kernel.io_uring_disabled is 2: nobody may");
	else if (f->disabled == 0)
		gate_say(g, URING_GATE_OPEN, "kernel.io_uring_disabled is 0");
	else if (!a->killed && a->setup_null == -EPERM && a->enter_bad == -EBADF)
		gate_say(g, URING_GATE_CLOSED,
			 f->disabled == 1
				 ? "kernel.io_uring_disabled is 1: only "
				   "kernel.io_uring_group and CAP_SYS_ADMIN may"
				 : "io_uring_setup: EPERM, io_uring_enter(-1): EBADF");
	else if (f->disabled == 1)
		gate_say(g, URING_GATE_UNKNOWN,
			 "kernel.io_uring_disabled is 1, and something "
			 "else answered first");
	else
		gate_say(g, URING_GATE_UNKNOWN, "kernel.io_uring_disabled is not known");
}

static void judge_seccomp(const struct uring_answers *a, const struct uring_facts *f,
			  struct uring_gate *g)
{
	if (a->killed)
		gate_say(g, URING_GATE_CLOSED, "asking was answered with SIGSYS");
	else if (enosys_by_filter(a, f))
		gate_say(g, f->configured == 0 ? URING_GATE_UNKNOWN : URING_GATE_CLOSED,
			 "ENOSYS from a kernel that has io_uring");
	else if (a->enter_bad == -EPERM || a->enter_bad == -EACCES ||
		 (allowed(a) && a->enter_bad != -EBADF))
		gate_set(g, URING_GATE_CLOSED, "io_uring_enter(-1): ", a->enter_bad);
	else if (a->register_bad == -EPERM || a->register_bad == -EACCES)
		gate_set(g, URING_GATE_CLOSED,
			 "io_uring_register(-2): ", a->register_bad);
	else if (a->setup_null == -EPERM && f->disabled == 0)
		gate_say(g, URING_GATE_CLOSED,
			 "io_uring_setup: EPERM although kernel.io_uring_disabled is 0");
	else if (a->setup_null == -EPERM && a->seccomp_mode > 0)
		gate_say(g, URING_GATE_UNKNOWN,
			 "a filter is loaded; it lets io_uring_enter pass");
	else if (a->setup_null == -ENOSYS && a->seccomp_mode > 0)
		gate_say(g, URING_GATE_UNKNOWN,
			 "a filter is loaded; ENOSYS may be its answer");
	else
		gate_set(g, URING_GATE_OPEN, "io_uring_enter(-1): ", a->enter_bad);
}

static void judge_lsm(const struct uring_answers *a, struct uring_gate *g)
{
	if (allowed(a) && a->setup_real == -EACCES)
		gate_set(g, URING_GATE_CLOSED, "io_uring_setup(8): ", a->setup_real);
	else if (allowed(a) && a->setup_real >= 0)
		gate_say(g, URING_GATE_OPEN, "a ring was made");
	else if (!a->killed && a->setup_null == -EACCES && a->enter_bad == -EBADF)
		gate_set(g, URING_GATE_CLOSED,
			 "io_uring_setup(1, NULL): ", a->setup_null);
	else
		gate_say(g, URING_GATE_UNKNOWN, "not reached");
}

/* A limit that a real ring met, or not. */
static void judge_limit(const struct uring_answers *a, int one, int other,
			struct uring_gate *g)
{
	if (!allowed(a))
		gate_say(g, URING_GATE_UNKNOWN, "not reached");
	else if (a->setup_real == one || a->setup_real == other)
		gate_set(g, URING_GATE_CLOSED, "io_uring_setup(8): ", a->setup_real);
	else if (a->setup_real >= 0)
		gate_say(g, URING_GATE_OPEN, "a ring of 8 entries was made");
	else
		gate_set(g, URING_GATE_UNKNOWN, "io_uring_setup(8): ", a->setup_real);
}

void uring_gates(const struct uring_answers *a, const struct uring_facts *f,
		 struct uring_gate out[URING_GATES])
{
	size_t i;

	memset(out, 0, URING_GATES * sizeof(*out));
	for (i = 0; i < URING_GATES; i++) {
		out[i].name = gate_rows[i].name;
		out[i].opens = gate_rows[i].opens;
		gate_say(&out[i], URING_GATE_UNKNOWN, "the kernel was not asked");
	}
	if (!a->asked)
		return;
	judge_kernel(a, f, &out[URING_GATE_KERNEL]);
	judge_build(a, f, &out[URING_GATE_BUILD]);
	judge_sysctl(a, f, &out[URING_GATE_SYSCTL]);
	judge_seccomp(a, f, &out[URING_GATE_SECCOMP]);
	judge_lsm(a, &out[URING_GATE_LSM]);
	judge_limit(a, -ENOMEM, -ENOMEM, &out[URING_GATE_MEMLOCK]);
	judge_limit(a, -EMFILE, -ENFILE, &out[URING_GATE_NOFILE]);
}

const char *uring_gate_state_name(enum uring_gate_state state)
{
	static const char *const names[] = { "open", "closed", "unknown" };

	return names[state];
}

/* The answers leave one reading only. */
static bool is_sure(const struct uring_answers *a, const struct uring_facts *f,
		    enum uring_gate_id gate)
{
	switch (gate) {
	case URING_GATE_KERNEL: /* a filter may say ENOSYS too */
		return a->seccomp_mode == 0;
	case URING_GATE_SYSCTL:
		return f->disabled > 0;
	case URING_GATE_SECCOMP:
		return a->killed || a->seccomp_mode > 0;
	case URING_GATE_MEMLOCK: /* or memory ran out */
		return false;
	default:
		return true;
	}
}

struct uring_verdict uring_verdict(const struct uring_answers *a,
				   const struct uring_facts *f)
{
	static const char *const causes[URING_GATES] = { "not_in_kernel", "built_out",
							 "sysctl",	  "seccomp",
							 "lsm",		  "memlock",
							 "nofile" };
	struct uring_gate gates[URING_GATES];
	struct uring_verdict v = { false, "unknown", false, "" };
	char buf[24];
	size_t i;

	uring_gates(a, f, gates);
	/* A ring that nobody may enter is none. */
	if (a->asked && allowed(a) && a->setup_real >= 0 && a->enter_bad == -EBADF) {
		v.available = true;
		v.cause = NULL;
		v.sure = true;
		snprintf(v.text, sizeof(v.text), "io_uring works here (%s)",
			 uring_level_name(uring_level(a)));
		return v;
	}
	for (i = 0; i < URING_GATES; i++)
		if (gates[i].state == URING_GATE_CLOSED) {
			v.cause = causes[i];
			v.sure = is_sure(a, f, i);
			snprintf(v.text, sizeof(v.text), "%s: %s", gates[i].name,
				 gates[i].evidence);
			return v;
		}
	if (!a->asked)
		snprintf(v.text, sizeof(v.text), "the kernel was not asked");
	else
		snprintf(v.text, sizeof(v.text), "io_uring_setup: %s",
			 errno_name(allowed(a) ? a->setup_real : a->setup_null, buf));
	return v;
}

struct uring_facts uring_facts_here(void)
{
	struct uring_facts f = { -1, -1 };
	CLEANUP_CLOSE int fd =
		open("/proc/sys/kernel/io_uring_disabled", O_RDONLY | O_CLOEXEC);
	char c;

	if (fd >= 0 && read(fd, &c, 1) == 1 && c >= '0' && c <= '2')
		f.disabled = c - '0';
	return f;
}
