/* Judging the raw answers: which gates are closed. Each gate is looked at on its own; what
 * an earlier one hides is unknown, unless a fact tells it. */
#include "gate.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SMALL_MEMLOCK 65536 /* what one ring of 256 entries fills */

static const struct {
	const char *name, *opens;
} gate_rows[URING_GATES] = {
	[URING_GATE_EMULATION] = { "emulation", "running the program on a kernel, not on "
						"an emulator" },
	[URING_GATE_SECCOMP] = { "seccomp",
				 "a seccomp profile that allows io_uring_setup, "
				 "io_uring_enter and io_uring_register" },
	[URING_GATE_KERNEL] = { "kernel", "a kernel that has io_uring: mainline 5.1 or "
					  "later, EL9.3 or later" },
	[URING_GATE_BUILD] = { "build", "a kernel built with CONFIG_IO_URING=y" },
	[URING_GATE_SYSCTL] = { "sysctl",
				"kernel.io_uring_disabled=1 with kernel.io_uring_group, "
				"or 0 for everybody" },
	[URING_GATE_LSM] = { "lsm", "a rule of the security module (SELinux: classes "
				    "io_uring and anon_inode)" },
	[URING_GATE_MEMLOCK] = { "memlock", "a higher RLIMIT_MEMLOCK" },
	[URING_GATE_NOFILE] = { "nofile", "a higher RLIMIT_NOFILE" },
};

/* strerror's words differ with the locale; these are the names people search for. */
const char *uring_errno_name(int r)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ EFAULT, "EFAULT" }, { ENOSYS, "ENOSYS" },	    { EPERM, "EPERM" },
		{ EACCES, "EACCES" }, { EOPNOTSUPP, "EOPNOTSUPP" }, { ENOMEM, "ENOMEM" },
		{ EMFILE, "EMFILE" }, { ENFILE, "ENFILE" },	    { EBADF, "EBADF" },
		{ EINVAL, "EINVAL" }, { EAGAIN, "EAGAIN" },	    { ENOENT, "ENOENT" },
		{ EINTR, "EINTR" },   { EEXIST, "EEXIST" },	    { EIO, "EIO" },
		{ ENODEV, "ENODEV" }, { ENXIO, "ENXIO" },	    { EBUSY, "EBUSY" },
	};
	size_t i;

	if (r >= 0)
		return "success";
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == -r)
			return names[i].name;
	return "some error";
}

static void say(struct uring_gate *g, enum uring_gate_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct uring_gate *g, enum uring_gate_state state, const char *fmt, ...)
{
	va_list ap;

	g->state = state;
	va_start(ap, fmt);
	vsnprintf(g->evidence, sizeof(g->evidence), fmt, ap);
	va_end(ap);
}

static void say_setup(struct uring_gate *g, enum uring_gate_state state,
		      const struct uring_answers *a)
{
	say(g, state, "io_uring_setup(1, NULL): %s", uring_errno_name(a->setup_null));
}

static void say_real(struct uring_gate *g, enum uring_gate_state state,
		     const struct uring_answers *a)
{
	say(g, state, "io_uring_setup of 8 entries: %s", uring_errno_name(a->setup_real));
}

static void suspect(struct uring_gate *g, bool yes)
{
	g->suspected = yes;
}

/* Nothing but "no such system call". */
static bool all_enosys(const struct uring_answers *a)
{
	return !a->killed && a->enter_bad == -ENOSYS && a->register_bad == -ENOSYS &&
	       a->setup_null == -ENOSYS;
}

static bool has_filter(const struct uring_answers *a)
{
	return a->killed || a->seccomp_mode > 0;
}

/* Something that only a kernel with io_uring has. */
static bool is_in_kernel(const struct uring_facts *f)
{
	return f->in_kernel == 1 || f->disabled >= 0 || f->configured == 1;
}

