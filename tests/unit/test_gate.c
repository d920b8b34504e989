/* Who denies io_uring, from answers and facts: every combination that is known of kernels,
 * container runtimes, sandboxes and emulators, and those that leave two readings. */
#include "unit.h"

#include "uring/gate.h"

#include <errno.h>

struct row {
	const char *what;
	const char *answers; /* beside those of a kernel where all is well */
	const char *facts;   /* "" : nothing is known */
	const char *cause;   /* "-": available */
	const char *sure;    /* "high" or "low" */
	const char *behind;  /* "kernel,nofile" */
};

static const struct row rows[] = {
	/* What was measured and read of others. */
	{ "a working ring", "", "disabled=0", "-", "high", "" },
	{ "the same in a microVM, whose host has no say", "", "", "-", "high", "" },
	{ "a kernel before 5.1, or built without it: EL7, EL8", "all=ENOSYS", "",
	  "not_in_kernel", "high", "" },
	{ "the same, and no file of the sysctl", "all=ENOSYS", "disabled=-2",
	  "not_in_kernel", "high", "" },
	{ "built without, and its configuration is there", "all=ENOSYS", "configured=0",
	  "built_out", "high", "" },
	{ "a configuration that knows no such option", "all=ENOSYS",
	  "in_kernel=0 in_kernel_by=config", "not_in_kernel", "high", "" },
	{ "sysctl 1, neither admin nor in a group", "setup=EPERM",
	  "disabled=1 cap_sys_admin=0 in_group=0", "sysctl", "high", "" },
	{ "sysctl 1, in its group", "", "disabled=1 group=990 cap_sys_admin=0 in_group=1",
	  "-", "high", "" },
	{ "sysctl 1, admin", "", "disabled=1 cap_sys_admin=1 in_group=0", "-", "high",
	  "" },
	{ "sysctl 2", "setup=EPERM", "disabled=2 cap_sys_admin=1", "sysctl", "high", "" },
	{ "sysctl 2, a filter that lets all pass", "setup=EPERM mode=2",
	  "disabled=2 cap_sys_admin=1", "sysctl", "high", "" },
	{ "a filter with EPERM: Docker 25, containerd 2.0", "all=EPERM mode=2",
	  "disabled=0", "seccomp", "high", "" },
	{ "the same on a kernel without the sysctl", "all=EPERM mode=2", "disabled=-2",
	  "seccomp", "high", "" },
	{ "the same, and nothing is known", "all=EPERM mode=2", "", "seccomp", "high",
	  "" },
	{ "Docker Desktop: what register says was not looked at",
	  "enter=EPERM setup=EPERM mode=2", "disabled=0", "seccomp", "high", "" },
	{ "podman, CRI-O: ENOSYS", "all=ENOSYS mode=2", "disabled=0", "seccomp", "high",
	  "" },
	{ "the same before 6.6, by the configuration", "all=ENOSYS mode=2",
	  "disabled=-2 configured=1", "seccomp", "high", "" },
	{ "the same before 6.6, by the kernel's symbols", "all=ENOSYS mode=2",
	  "disabled=-2 in_kernel=1 in_kernel_by=kallsyms", "seccomp", "high", "" },
	{ "systemd, SystemCallFilter=~@aio: kill", "killed=1 answered=0 mode=2",
	  "disabled=0", "seccomp", "high", "" },
	{ "systemd, SystemCallErrorNumber=EACCES", "all=EACCES mode=2", "disabled=0",
	  "seccomp", "high", "" },
	{ "a sandbox that kills at setup", "killed=1 answered=2 setup=0 mode=2", "",
	  "seccomp", "high", "" },
	{ "SELinux 6.15 without io_uring allowed", "setup=EACCES",
	  "disabled=0 lsm=selinux", "lsm", "high", "" },
	{ "SELinux 5.16 without anon_inode create", "real=EACCES", "disabled=0", "lsm",
	  "high", "" },
	{ "a tight RLIMIT_MEMLOCK", "real=ENOMEM one=ENOMEM", "memlock=4096", "memlock",
	  "high", "" },
	{ "the same, and a smaller ring fits", "real=ENOMEM", "memlock=1000000",
	  "memlock", "high", "" },
	{ "no descriptor left", "real=EMFILE one=EMFILE", "nofile=8", "nofile", "high",
	  "" },
	{ "no file left in the system", "real=ENFILE one=ENFILE", "", "nofile", "high",
	  "" },
	{ "gVisor", "all=ENOSYS", "emulator=gVisor", "emulated", "high", "" },
	{ "gVisor with its io_uring", "enter=0 register=ENOSYS", "emulator=gVisor", "-",
	  "low", "" },
	{ "the same, where no ring can be made", "enter=0 register=ENOSYS real=EPERM",
	  "emulator=gVisor", "emulated", "high", "lsm" },
	{ "WSL2, 5.4", "all=ENOSYS", "disabled=-2", "not_in_kernel", "high", "" },
	{ "WSL2, 6.x, a user", "setup=EPERM", "disabled=2 cap_sys_admin=0 in_group=0",
	  "sysctl", "high", "" },
	{ "QEMU's user mode on a kernel that has it", "all=ENOSYS mode=-22",
	  "emulator=qemu-x86_64 disabled=0", "emulated", "high", "" },

	/* Filters that no kernel's answer hides. */
	{ "EOPNOTSUPP", "all=EOPNOTSUPP mode=2", "", "seccomp", "high", "" },
	{ "an errno without a name here", "all=-71 mode=2", "", "seccomp", "high", "" },
	{ "EOPNOTSUPP of setup alone", "setup=EOPNOTSUPP mode=2", "", "seccomp", "high",
	  "" },
	{ "ENOSYS of setup alone", "setup=ENOSYS mode=2", "", "seccomp", "high", "" },
	{ "EPERM of setup alone, and the sysctl is 0", "setup=EPERM mode=2", "disabled=0",
	  "seccomp", "high", "" },
	{ "EPERM of setup alone, and there is no sysctl", "setup=EPERM mode=2",
	  "disabled=-2", "seccomp", "high", "" },
	{ "EPERM of setup alone, and the sysctl lets us pass", "setup=EPERM mode=2",
	  "disabled=1 cap_sys_admin=1", "seccomp", "high", "" },
	{ "EPERM of enter alone: a ring that nobody may enter", "enter=EPERM mode=2", "",
	  "seccomp", "high", "" },
	{ "EPERM of register alone: a ring works", "register=EPERM mode=2", "", "-",
	  "high", "seccomp" },

	/* Two at once: the first that a call meets is the cause. */
	{ "Docker on an EL7 host", "all=EPERM mode=2",
	  "disabled=-2 in_kernel=0 in_kernel_by=kallsyms", "seccomp", "high", "kernel" },
	{ "podman on an EL7 host", "all=ENOSYS mode=2",
	  "disabled=-2 in_kernel=0 in_kernel_by=kallsyms", "not_in_kernel", "high", "" },
	{ "Docker on a kernel built without", "all=EPERM mode=2", "configured=0",
	  "seccomp", "high", "build" },
	{ "a filter and the sysctl", "all=EPERM mode=2", "disabled=2", "seccomp", "high",
	  "sysctl" },
	{ "a filter that kills and the sysctl", "killed=1 answered=0 mode=2",
	  "disabled=2", "seccomp", "high", "sysctl" },
	{ "a filter that says ENOSYS and the sysctl", "all=ENOSYS mode=2",
	  "disabled=1 cap_sys_admin=0 in_group=0", "seccomp", "high", "sysctl" },
	{ "EACCES of setup where the sysctl gives EPERM", "setup=EACCES mode=2",
	  "disabled=2", "seccomp", "high", "sysctl" },
	{ "a filter, and no descriptor left", "all=EPERM mode=2", "spare_fd=0 nofile=6",
	  "seccomp", "high", "nofile" },
	{ "the sysctl, and no descriptor left", "setup=EPERM",
	  "disabled=2 spare_fd=0 nofile=6", "sysctl", "high", "nofile" },
	{ "QEMU on a host whose sysctl is 2", "all=ENOSYS mode=-22",
	  "emulator=qemu-aarch64 disabled=2", "emulated", "high", "sysctl" },

	/* Two readings: low. */
	{ "ENOSYS behind a filter, on a kernel of which nothing is known",
	  "all=ENOSYS mode=2", "", "not_in_kernel", "low", "" },
	{ "EPERM of setup, and the sysctl cannot be read", "setup=EPERM", "", "sysctl",
	  "low", "" },
	{ "the same behind a filter", "setup=EPERM mode=2", "", "sysctl", "low", "" },
	{ "sysctl 1, and the rights are not known", "setup=EPERM", "disabled=1", "sysctl",
	  "low", "" },
	{ "EACCES of setup: the filter or the module", "setup=EACCES mode=2",
	  "disabled=0 lsm=selinux", "lsm", "low", "" },
	{ "the same where no module labels", "setup=EACCES mode=2",
	  "disabled=0 lsm_label=none", "seccomp", "low", "" },
	{ "EPERM, no filter, the sysctl is 0: only a module is left", "setup=EPERM",
	  "disabled=0", "lsm", "high", "" },
	{ "ENOMEM under a large limit: memory, or other rings of the user",
	  "real=ENOMEM one=ENOMEM", "memlock=8388608", "memlock", "low", "" },
	{ "ENOSYS without a filter from a kernel that has it: a tracer", "all=ENOSYS",
	  "disabled=0", "emulated", "low", "" },
	{ "EPERM of all without a filter", "all=EPERM", "disabled=0", "emulated", "low",
	  "" },
	{ "a service whose filter was not passed", "", "filter=2", "-", "low", "" },
	{ "a service whose unit's filter denies it", "", "filter=2 filter_why=unit",
	  "seccomp", "high", "" },

	/* None of the gates. */
	{ "ENOMEM in spite of CAP_IPC_LOCK", "real=ENOMEM one=ENOMEM", "cap_ipc_lock=1",
	  "unknown", "low", "" },
	{ "EINVAL of a real ring", "real=EINVAL one=EINVAL", "", "unknown", "low", "" },
};

