/* Asking the kernel, also behind filters, and judging its answers. */
#include "unit.h"

#include "tests/bin/deny.h"
#include "uring/abi.h"
#include "uring/gate.h"
#include "uring/names.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* Answers of a kernel on which all is well (6.18, recorded on the machine at hand). */
static struct uring_answers good_answers(void)
{
	struct uring_answers a;

	memset(&a, 0, sizeof(a));
	a.asked = true;
	a.setup_null = -EFAULT;
	a.enter_bad = a.register_bad = -EBADF;
	a.answered = 3;
	memset(a.set, 0, sizeof(a.set));
	a.set[URING_FEATURES].have[0] = 0x3ffff;
	a.set[URING_SETUP_FLAGS].have[0] = 0x7ffff;
	a.set[URING_OPS].have[0] = ~0ULL >> 1;
	a.set[URING_REGISTER_OPS].have[0] = 0xfffffffff;
	a.set[URING_OP_FLAGS].have[0] = ~0ULL;
	return a;
}

/* Ask in a child that BEFORE has been called in; the answers come back over a pipe. */
static struct uring_answers ask_after(int (*before)(void))
{
	struct uring_answers a;
	struct err e = { "" };
	int p[2], status;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int r = before();

		if (!r)
			r = uring_ask(&a, URING_BRIEF, NULL, &e);
		_exit(r < 0 || write(p[1], &a, sizeof(a)) != (ssize_t)sizeof(a));
	}
	close(p[1]);
	assert_int_equal(read(p[0], &a, sizeof(a)), sizeof(a));
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return a;
}

static int with_eperm(void)
{
	return deny_io_uring(EPERM, 0);
}

static int with_eperm_of_setup(void)
{
	return deny_io_uring(EPERM, 1);
}

static int with_enosys(void)
{
	return deny_io_uring(ENOSYS, 0);
}

static int with_eacces(void)
{
	return deny_io_uring(EACCES, 0);
}

static int with_kill(void)
{
	return deny_io_uring(DENY_KILL, 0);
}

static int with_nothing(void)
{
	return 0;
}

/* The descriptors 0 to 2, the two of our pipe and the two of the question. */
static int with_few_descriptors(void)
{
	struct rlimit l = { 0, 0 };
	int probe = open("/dev/null", O_RDONLY);

	if (probe < 0 || close(probe) < 0)
		return -errno;
	l.rlim_cur = l.rlim_max = (rlim_t)probe + 2;
	return setrlimit(RLIMIT_NOFILE, &l) < 0 ? -errno : 0;
}

/* What the file says on this machine: the tests' expectations follow it. */
static int disabled_here(void)
{
	char c = '?';
	int fd = open("/proc/sys/kernel/io_uring_disabled", O_RDONLY);

	if (fd < 0)
		return -1;
	assert_int_equal(read(fd, &c, 1), 1);
	close(fd);
	return c - '0';
}

static void this_kernel_answers(void **state UNUSED)
{
	struct uring_answers a = ask_after(with_nothing);
	struct uring_facts facts = uring_facts_here();
	struct uring_verdict v = uring_verdict(&a, &facts);

	assert_int_equal(facts.disabled < 0 ? -1 : facts.disabled, disabled_here());
	assert_true(a.asked);
	assert_false(a.killed);
	assert_int_equal(a.enter_bad, -EBADF);
	assert_int_equal(a.register_bad, -EBADF);
	if (disabled_here() > 0) {
		print_message("# io_uring is denied here by sysctl\n");
		assert_string_equal(v.cause, "sysctl");
		return;
	}
	assert_true(v.available);
	assert_null(v.cause);
	assert_true(uring_has(&a, URING_OPS, URING_OP_NOP));
	assert_false(uring_has(&a, URING_OPS, 255));
	assert_false(uring_has(&a, URING_OPS, 1000));
	assert_true(uring_level(&a) >= URING_EARLY);
}