static const char *shown_by(const struct uring_facts *f)
{
	return f->disabled >= 0	    ? "there is kernel.io_uring_disabled"
	       : f->configured == 1 ? "CONFIG_IO_URING is set"
				    : f->in_kernel_by;
}

/* Does the sysctl let who asked pass? 1, 0, or -1: not known. */
static int sysctl_lets(const struct uring_facts *f)
{
	if (f->disabled == 0 || f->disabled == URING_NO_SWITCH)
		return 1;
	if (f->disabled == 2)
		return 0;
	if (f->disabled < 0)
		return -1;
	if (f->cap_sys_admin == 1 || f->in_group == 1)
		return 1;
	return f->cap_sys_admin == 0 && f->in_group == 0 ? 0 : -1;
}

/* None that could decide on io_uring. */
static bool no_lsm(const struct uring_facts *f)
{
	static const char *const deciding[] = { "selinux", "apparmor", "smack", "tomoyo",
						"bpf" };
	size_t i;

	if (!f->lsm[0])
		return strcmp(f->lsm_label, "none") == 0;
	for (i = 0; i < ARRAY_SIZE(deciding); i++)
		if (strstr(f->lsm, deciding[i]))
			return false;
	return true;
}

/* An answer to a question that only something in front of the kernel gives; NULL: none.
 * R: of enter and register, which the kernel answers with EBADF, or ENOSYS to all. */
static const char *strange(const struct uring_answers *a, int *r)
{
	bool some = a->enter_bad != -ENOSYS ||
		    (a->answered > 1 && a->register_bad != -ENOSYS);

	*r = a->enter_bad;
	if (a->answered > 0 && *r != -EBADF && *r != -ENOSYS)
		return "io_uring_enter(-1)";
	*r = a->register_bad;
	if (a->answered > 1 && *r != -EBADF && *r != -ENOSYS)
		return "io_uring_register(-2)";
	*r = a->setup_null;
	if (a->answered > 2 && *r != -EFAULT && *r != -EPERM && *r != -EACCES &&
	    *r != -ENOSYS)
		return "io_uring_setup(1, NULL)";
	/* The kernel has all three or none. */
	some |= a->answered > 2 && a->setup_null != -ENOSYS;
	*r = -ENOSYS;
	if (some && a->answered > 0 && a->enter_bad == -ENOSYS)
		return "io_uring_enter(-1)";
	if (some && a->answered > 1 && a->register_bad == -ENOSYS)
		return "io_uring_register(-2)";
	if (some && a->answered > 2 && a->setup_null == -ENOSYS)
		return "io_uring_setup(1, NULL)";
	return NULL;
}

static void judge_emulation(const struct uring_answers *a, const struct uring_facts *f,
			    struct uring_gate *g)
{
	const char *who = f->emulator[0] ? f->emulator : "no Linux";
	const char *call;
	int r;

	if (a->answered > 0 && a->enter_bad >= 0)
		say(g,
		    uring_setup_allowed(a) && a->setup_real >= 0 ? URING_GATE_OPEN
								 : URING_GATE_CLOSED,
		    "io_uring_enter(-1): success: %s answers so", who);
	else if (uring_setup_allowed(a) && uring_enter_passed(a))
		say(g, URING_GATE_OPEN, "io_uring_enter(-1): EBADF");
	else if (f->emulator[0])
		say(g, URING_GATE_CLOSED, "%s runs this program", f->emulator);
	else if (has_filter(a))
		say(g, URING_GATE_OPEN, "no emulator is seen");
	else if ((call = strange(a, &r)) || (all_enosys(a) && is_in_kernel(f))) {
		say(g, URING_GATE_UNKNOWN,
		    "%s: %s from a kernel that has io_uring, and no filter is loaded",
		    call ? call : "io_uring_setup(1, NULL)",
		    uring_errno_name(call ? r : -ENOSYS));
		suspect(g, true);
	} else {
		say(g, URING_GATE_OPEN, "no emulator is seen");
	}
}