static int number(const char *text)
{
	static const struct {
		const char *name;
		int value;
	} names[] = { { "ENOSYS", -ENOSYS }, { "EPERM", -EPERM },
		      { "EACCES", -EACCES }, { "ENOMEM", -ENOMEM },
		      { "EMFILE", -EMFILE }, { "ENFILE", -ENFILE },
		      { "EINVAL", -EINVAL }, { "EOPNOTSUPP", -EOPNOTSUPP } };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].value;
	return atoi(text);
}

static void set_answer(struct uring_answers *a, const char *key, int v)
{
	int *const at[] = { &a->enter_bad,  &a->register_bad, &a->setup_null,
			    &a->setup_real, &a->setup_one,    &a->seccomp_mode,
			    &a->answered };
	const char *const keys[] = { "enter", "register", "setup",   "real",
				     "one",   "mode",	  "answered" };
	size_t i;

	if (strcmp(key, "killed") == 0) {
		a->killed = v;
		return;
	}
	if (strcmp(key, "all") == 0) {
		a->enter_bad = a->register_bad = a->setup_null = v;
		return;
	}
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0) {
			*at[i] = v;
			return;
		}
	fail_msg("%s: no such answer", key);
}

static void set_fact(struct uring_facts *f, const char *key, const char *text)
{
	int *const at[] = { &f->disabled,     &f->in_group, &f->cap_sys_admin,
			    &f->cap_ipc_lock, &f->spare_fd, &f->filter,
			    &f->configured,   &f->in_kernel };
	const char *const keys[] = { "disabled",     "in_group", "cap_sys_admin",
				     "cap_ipc_lock", "spare_fd", "filter",
				     "configured",   "in_kernel" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0) {
			*at[i] = number(text);
			return;
		}
	if (strcmp(key, "group") == 0)
		f->group = number(text);
	else if (strcmp(key, "memlock") == 0)
		f->memlock = number(text);
	else if (strcmp(key, "nofile") == 0)
		f->nofile = number(text);
	else if (strcmp(key, "emulator") == 0)
		snprintf(f->emulator, sizeof(f->emulator), "%s", text);
	else if (strcmp(key, "lsm") == 0)
		snprintf(f->lsm, sizeof(f->lsm), "%s", text);
	else if (strcmp(key, "lsm_label") == 0)
		snprintf(f->lsm_label, sizeof(f->lsm_label), "%s", text);
	else if (strcmp(key, "filter_why") == 0)
		snprintf(f->filter_why, sizeof(f->filter_why), "%s from its settings",
			 text);
	else if (strcmp(key, "in_kernel_by") == 0)
		snprintf(f->in_kernel_by, sizeof(f->in_kernel_by), "%s", text);
	else
		fail_msg("%s: no such fact", key);
}

