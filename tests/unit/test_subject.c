/* What /proc and systemctl say of a process or a unit, understood; another program run. */
#include "unit.h"

#include "os/proc.h"
#include "os/run.h"
#include "parse/accounts.h"
#include "parse/process.h"
#include "parse/unit.h"
#include "uring/memlock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

/* Of a sleep under `setpriv --reuid 33`, Linux 6.18, shortened; the groups made up. */
static const char status[] =
	"Name:\tslee p\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t92\n"
	"Uid:\t33\t34\t35\t36\nGid:\t43\t44\t45\t46\nFDSize:\t64\nGroups:\t4 24 990 \n"
	"VmLck:\t       8 kB\nVmPin:\t       4 kB\nThreads:\t1\n"
	"CapEff:\t000001fffeffffff\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n";

static const char limits[] =
	"Limit                     Soft Limit           Hard Limit           Units     \n"
	"Max cpu time              unlimited            unlimited            seconds   \n"
	"Max open files            1024                 524288               files     \n"
	"Max locked memory         65536                unlimited            bytes     "
	"\n";

static void a_process_is_read(void **state UNUSED)
{
	struct proc_status s;
	uint64_t soft, hard;

	assert_int_equal(proc_status_parse(&s, status), 0);
	assert_string_equal(s.name, "slee p");
	assert_false(s.ended);
	assert_int_equal(s.uid, 33);
	assert_int_equal(s.gid, 44);
	assert_int_equal(s.n_groups, 3);
	assert_int_equal(s.groups[2], 990);
	assert_true(s.caps == 0x1fffeffffff);
	assert_int_equal(s.no_new_privs, 1);
	assert_int_equal(s.seccomp, 2);
	assert_int_equal(s.filters, 3);
	assert_int_equal(s.locked_kib, 8);
	assert_int_equal(s.pinned_kib, 4);
	proc_status_clear(&s);
	assert_int_equal(proc_limit_parse(limits, "Max open files", &soft, &hard), 0);
	assert_int_equal(soft, 1024);
	assert_int_equal(hard, 524288);
	assert_int_equal(proc_limit_parse(limits, "Max locked memory", &soft, &hard), 0);
	assert_int_equal(soft, 65536);
	assert_true(hard == UINT64_MAX);
}

/* Of an exited child that nobody waited for, Linux 6.18, shortened. */
static void a_zombie_has_ended(void **state UNUSED)
{
	struct proc_status s;

	assert_int_equal(proc_status_parse(&s, "Name:\tpython3\nState:\tZ (zombie)\n"
					       "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"
					       "CapEff:\t000001fffeffffff\n"),
			 0);
	assert_true(s.ended);
	proc_status_clear(&s);
}

static void what_is_no_process_is_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"Name:\tx\n",
		"Name:\tx\nCapEff:\t0\n",
		"Name:\tx\nCapEff:\t0\nUid:\tx\nGid:\t0\t0\n",
		"Name:\tx\nCapEff:\t0\nUid:\t99999999999\nGid:\t0\t0\n",
	};
	struct proc_status s;
	uint64_t soft, hard;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(proc_status_parse(&s, bad[i]), -EBADMSG);
	assert_int_equal(proc_limit_parse(limits, "Max file size", &soft, &hard),
			 -EBADMSG);
	assert_int_equal(
		proc_limit_parse("Max open files 1\n", "Max open files", &soft, &hard),
		-EBADMSG);
	/* Linux 3.10 (EL7) writes neither Seccomp_filters nor NoNewPrivs. */
	assert_int_equal(
		proc_status_parse(&s, "Name:\tx\nCapEff:\tf\nUid:\t1\nGid:\t1\t1\n"), 0);
	assert_int_equal(s.no_new_privs, -1);
	assert_int_equal(s.filters, -1);
	proc_status_clear(&s);
}