static void judge_killed(const struct uring_answers *a, struct uring_gate *g)
{
	static const char *const calls[] = { "io_uring_enter", "io_uring_register",
					     "io_uring_setup" };

	say(g, URING_GATE_CLOSED, "%s was answered with SIGSYS",
	    (size_t)a->answered < ARRAY_SIZE(calls) ? calls[a->answered]
						    : "a later question");
}

/* A filter is there, and no answer is one that only it gives. */
static void judge_loaded(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	int lets = sysctl_lets(f);
	const char *what = uring_errno_name(a->setup_null);

	if (all_enosys(a) && is_in_kernel(f)) {
		say(g, URING_GATE_CLOSED, "ENOSYS to all three, and %s", shown_by(f));
	} else if (all_enosys(a)) {
		say(g, URING_GATE_UNKNOWN,
		    "a filter is loaded, and says ENOSYS or lets the calls pass");
		suspect(g, f->in_kernel != 0 && f->configured != 0);
	} else if (uring_setup_allowed(a)) {
		say(g, URING_GATE_OPEN, "a filter is loaded and lets all three pass");
	} else if (a->setup_null == -EPERM && lets > 0) {
		say(g, URING_GATE_CLOSED,
		    f->disabled == URING_NO_SWITCH
			    ? "io_uring_setup: EPERM, and the kernel has no such sysctl"
		    : f->disabled
			    ? "io_uring_setup: EPERM, though the sysctl lets us pass"
			    : "io_uring_setup: EPERM, though "
			      "kernel.io_uring_disabled is 0");
	} else if (a->setup_null == -EACCES && lets == 0) {
		say(g, URING_GATE_CLOSED,
		    "io_uring_setup: EACCES, where the sysctl gives EPERM");
	} else {
		say(g, URING_GATE_UNKNOWN,
		    "a filter is loaded and lets io_uring_enter pass; io_uring_setup: %s "
		    "may be its answer",
		    what);
		suspect(g, lets != 0);
	}
}

static void judge_seccomp(const struct uring_answers *a, const struct uring_facts *f,
			  struct uring_gate *g)
{
	const char *call;
	int r;

	if (a->killed)
		judge_killed(a, g);
	else if (f->emulator[0] && !uring_enter_passed(a))
		say(g, URING_GATE_UNKNOWN, "not reached: %s answers", f->emulator);
	else if (f->filter_why[0])
		say(g, URING_GATE_CLOSED, "%s", f->filter_why);
	else if (f->filter > 0)
		say(g, URING_GATE_UNKNOWN,
		    "it has a filter that the question did not pass");
	else if (a->seccomp_mode <= 0)
		say(g, URING_GATE_OPEN, "no filter is loaded");
	else if ((call = strange(a, &r)))
		say(g, URING_GATE_CLOSED, "%s: %s, which no kernel %s", call,
		    uring_errno_name(r),
		    r == -ENOSYS ? "says of one of the three" : "says");
	else
		judge_loaded(a, f, g);
}

static void judge_kernel(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	bool between = f->emulator[0] || has_filter(a);

	if (uring_enter_passed(a))
		say(g, URING_GATE_OPEN, "io_uring_enter(-1): EBADF");
	else if (uring_setup_allowed(a))
		say_setup(g, URING_GATE_OPEN, a);
	else if (is_in_kernel(f))
		say(g, URING_GATE_OPEN, "%s", shown_by(f));
	else if (f->configured == 0)
		say(g, URING_GATE_OPEN, "%s knows CONFIG_IO_URING", f->config);
	else if (f->in_kernel == 0)
		say(g, URING_GATE_CLOSED, "%s", f->in_kernel_by);
	else if (all_enosys(a) && !between)
		say(g, URING_GATE_CLOSED, "ENOSYS to all three, and no filter is loaded");
	else {
		say(g, URING_GATE_UNKNOWN, "not reached: what answers is in front of it");
		suspect(g, all_enosys(a) && !f->emulator[0]);
	}
}