/* "key=value key=value" into A or, where that is NULL, F. */
static void set_all(struct uring_answers *a, struct uring_facts *f, const char *text)
{
	char copy[256], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (!*word)
			continue;
		assert_non_null(value);
		*value++ = '\0';
		if (a)
			set_answer(a, word, number(value));
		else
			set_fact(f, word, value);
	}
}

static void row_of(const struct row *row, struct uring_answers *a, struct uring_facts *f)
{
	memset(a, 0, sizeof(*a));
	a->asked = true;
	a->answered = 3;
	a->enter_bad = a->register_bad = -EBADF;
	a->setup_null = -EFAULT;
	set_all(a, NULL, row->answers);
	uring_facts_init(f);
	set_all(NULL, f, row->facts);
}

static void each_row_has_its_verdict(void **state UNUSED)
{
	struct uring_gate gates[URING_GATES];
	struct uring_answers a;
	struct uring_facts f;
	size_t i, k, bad = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uring_verdict v;
		char behind[128] = "";
		const char *cause, *sure;

		row_of(&rows[i], &a, &f);
		v = uring_verdict(&a, &f);
		uring_gates(&a, &f, gates);
		for (k = 0; k < v.n_behind; k++) {
			strcat(behind, k ? "," : "");
			strcat(behind, gates[v.behind[k]].name);
		}
		cause = v.available ? "-" : v.cause;
		sure = v.sure ? "high" : "low";
		if (strcmp(cause, rows[i].cause) == 0 &&
		    strcmp(sure, rows[i].sure) == 0 &&
		    strcmp(behind, rows[i].behind) == 0 && v.available == !v.cause)
			continue;
		print_message("# %s: %s %s, behind it \"%s\": %s\n", rows[i].what, cause,
			      sure, behind, v.text);
		bad++;
	}
	assert_int_equal(bad, 0);
}

