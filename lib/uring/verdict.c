/* The cause among the closed gates, and the least that opens them. */
#include "gate.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WANT_MEMLOCK (8 * 1024 * 1024)
#define WANT_NOFILE 4096

static const struct {
	const char *cause;
	const char *perhaps; /* who, where it is not sure */
} rows[URING_GATES] = {
	[URING_GATE_EMULATION] = { "emulated", "a tracer or an emulator" },
	[URING_GATE_SECCOMP] = { "seccomp", "seccomp" },
	[URING_GATE_KERNEL] = { "not_in_kernel", "a kernel without it" },
	[URING_GATE_BUILD] = { "built_out", "a kernel built without it" },
	[URING_GATE_SYSCTL] = { "sysctl", "a sysctl" },
	[URING_GATE_LSM] = { "lsm", "a security module" },
	[URING_GATE_MEMLOCK] = { "memlock", "RLIMIT_MEMLOCK or memory" },
	[URING_GATE_NOFILE] = { "nofile", "RLIMIT_NOFILE" },
};

/* A ring that nobody may enter is none; one that cannot be registered with still works. */
static bool works(const struct uring_answers *a, const struct uring_facts *f)
{
	return a->asked && !a->killed && !f->filter_why[0] && a->setup_null == -EFAULT &&
	       a->setup_real >= 0 && (a->enter_bad == -EBADF || a->enter_bad >= 0);
}

/* The gates that can have answered: a real ring was tried or not. */
static enum uring_gate_id cause_of(const struct uring_answers *a,
				   const struct uring_gate gates[URING_GATES])
{
	int last = uring_setup_allowed(a) ? URING_GATE_NOFILE : URING_GATE_LSM, i;

	for (i = 0; i <= last; i++)
		if (gates[i].state == URING_GATE_CLOSED)
			return (enum uring_gate_id)i;
	/* The later ones first: a filter that gives just the kernel's answer is rarer. */
	for (i = last; i >= 0; i--)
		if (gates[i].suspected)
			return (enum uring_gate_id)i;
	return URING_GATES;
}