static void asking_is_quick(void **state UNUSED)
{
	struct uring_answers a;
	struct timespec from, to;
	struct err e;
	double best = 1e9;
	int i;

	for (i = 0; i < 20; i++) {
		double ms;

		clock_gettime(CLOCK_MONOTONIC, &from);
		assert_int_equal(uring_ask(&a, URING_BRIEF, NULL, &e), 0);
		clock_gettime(CLOCK_MONOTONIC, &to);
		ms = (double)(to.tv_sec - from.tv_sec) * 1e3 +
		     (double)(to.tv_nsec - from.tv_nsec) / 1e6;
		best = ms < best ? ms : best;
	}
	print_message("# asking takes %.2f ms\n", best);
	/* 0.25 measured; under sanitizers ten times that. */
	assert_true(best < 10);
}

/* What it means is judged in test_gate.c. */
static void filters_answer(void **state UNUSED)
{
	struct uring_answers a = ask_after(with_eperm);

	assert_int_equal(a.setup_null, -EPERM);
	assert_int_equal(a.enter_bad, -EPERM);
	assert_int_equal(a.register_bad, -EPERM);
	assert_int_equal(a.seccomp_mode, 2);
	a = ask_after(with_eperm_of_setup);
	assert_int_equal(a.setup_null, -EPERM);
	assert_int_equal(a.enter_bad, -EBADF);
	assert_int_equal(ask_after(with_enosys).setup_null, -ENOSYS);
	assert_int_equal(ask_after(with_eacces).setup_null, -EACCES);
}

static void a_filter_may_kill(void **state UNUSED)
{
	struct uring_answers a = ask_after(with_kill);

	assert_true(a.asked);
	assert_true(a.killed);
	assert_int_equal(a.answered, 0);
	assert_int_equal(uring_level(&a), URING_NONE);
}

static void no_descriptor_left(void **state UNUSED)
{
	if (disabled_here() > 0) {
		print_message("# skipped: io_uring is denied here by sysctl\n");
		return;
	}
	assert_int_equal(ask_after(with_few_descriptors).setup_real, -EMFILE);
}

static void take(struct uring_answers *a, enum uring_kind kind, unsigned n)
{
	a->set[kind].have[n / 64] &= ~(1ULL << (n % 64));
}

static void each_level_needs_its_answers(void **state UNUSED)
{
	struct uring_answers a = good_answers();

	assert_int_equal(uring_level(&a), URING_FULL);
	a.set[URING_SETUP_FLAGS].have[0] = URING_SETUP_COOP_TASKRUN;
	assert_int_equal(uring_level(&a), URING_MODERN);
	a = good_answers();
	take(&a, URING_OP_FLAGS, URING_OPF_MULTISHOT_RECV);
	assert_int_equal(uring_level(&a), URING_MODERN);
	take(&a, URING_REGISTER_OPS, URING_REGISTER_PBUF_RING);
	assert_int_equal(uring_level(&a), URING_NETWORK);
	a = good_answers();
	take(&a, URING_OP_FLAGS, URING_OPF_MULTISHOT_ACCEPT);
	assert_int_equal(uring_level(&a), URING_NETWORK);
	take(&a, URING_FEATURES, 5);
	assert_int_equal(uring_level(&a), URING_EARLY);
	a = good_answers();
	take(&a, URING_OPS, URING_OP_ACCEPT);
	assert_int_equal(uring_level(&a), URING_EARLY);
	a.setup_real = -ENOMEM;
	assert_int_equal(uring_level(&a), URING_NONE);
	assert_string_equal(uring_level_name(URING_NONE), "none");
	assert_string_equal(uring_level_name(URING_FULL), "full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_kernel_answers),
		cmocka_unit_test(asking_is_quick),
		cmocka_unit_test(filters_answer),
		cmocka_unit_test(a_filter_may_kill),
		cmocka_unit_test(no_descriptor_left),
		cmocka_unit_test(each_level_needs_its_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