/* The cause is closed or suspected, every gate has its evidence. */
static void gates_agree_with_the_verdict(void **state UNUSED)
{
	struct uring_gate gates[URING_GATES];
	struct uring_answers a;
	struct uring_facts f;
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uring_verdict v;

		row_of(&rows[i], &a, &f);
		v = uring_verdict(&a, &f);
		uring_gates(&a, &f, gates);
		for (k = 0; k < URING_GATES; k++) {
			assert_true(strlen(gates[k].evidence) > 3);
			assert_true(strlen(gates[k].evidence) <
				    sizeof(gates[k].evidence) - 1);
			assert_false(gates[k].suspected &&
				     gates[k].state != URING_GATE_UNKNOWN);
		}
		if (v.gate == URING_GATES)
			continue;
		assert_int_equal(v.sure, gates[v.gate].state == URING_GATE_CLOSED);
		assert_true(v.sure || gates[v.gate].suspected);
		assert_non_null(strstr(v.text, gates[v.gate].evidence));
	}
}

/* As long as it can become. */
static void the_first_line_fits(void **state UNUSED)
{
	static const struct {
		const char *facts;
		int64_t gid, group, limit;
	} more[] = {
		{ "", -1, -1, -1 },
		{ "", 4294967294, -1, 1LL << 40 },
		{ "", -1, 4294967294, -1 },
		{ "emulator=0123456789012345678901234567890123456789", -1, -1, -1 },
		{ "lsm=selinux", -1, -1, -1 },
		{ "lsm=apparmor", -1, -1, -1 },
	};
	struct uring_change changes[URING_GATES];
	struct uring_answers a;
	struct uring_facts f;
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (k = 0; k < sizeof(more) / sizeof(more[0]); k++) {
			struct uring_verdict v;

			row_of(&rows[i], &a, &f);
			set_all(NULL, &f, more[k].facts);
			f.gid = more[k].gid;
			f.group = more[k].group;
			if (more[k].limit > 0)
				f.memlock = f.nofile = more[k].limit;
			v = uring_verdict(&a, &f);
			assert_true(strlen(v.line) <= URING_LINE);
			assert_non_null(strstr(v.line, "io_uring"));
			assert_true(v.available || strstr(v.line, ": "));
			if (v.gate == URING_GATES)
				continue;
			assert_true(uring_changes(&a, &f, changes) == v.n_behind + 1);
			/* Not cut off: the command is whole. */
			if (!strstr(v.line, changes[0].command))
				fail_msg("%s: %s", rows[i].what, v.line);
			assert_non_null(changes[0].gives_away);
		}
}