static bool has(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

/* SELinux's labels are user:role:type:level. */
static bool is_selinux(const struct uring_facts *f)
{
	const char *colon = strchr(f->lsm_label, ':');

	return has(f->lsm, "selinux") || (colon && strchr(colon + 1, ':'));
}

static bool is_apparmor(const struct uring_facts *f)
{
	return has(f->lsm, "apparmor") || has(f->lsm_label, " (enforce)");
}

/* The least that lets who asked pass: never 0. */
static void open_sysctl(const struct uring_facts *f, struct uring_change *c)
{
	bool joins = f->group >= 0 && f->in_group != 1 && f->cap_sys_admin != 1;
	char set[64] = "";

	c->gives_away =
		"members of that group and CAP_SYS_ADMIN may make rings (0 would let "
		"everybody); where a vendor or a policy of yours has set it, that "
		"was a security decision";
	if (f->disabled < 1) {
		snprintf(c->command, sizeof(c->command),
			 "sysctl kernel.io_uring_disabled kernel.io_uring_group");
		return;
	}
	if (f->disabled == 2)
		snprintf(set, sizeof(set), "sysctl -w kernel.io_uring_disabled=1");
	if (joins)
		snprintf(c->command, sizeof(c->command),
			 "%s%susermod -a -G %" PRId64 " USER", set, set[0] ? " && " : "",
			 f->group);
	else if (f->cap_sys_admin == 1 || f->in_group == 1)
		snprintf(c->command, sizeof(c->command), "%s", set);
	else if (f->gid > 0)
		snprintf(c->command, sizeof(c->command), "%s kernel.io_uring_group=%u",
			 set[0] ? set : "sysctl -w", (unsigned)f->gid);
	else
		snprintf(c->command, sizeof(c->command), "%s kernel.io_uring_group=GID",
			 set[0] ? set : "sysctl -w");
	if (f->cap_sys_admin == 1)
		c->gives_away =
			"CAP_SYS_ADMIN may make rings, nobody else; where a vendor or "
			"a policy of yours has set it, that was a security decision";
	snprintf(c->elsewhere, sizeof(c->elsewhere),
		 "%sin a container: on its host; for good: a line in /etc/sysctl.d",
		 joins ? "a unit: SupplementaryGroups=; " : "");
}

static void open_seccomp(struct uring_change *c)
{
	snprintf(c->command, sizeof(c->command),
		 "uringprep probe --write-seccomp FILE --base PROFILE.json");
	snprintf(c->elsewhere, sizeof(c->elsewhere),
		 "a unit: SystemCallFilter=io_uring_setup io_uring_enter "
		 "io_uring_register (all in @aio)");
	c->gives_away = "seccomp sees none of what is done through a ring: files opened, "
			"sockets connected, data sent";
}

static void open_emulation(const struct uring_facts *f, struct uring_change *c)
{
	if (strcmp(f->emulator, "gVisor") == 0) {
		snprintf(c->command, sizeof(c->command),
			 "docker run --runtime runc IMAGE");
		snprintf(c->elsewhere, sizeof(c->elsewhere),
			 "Kubernetes: a pod without runtimeClassName: gvisor");
		c->gives_away = "gVisor's wall between the program and the host's kernel";
		return;
	}
	if (f->emulator[0])
		snprintf(c->command, sizeof(c->command), "run it without %s",
			 f->emulator);
	else
		snprintf(c->command, sizeof(c->command),
			 "run it without what traces or emulates it");
	snprintf(c->elsewhere, sizeof(c->elsewhere),
		 "containers: an image for this machine's own processor");
	c->gives_away = "nothing";
}

static void open_kernel(struct uring_change *c)
{
	snprintf(c->command, sizeof(c->command), "uringprep boot list");
	snprintf(c->elsewhere, sizeof(c->elsewhere),
		 "mainline 5.1 or EL9.3 and later have it; in a container: the host's "
		 "kernel");
	c->gives_away = "a reboot into another kernel";
}

static void open_lsm(const struct uring_facts *f, struct uring_change *c)
{
	if (is_selinux(f)) {
		snprintf(c->command, sizeof(c->command), "ausearch -m AVC -ts recent");
		snprintf(c->elsewhere, sizeof(c->elsewhere),
			 "audit2allow -M NAME makes a rule of what that shows");
	} else if (is_apparmor(f)) {
		snprintf(c->command, sizeof(c->command), "journalctl -k -g apparmor");
		snprintf(c->elsewhere, sizeof(c->elsewhere),
			 "a line `io_uring,` in the profile");
	} else {
		snprintf(c->command, sizeof(c->command), "cat /sys/kernel/security/lsm");
	}
	c->gives_away = "what the module guards of io_uring, for this program's domain";
}

static void open_limit(const char *limit, const char *unit, int64_t least, int64_t now,
		       struct uring_change *c)
{
	int64_t want = now > 0 && now >= least && now < INT64_MAX / 2 ? 2 * now : least;

	snprintf(c->command, sizeof(c->command), "prlimit --%s=%" PRId64 " PROGRAM",
		 limit, want);
	snprintf(c->elsewhere, sizeof(c->elsewhere),
		 "a unit: %s=%" PRId64 "; docker run --ulimit %s=%" PRId64, unit, want,
		 limit, want);
}

static void change_of(const struct uring_answers *a, const struct uring_facts *f,
		      enum uring_gate_id gate, struct uring_change *c)
{
	memset(c, 0, sizeof(*c));
	c->gate = gate;
	switch (gate) {
	case URING_GATE_EMULATION:
		open_emulation(f, c);
		break;
	case URING_GATE_SECCOMP:
		open_seccomp(c);
		break;
	case URING_GATE_KERNEL:
	case URING_GATE_BUILD:
		open_kernel(c);
		break;
	case URING_GATE_SYSCTL:
		open_sysctl(f, c);
		break;
	case URING_GATE_LSM:
		open_lsm(f, c);
		break;
	case URING_GATE_MEMLOCK:
		open_limit("memlock", "LimitMEMLOCK", WANT_MEMLOCK, f->memlock, c);
		c->gives_away = "that much memory may be locked by this user";
		break;
	default:
		c->gives_away = "that many files may be open";
		open_limit("nofile", "LimitNOFILE", WANT_NOFILE, f->nofile, c);
		if (a->setup_real != -ENFILE)
			break;
		snprintf(c->command, sizeof(c->command), "sysctl -w fs.file-max=NUMBER");
		snprintf(c->elsewhere, sizeof(c->elsewhere),
			 "a NUMBER above the first in /proc/sys/fs/file-nr");
	}
}

/* Who denies it, where that is sure. */
static void denied_by(const struct uring_answers *a, const struct uring_facts *f,
		      enum uring_gate_id gate, char *out, size_t size)
{
	const char *module = is_selinux(f)    ? "SELinux"
			     : is_apparmor(f) ? "AppArmor"
					      : "a security module";
	int r = a->enter_bad;

	if (r == -EBADF || a->answered < 1)
		r = a->register_bad;
	if (r == -EBADF || a->answered < 2)
		r = a->setup_null;
	switch (gate) {
	case URING_GATE_EMULATION:
		snprintf(out, size, "io_uring is not emulated");
		break;
	case URING_GATE_SECCOMP:
		snprintf(out, size, "io_uring is denied by seccomp (%s)",
			 f->filter_why[0] ? "its filter"
			 : a->killed	  ? "SIGSYS"
					  : uring_errno_name(r));
		break;
	case URING_GATE_KERNEL:
		snprintf(out, size, "io_uring is not in this kernel (ENOSYS)");
		break;
	case URING_GATE_BUILD:
		snprintf(out, size, "io_uring is built out (no CONFIG_IO_URING)");
		break;
	case URING_GATE_SYSCTL:
		snprintf(out, size, "io_uring_disabled=%d denies it", f->disabled);
		break;
	case URING_GATE_LSM:
		snprintf(out, size, "io_uring is denied by %s (%s)", module,
			 uring_errno_name(r == -EFAULT ? a->setup_real : r));
		break;
	case URING_GATE_MEMLOCK:
		snprintf(out, size, "io_uring is denied by RLIMIT_MEMLOCK=%" PRId64,
			 f->memlock);
		break;
	default:
		if (a->setup_real == -ENFILE)
			snprintf(out, size, "io_uring is denied by fs.file-max (ENFILE)");
		else
			snprintf(out, size,
				 "io_uring is denied by RLIMIT_NOFILE=%" PRId64,
				 f->nofile);
	}
}

static void say_denied(const struct uring_answers *a, const struct uring_facts *f,
		       const struct uring_gate gates[URING_GATES],
		       struct uring_verdict *v)
{
	const struct uring_gate *g = &gates[v->gate];
	struct uring_change c;

	change_of(a, f, v->gate, &c);
	v->cause = rows[v->gate].cause;
	v->sure = g->state == URING_GATE_CLOSED;
	if (v->sure)
		denied_by(a, f, v->gate, v->who, sizeof(v->who));
	else
		snprintf(v->who, sizeof(v->who), "io_uring is denied, perhaps by %s",
			 rows[v->gate].perhaps);
	snprintf(v->line, sizeof(v->line), "%s: %.*s", v->who,
		 (int)(URING_LINE - strlen(v->who) - 2), c.command);
	snprintf(v->text, sizeof(v->text), "%s: %s", g->name, g->evidence);
}

static void say_works(const struct uring_answers *a, const struct uring_facts *f,
		      const struct uring_gate gates[URING_GATES], struct uring_verdict *v)
{
	bool closed = gates[URING_GATE_SECCOMP].state == URING_GATE_CLOSED;
	const char *level = uring_level_name(uring_level(a));

	v->available = true;
	v->cause = NULL;
	v->sure = a->enter_bad == -EBADF && f->filter <= 0;
	snprintf(v->text, sizeof(v->text), "io_uring works here (%s)", level);
	snprintf(v->line, sizeof(v->line), "io_uring works here, level %s%s", level,
		 closed		     ? "; seccomp denies io_uring_register"
		 : f->filter > 0     ? ", but for a filter that could not be asked"
		 : a->enter_bad >= 0 ? ", emulated"
				     : "");
}

struct uring_verdict uring_verdict(const struct uring_answers *a,
				   const struct uring_facts *f)
{
	struct uring_verdict v = { .cause = "unknown", .gate = URING_GATES };
	struct uring_gate gates[URING_GATES];
	int r, i;

	uring_gates(a, f, gates);
	if (works(a, f))
		say_works(a, f, gates, &v);
	else if (a->asked)
		v.gate = cause_of(a, gates);
	if (v.gate != URING_GATES)
		say_denied(a, f, gates, &v);
	for (i = 0; i < URING_GATES; i++)
		if (gates[i].state == URING_GATE_CLOSED &&
		    (enum uring_gate_id)i != v.gate)
			v.behind[v.n_behind++] = (enum uring_gate_id)i;
	if (v.line[0])
		return v;
	r = a->setup_null == -EFAULT ? a->setup_real : a->setup_null;
	if (!a->asked) {
		snprintf(v.text, sizeof(v.text), "the kernel was not asked");
		snprintf(v.line, sizeof(v.line), "io_uring: the kernel was not asked");
		return v;
	}
	snprintf(v.text, sizeof(v.text), "io_uring_setup: %s", uring_errno_name(r));
	snprintf(v.who, sizeof(v.who), "io_uring is denied, nobody knows by whom (%s)",
		 uring_errno_name(r));
	snprintf(v.line, sizeof(v.line), "%.60s: strace -f uringprep probe", v.who);
	return v;
}

size_t uring_changes(const struct uring_answers *a, const struct uring_facts *f,
		     struct uring_change out[URING_GATES])
{
	struct uring_verdict v = uring_verdict(a, f);
	size_t n = 0, i;

	if (v.gate != URING_GATES)
		change_of(a, f, v.gate, &out[n++]);
	for (i = 0; i < v.n_behind; i++)
		change_of(a, f, v.behind[i], &out[n++]);
	return n;
}