static void judge_build(const struct uring_answers *a, const struct uring_facts *f,
			struct uring_gate *g)
{
	if (uring_enter_passed(a) || uring_setup_allowed(a))
		say(g, URING_GATE_OPEN, "the kernel answers");
	else if (f->disabled >= 0 || (f->configured != 0 && is_in_kernel(f)))
		say(g, URING_GATE_OPEN, "%s", shown_by(f));
	else if (f->configured == 0)
		say(g, URING_GATE_CLOSED, "CONFIG_IO_URING is not set in %s", f->config);
	else
		say(g, URING_GATE_UNKNOWN,
		    f->in_kernel == 0 ? "there is nothing to build in"
				      : "the kernel's configuration is not known");
}

static void judge_sysctl(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	int lets = sysctl_lets(f);
	const char *pass = f->cap_sys_admin == 1 ? "CAP_SYS_ADMIN passes"
			   : f->in_group == 1	 ? "who asks is in its group"
						 : "it let setup pass";
	char group[48] = "no group is set";

	if (f->group >= 0)
		snprintf(group, sizeof(group), "its group is %" PRId64, f->group);
	if (f->disabled == URING_NO_SWITCH)
		say(g, URING_GATE_OPEN, "this kernel has no kernel.io_uring_disabled");
	else if (f->disabled == 0)
		say(g, URING_GATE_OPEN, "kernel.io_uring_disabled is 0");
	else if (f->disabled == 1 && (lets > 0 || uring_setup_allowed(a)))
		say(g, URING_GATE_OPEN, "kernel.io_uring_disabled is 1: %s", pass);
	else if (uring_setup_allowed(a))
		say_setup(g, URING_GATE_OPEN, a);
	else if (f->disabled == 2)
		say(g, URING_GATE_CLOSED, "kernel.io_uring_disabled is 2: nobody may");
	else if (f->disabled == 1 && lets == 0)
		say(g, URING_GATE_CLOSED,
		    "kernel.io_uring_disabled is 1: %s, and who asks is neither in it "
		    "nor "
		    "has CAP_SYS_ADMIN",
		    group);
	else {
		say(g, URING_GATE_UNKNOWN, "kernel.io_uring_disabled %s",
		    f->disabled == 1 ? "is 1, and the rights of who asks are not known"
				     : "cannot be read");
		suspect(g,
			!a->killed && a->setup_null == -EPERM && uring_enter_passed(a));
	}
}

static void judge_lsm(const struct uring_answers *a, const struct uring_facts *f,
		      struct uring_gate *g)
{
	/* Its own answer, or a filter's: EACCES; EPERM where the sysctl did not say it. */
	bool its = !a->killed && a->answered > 2 && uring_enter_passed(a) &&
		   (a->setup_null == -EACCES ||
		    (a->setup_null == -EPERM && sysctl_lets(f) > 0));

	if (uring_setup_allowed(a) && a->setup_real >= 0)
		say(g, URING_GATE_OPEN, "a ring was made");
	else if (uring_setup_allowed(a) &&
		 (a->setup_real == -EACCES || a->setup_real == -EPERM))
		say_real(g, URING_GATE_CLOSED, a);
	else if (its && !has_filter(a))
		say_setup(g, URING_GATE_CLOSED, a);
	else if (no_lsm(f))
		say(g, URING_GATE_OPEN, "no module that decides on io_uring: %s",
		    f->lsm[0] ? f->lsm : "none labels this process");
	else if (its && a->setup_null == -EACCES) {
		say(g, URING_GATE_UNKNOWN,
		    "io_uring_setup: EACCES is its answer or that of the filter");
		suspect(g, true);
	} else {
		say(g, URING_GATE_UNKNOWN, "not reached%s%.100s",
		    f->lsm[0] || f->lsm_label[0] ? "; there is " : "",
		    f->lsm[0] ? f->lsm : f->lsm_label);
	}
}