/* What is advised for the sysctl: never 0, the group that is there, else the own one. */
static void the_sysctl_is_opened_a_little(void **state UNUSED)
{
	static const struct {
		const char *facts;
		int64_t gid;
		const char *command;
	} want[] = {
		{ "disabled=2 cap_sys_admin=1 in_group=0", 0,
		  "sysctl -w kernel.io_uring_disabled=1" },
		{ "disabled=2 cap_sys_admin=0 in_group=0", 65534,
		  "sysctl -w kernel.io_uring_disabled=1 kernel.io_uring_group=65534" },
		{ "disabled=2 cap_sys_admin=0 in_group=0", 0,
		  "sysctl -w kernel.io_uring_disabled=1 kernel.io_uring_group=GID" },
		{ "disabled=2 cap_sys_admin=0 in_group=0 group=990", 100,
		  "sysctl -w kernel.io_uring_disabled=1 && usermod -a -G 990 USER" },
		{ "disabled=2 cap_sys_admin=0 in_group=1 group=990", 100,
		  "sysctl -w kernel.io_uring_disabled=1" },
		{ "disabled=1 cap_sys_admin=0 in_group=0", 100,
		  "sysctl -w kernel.io_uring_group=100" },
		{ "disabled=1 cap_sys_admin=0 in_group=0 group=990", 100,
		  "usermod -a -G 990 USER" },
	};
	const struct row denied = { "", "setup=EPERM", "", NULL, NULL, NULL };
	struct uring_change c[URING_GATES];
	struct uring_answers a;
	struct uring_facts f;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		row_of(&denied, &a, &f);
		set_all(NULL, &f, want[i].facts);
		f.gid = want[i].gid;
		assert_int_equal(uring_changes(&a, &f, c), 1);
		assert_string_equal(c[0].command, want[i].command);
		assert_non_null(strstr(c[0].gives_away, "security decision"));
	}
}

static void nothing_was_asked(void **state UNUSED)
{
	struct uring_change c[URING_GATES];
	struct uring_answers none;
	struct uring_verdict v;
	struct uring_facts f;

	memset(&none, 0, sizeof(none));
	uring_facts_init(&f);
	v = uring_verdict(&none, &f);
	assert_false(v.available);
	assert_false(v.sure);
	assert_string_equal(v.cause, "unknown");
	assert_int_equal(uring_changes(&none, &f, c), 0);
}

/* Facts of somebody else than us. */
static void facts_of_another(void **state UNUSED)
{
	const gid_t groups[] = { 7, 990 };
	const struct uring_as as = { .uid = 1,
				     .gid = 5,
				     .groups = groups,
				     .n_groups = 2,
				     .memlock = 4096,
				     .nofile = UINT64_MAX };
	struct uring_facts f;

	uring_facts_init(&f);
	f.disabled = 1;
	f.group = 990;
	uring_facts_of(&f, &as);
	assert_int_equal(f.in_group, 1);
	assert_int_equal(f.cap_sys_admin, 0);
	assert_int_equal(f.cap_ipc_lock, 0);
	assert_int_equal(f.memlock, 4096);
	assert_true(f.nofile == INT64_MAX);
	f.group = 991;
	uring_facts_of(&f, &as);
	assert_int_equal(f.in_group, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_has_its_verdict),
		cmocka_unit_test(gates_agree_with_the_verdict),
		cmocka_unit_test(the_first_line_fits),
		cmocka_unit_test(the_sysctl_is_opened_a_little),
		cmocka_unit_test(nothing_was_asked),
		cmocka_unit_test(facts_of_another),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