/* As systemd 252 printed them. */
static void a_filter_is_judged(void **state UNUSED)
{
	static const char groups[] =
		"@aio\n    # Asynchronous IO\n    io_cancel\n    io_uring_enter\n"
		"    io_uring_register\n    io_uring_setup\n\n"
		"@basic-io\n    # Basic IO\n    read\n    write\n\n"
		"@service\n    # made up: groups in groups\n    @basic-io\n    @aio\n";
	static const struct {
		const char *value, *groups;
		bool none;
		unsigned denied, unknown;
	} rows[] = {
		{ "~", "", true, 0, 0 },
		{ "", "", true, 0, 0 },
		{ "~io_cancel io_uring_enter io_uring_register io_uring_setup", "", false,
		  7, 0 },
		{ "~io_uring_setup:ENOSYS", "", false, 1, 0 },
		{ "~reboot", "", false, 0, 0 },
		{ "read write", "", false, 7, 0 },
		{ "io_uring_enter io_uring_setup read", "", false, 4, 0 },
		{ "io_uring_enter io_uring_setup io_uring_register:EPERM", "", false, 4,
		  0 },
		{ "@aio", groups, false, 0, 0 },
		{ "@service", groups, false, 0, 0 },
		{ "~@aio", groups, false, 7, 0 },
		{ "~@aio:EPERM", groups, false, 7, 0 },
		{ "@basic-io", groups, false, 7, 0 },
		{ "@aio", "", false, 0, 7 },
		{ "~@aio", "", false, 0, 7 },
		{ "~@new io_uring_enter", groups, false, 2, 5 },
		{ "@new io_uring_enter", groups, false, 0, 5 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unit_filter f = unit_filter_judge(rows[i].value, rows[i].groups);

		if (f.none != rows[i].none || f.denied != rows[i].denied ||
		    f.unknown != rows[i].unknown)
			fail_msg("\"%s\": none %d denied %u unknown %u", rows[i].value,
				 f.none, f.denied, f.unknown);
	}
}

static void a_group_in_itself_ends(void **state UNUSED)
{
	struct unit_filter f = unit_filter_judge("@a", "@a\n    @a\n");

	assert_int_equal(f.unknown, 7);
}

static void settings_are_read(void **state UNUSED)
{
	static const char text[] = "User=web\nLimitMEMLOCK=infinity\nUserX=no\nA=b=c\n";
	struct strv groups = { NULL, 0 };
	bool oom = false;
	char *value = unit_property(text, "User", &oom);
	uint64_t n;

	assert_string_equal(value, "web");
	free(value);
	value = unit_property(text, "A", &oom);
	assert_string_equal(value, "b=c");
	free(value);
	assert_null(unit_property(text, "Use", &oom));
	assert_false(oom);
	assert_int_equal(unit_limit("infinity", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(unit_limit("65536", &n), 0);
	assert_int_equal(n, 65536);
	assert_int_equal(unit_limit("64K", &n), -EBADMSG);
	assert_true(unit_caps("cap_chown cap_ipc_lock cap_checkpoint_restore") ==
		    (1ULL | 1ULL << 14 | 1ULL << 40));
	assert_true(unit_caps("cap_of_tomorrow chown") == 0);
	assert_int_equal(unit_filter_groups("~@aio:EPERM read @b", &groups), 0);
	assert_int_equal(groups.n, 2);
	assert_string_equal(groups.v[0], "@aio");
	assert_string_equal(groups.v[1], "@b");
	strv_clear(&groups);
}

static void accounts_are_found_by_name(void **state UNUSED)
{
	static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/:\n";
	static const char group[] = "root:x:0:\nrings:x:990:db, web\nwww:x:34:webmaster\n"
				    "logs:x:4:web\n";
	gid_t *gids = NULL;
	uint32_t id, gid;
	size_t n = 0;

	assert_int_equal(accounts_number(passwd, "web", &id, &gid), 1);
	assert_int_equal(id, 33);
	assert_int_equal(gid, 34);
	assert_int_equal(accounts_number(group, "rings", &id, NULL), 1);
	assert_int_equal(id, 990);
	assert_int_equal(accounts_number(passwd, "we", &id, &gid), 0);
	assert_int_equal(accounts_groups_of(group, "web", &gids, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(gids[0], 990);
	assert_int_equal(gids[1], 4);
	free(gids);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void another_program_is_run(void **state UNUSED)
{
	const char *both[] = { "sh", "-c", "echo out; echo err >&2; exit 7", NULL };
	const char *dies[] = { "sh", "-c", "kill -9 $$", NULL };
	const char *none[] = { "no-such-program", NULL };
	struct run_output o;
	struct err e;

	assert_int_equal(run_capture(both, 5000, 1000, &o, &e), 0);
	assert_int_equal(o.code, 7);
	assert_string_equal(o.out, "out\n");
	assert_string_equal(o.err, "err\n");
	run_output_clear(&o);
	assert_int_equal(run_capture(dies, 5000, 1000, &o, &e), 0);
	assert_int_equal(o.code, 128 + 9);
	run_output_clear(&o);
	assert_int_equal(run_capture(none, 5000, 1000, &o, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "no-such-program"));
}

static void it_is_held_to_its_limits(void **state UNUSED)
{
	/* The sleep is the shell's child: it must go, too, and must not hold us up. */
	const char *slow[] = { "sh", "-c", "echo $$; sleep 30; echo late", NULL };
	const char *loud[] = { "sh", "-c", "while :; do echo y; done", NULL };
	int64_t before = now_ms();
	struct run_output o;
	struct err e;

	assert_int_equal(run_capture(slow, 200, 1000, &o, &e), -ETIMEDOUT);
	assert_int_equal(run_capture(loud, 5000, 1000, &o, &e), -EFBIG);
	assert_true(now_ms() - before < 4000);
}

static void nothing_of_ours_goes_along(void **state UNUSED)
{
	const char *look[] = {
		"sh", "-c",
		"ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0;"
		"env | grep -v -e ^PATH= -e ^PWD= -e ^SHLVL= -e ^_=",
		NULL
	};
	int left_open = open("/dev/null", O_RDONLY);
	struct run_output o;
	struct err e;

	assert_true(left_open > 2);
	setenv("SECRET", "x", 1);
	assert_int_equal(run_capture(look, 5000, 1000, &o, &e), 0);
	/* 3 is ls's own. */
	assert_string_equal(o.out, "0 1 2 3 /dev/null\nLC_ALL=C\n");
	run_output_clear(&o);
	close(left_open);
}

static void our_own_process_is_there(void **state UNUSED)
{
	uint64_t self, first;
	char *text;

	assert_int_equal(proc_read(0, "status", &text), 0);
	free(text);
	assert_int_equal(proc_namespace(0, "pid", &self), 0);
	assert_int_equal(proc_namespace(getpid(), "pid", &first), 0);
	assert_true(self == first);
	assert_int_equal(proc_rings(0), 0);
	assert_true(proc_read(INT32_MAX, "status", &text) < 0);
}

/* Sizes of the rings that Linux 6.18 charged, as tests/cli/subject.bats proves them. */
static void the_need_of_a_ring_is_known(void **state UNUSED)
{
	const struct uring_memlock now = { 1, 64, false, -1 }, old = { 1, 320, true, -1 },
				   unknown = { 1, -1, false, -1 };

	if (sysconf(_SC_PAGESIZE) != 4096) {
		print_message("# not looked at: the sizes are those of pages of 4 KiB\n");
		return;
	}
	assert_int_equal(uring_memlock_need(&now, 1, true), 8192);
	assert_int_equal(uring_memlock_need(&now, 256, true), 12288 + 16384);
	assert_int_equal(uring_memlock_need(&now, 200, true), 12288 + 16384);
	assert_int_equal(uring_memlock_need(&old, 256, true), 16384 + 16384);
	assert_int_equal(uring_memlock_need(&now, 4096, true), 413696);
	assert_true(uring_memlock_need(&unknown, 4096, true) <= 413696);
	assert_true(uring_memlock_need(&unknown, 4096, false) >= 413696);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_read),
		cmocka_unit_test(a_zombie_has_ended),
		cmocka_unit_test(what_is_no_process_is_refused),
		cmocka_unit_test(a_filter_is_judged),
		cmocka_unit_test(a_group_in_itself_ends),
		cmocka_unit_test(settings_are_read),
		cmocka_unit_test(accounts_are_found_by_name),
		cmocka_unit_test(another_program_is_run),
		cmocka_unit_test(it_is_held_to_its_limits),
		cmocka_unit_test(nothing_of_ours_goes_along),
		cmocka_unit_test(our_own_process_is_there),
		cmocka_unit_test(the_need_of_a_ring_is_known),
	};

	return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