static const char *amount(int64_t n, char out[32])
{
	if (n < 0 || n == INT64_MAX)
		return n < 0 ? "unknown" : "unlimited";
	snprintf(out, 32, "%" PRId64, n);
	return out;
}

/* ENOMEM is also what a kernel says that has no memory; the limit is then large, or who
 * asks is exempt from it. */
static void judge_memlock(const struct uring_answers *a, const struct uring_facts *f,
			  struct uring_gate *g)
{
	char limit[32];

	amount(f->memlock, limit);
	if (f->cap_ipc_lock == 1)
		say(g, URING_GATE_OPEN, "not counted: CAP_IPC_LOCK");
	else if (f->memlock == INT64_MAX)
		say(g, URING_GATE_OPEN, "RLIMIT_MEMLOCK is unlimited");
	else if (!uring_setup_allowed(a))
		say(g, URING_GATE_UNKNOWN, "not reached; RLIMIT_MEMLOCK is %s",
		    amount(f->memlock, limit));
	else if (a->setup_real == -ENOMEM) {
		bool sure = a->setup_one >= 0 ||
			    (f->memlock >= 0 && f->memlock <= SMALL_MEMLOCK);

		say(g, sure ? URING_GATE_CLOSED : URING_GATE_UNKNOWN,
		    "io_uring_setup of 8 entries: ENOMEM, of one: %s; RLIMIT_MEMLOCK is "
		    "%s",
		    uring_errno_name(a->setup_one), amount(f->memlock, limit));
		suspect(g, !sure);
	} else {
		say_real(g, a->setup_real >= 0 ? URING_GATE_OPEN : URING_GATE_UNKNOWN, a);
	}
}

static void judge_nofile(const struct uring_answers *a, const struct uring_facts *f,
			 struct uring_gate *g)
{
	char limit[32];
	bool tried = uring_setup_allowed(a);

	if (tried && a->setup_real == -ENFILE)
		say(g, URING_GATE_CLOSED,
		    "io_uring_setup of 8 entries: ENFILE, the whole system's limit");
	else if (tried && a->setup_real == -EMFILE)
		say(g, URING_GATE_CLOSED,
		    "io_uring_setup of 8 entries: EMFILE; RLIMIT_NOFILE is %s",
		    amount(f->nofile, limit));
	else if (tried && a->setup_real >= 0)
		say_real(g, URING_GATE_OPEN, a);
	else if (!f->spare_fd)
		say(g, URING_GATE_CLOSED, "no descriptor is left; RLIMIT_NOFILE is %s",
		    amount(f->nofile, limit));
	else if (f->spare_fd == 1)
		say(g, URING_GATE_OPEN, "descriptors are left");
	else
		say(g, URING_GATE_UNKNOWN, "not reached");
}

void uring_gates(const struct uring_answers *a, const struct uring_facts *f,
		 struct uring_gate out[URING_GATES])
{
	size_t i;

	memset(out, 0, URING_GATES * sizeof(*out));
	for (i = 0; i < URING_GATES; i++) {
		out[i].name = gate_rows[i].name;
		out[i].opens = gate_rows[i].opens;
		say(&out[i], URING_GATE_UNKNOWN, "the kernel was not asked");
	}
	if (!a->asked)
		return;
	judge_emulation(a, f, &out[URING_GATE_EMULATION]);
	judge_seccomp(a, f, &out[URING_GATE_SECCOMP]);
	judge_kernel(a, f, &out[URING_GATE_KERNEL]);
	judge_build(a, f, &out[URING_GATE_BUILD]);
	judge_sysctl(a, f, &out[URING_GATE_SYSCTL]);
	judge_lsm(a, f, &out[URING_GATE_LSM]);
	judge_memlock(a, f, &out[URING_GATE_MEMLOCK]);
	judge_nofile(a, f, &out[URING_GATE_NOFILE]);
}

const char *uring_gate_state_name(enum uring_gate_state state)
{
	static const char *const names[] = { "open", "closed", "unknown" };

	return names[state];
}
