/* The table of tunables: its rows, how values are read, what shows a need of each.
 *
 *   test_tunables list      prints the rows, a line each of words parted by tabs, for
 *                           tests/vm/tunables.t and tests/lint/man.t
 */
#include "unit.h"

#include "host/host.h"
#include "host/tunables.h"
#include "os/root.h"

#include <errno.h>
#include <inttypes.h>

static bool is_release(const char *text)
{
	unsigned major, minor;
	char more;

	return sscanf(text, "%u.%u%c", &major, &minor, &more) == 2;
}

static void every_row_is_sane(void **state UNUSED)
{
	size_t i, k;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		const struct tunable *t = &tunables[i];

		assert_non_null(t->key);
		assert_ptr_equal(tunable_find(t->key), t);
		for (k = 0; k < i; k++)
			assert_string_not_equal(t->key, tunables[k].key);
		assert_in_range(t->fields, 1, TUNABLE_FIELDS);
		assert_true(t->min < t->max);
		assert_true(!t->until == !t->max_before);
		assert_true(t->max_before < t->max);
		if (t->until)
			assert_true(is_release(t->until) && t->max_before > t->min);
		if (t->since)
			assert_true(is_release(t->since));
		/* Lines of a page and of a plan: neither a sentence nor two lines. */
		assert_true(t->what && *t->what && t->unit && t->default_is &&
			    *t->default_is);
		assert_true(t->what[strlen(t->what) - 1] != '.');
		assert_null(strchr(t->what, '\n'));
		assert_int_equal(t->use == NULL, t->shown_by == NULL);
		assert_true(t->default_is[strlen(t->default_is) - 1] != '.');
	}
}

static void keys_with_dots_or_slashes(void **state UNUSED)
{
	assert_ptr_equal(tunable_find("net/ipv4/tcp_rmem"), &tunables[TUNABLE_TCP_RMEM]);
	assert_ptr_equal(tunable_find("fs.inotify.max_user_watches"),
			 &tunables[TUNABLE_INOTIFY_WATCHES]);
	assert_ptr_equal(tunable_find("fs/inotify.max_user_watches"),
			 &tunables[TUNABLE_INOTIFY_WATCHES]);
	assert_null(tunable_find("fs.inotify.max_user"));
	assert_null(tunable_find("fs.inotify.max_user_watches."));
	assert_null(tunable_find("fs-aio-max-nr"));
	assert_null(tunable_find("vm.dirty_bytes"));
	assert_null(tunable_find(""));
}

/* What TEXT comes to as a value of K: the same written out, or an error's number. */
static void reads(enum tunable_index k, const char *text, int want, const char *as)
{
	struct tunable_value v;
	char *back;

	assert_int_equal(tunable_parse(&tunables[k], text, &v), want);
	if (want)
		return;
	back = tunable_text(&v);
	assert_string_equal(back, as);
	free(back);
}

static void values_are_read(void **state UNUSED)
{
	reads(TUNABLE_SWAPPINESS, " 200\n", 0, "200");
	reads(TUNABLE_SWAPPINESS, "201", -ERANGE, NULL);
	reads(TUNABLE_SWAPPINESS, "-1", -EINVAL, NULL);
	reads(TUNABLE_SWAPPINESS, "", -EINVAL, NULL);
	reads(TUNABLE_SWAPPINESS, "1 2", -EINVAL, NULL);
	reads(TUNABLE_RMEM_MAX, "2303", -ERANGE, NULL);
	reads(TUNABLE_RMEM_MAX, "2304", 0, "2304");
	reads(TUNABLE_RMEM_MAX, "2147483648", -ERANGE, NULL);
	reads(TUNABLE_TCP_NOTSENT_LOWAT, "4294967295", 0, "4294967295");
	reads(TUNABLE_TCP_RMEM, "4096\t131072\t6291456\n", 0, "4096 131072 6291456");
	reads(TUNABLE_TCP_RMEM, "4096 131072", -EINVAL, NULL);
	reads(TUNABLE_TCP_RMEM, "4096 131072 6291456 1", -EINVAL, NULL);
	reads(TUNABLE_TCP_RMEM, "4096 131072 many", -EINVAL, NULL);
	reads(TUNABLE_TCP_RMEM, "4096 131072 131071", -ERANGE, NULL);
	reads(TUNABLE_TCP_RMEM, "0 131072 6291456", -ERANGE, NULL);
	reads(TUNABLE_IP_LOCAL_PORT_RANGE, "1024 65535", 0, "1024 65535");
	reads(TUNABLE_IP_LOCAL_PORT_RANGE, "65535 1024", -ERANGE, NULL);
}

static void values_are_compared(void **state UNUSED)
{
	struct tunable_value a = { 2, { 1, 2, 3 } }, b = { 2, { 1, 2, 4 } };

	assert_true(tunable_value_eq(&a, &b));
	b.v[1] = 3;
	assert_false(tunable_value_eq(&a, &b));
	b = a;
	b.n = 3;
	assert_false(tunable_value_eq(&a, &b));
}

#define KEY(k) "\"" k "\""

/* A recorded host with these sysctls and this use of them. */
static struct host *recorded(const char *sysctl, const char *use, unsigned groups)
{
	struct root *root;
	struct host *host;
	struct err e = { "" };
	char json[2048];

	snprintf(json, sizeof(json),
		 "{\"schema\": \"uringprep.facts/1\", \"sysctl\": {%s}, \"use\": {%s}}",
		 sysctl, use);
	assert_int_equal(root_open(&root, "tests/roots/broken", false, &e), 0);
	assert_int_equal(host_new(&host, root, &e), 0);
	assert_int_equal(host_record(host, "facts", json, &e), 0);
	assert_int_equal(host_need(host, groups, &e), 0);
	return host;
}

static void drop(struct host *h)
{
	struct root *root = (struct root *)(uintptr_t)h->root;

	host_free(h);
	root_free(root);
}

static void shows(enum tunable_index k, const char *sysctl, const char *use,
		  enum tunable_need need, const char *text)
{
	struct tunable_use out = { TUNABLE_UNKNOWN, NULL };
	struct host *h = recorded(sysctl, use, HOST_TUNABLES);

	assert_non_null(tunables[k].use);
	assert_int_equal(tunables[k].use(h, &out), 0);
	if (text)
		assert_string_equal(out.text, text);
	else
		assert_null(out.text);
	assert_int_equal(out.need, need);
	free(out.text);
	drop(h);
}

static void counters_of_what_did_not_fit(void **state UNUSED)
{
	static const struct {
		enum tunable_index k;
		const char *use, *text, *more;
	} rows[] = {
		{ TUNABLE_SOMAXCONN, "listen_overflows", "ListenOverflows",
		  "; servers started before keep their old backlog" },
		{ TUNABLE_TCP_MAX_SYN_BACKLOG, "syn_queue_full",
		  "TCPReqQFullDrop + TCPReqQFullDoCookies", "" },
		{ TUNABLE_TCP_MAX_TW_BUCKETS, "time_wait_overflows",
		  "TCPTimeWaitOverflow", "" },
		{ TUNABLE_TCP_RMEM, "receive_queues_pruned", "PruneCalled", "" },
		{ TUNABLE_TCP_MEM, "memory_pressures", "TCPMemoryPressures", "" },
		{ TUNABLE_NETDEV_MAX_BACKLOG, "backlog_drops",
		  "dropped in /proc/net/softnet_stat", "" },
		{ TUNABLE_NETDEV_BUDGET, "budget_squeezes",
		  "time_squeeze in /proc/net/softnet_stat", "" },
		{ TUNABLE_RMEM_MAX, "udp_receive_drops", "RcvbufErrors of UDP", "" },
		{ TUNABLE_WMEM_DEFAULT, "udp_send_drops", "SndbufErrors of UDP", "" },
		{ TUNABLE_MIN_FREE_KBYTES, "allocation_stalls",
		  "allocstall in /proc/vmstat", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char use[64], text[256];

		shows(rows[i].k, "", "", TUNABLE_UNKNOWN, NULL);
		snprintf(use, sizeof(use), "\"%s\": 0", rows[i].use);
		snprintf(text, sizeof(text), "%s is 0: no gain expected%s", rows[i].text,
			 rows[i].more);
		shows(rows[i].k, "", use, TUNABLE_NOT_SHOWN, text);
		snprintf(use, sizeof(use), "\"%s\": 3", rows[i].use);
		snprintf(text, sizeof(text), "%s is 3%s", rows[i].text, rows[i].more);
		shows(rows[i].k, "", use, TUNABLE_NEEDED, text);
	}
}

static void shares_of_a_limit(void **state UNUSED)
{
	shows(TUNABLE_AIO_MAX_NR, KEY("fs.aio-max-nr") ": \"65536\"",
	      KEY("aio_nr") ": 120", TUNABLE_NOT_SHOWN,
	      "fs.aio-nr 120 of 65536: no gain expected; io_uring does not count here");
	shows(TUNABLE_FILE_MAX, KEY("fs.file-max") ": \"100\"", KEY("files_open") ": 79",
	      TUNABLE_NOT_SHOWN, "fs.file-nr 79 of 100: no gain expected");
	shows(TUNABLE_FILE_MAX, KEY("fs.file-max") ": \"100\"", KEY("files_open") ": 80",
	      TUNABLE_NEEDED, "fs.file-nr 80 of 100");
	shows(TUNABLE_FILE_MAX, "", KEY("files_open") ": 80", TUNABLE_UNKNOWN, NULL);
	shows(TUNABLE_PID_MAX, KEY("kernel.pid_max") ": \"32768\"",
	      KEY("tasks") ": 30000", TUNABLE_NEEDED,
	      "tasks (/proc/loadavg) 30000 of 32768");
	shows(TUNABLE_THREADS_MAX, KEY("kernel.threads-max") ": \"3612\"",
	      KEY("tasks") ": 52", TUNABLE_NOT_SHOWN,
	      "tasks (/proc/loadavg) 52 of 3612: no gain expected");
}

static void what_else_shows_a_need(void **state UNUSED)
{
	shows(TUNABLE_SWAPPINESS, "", KEY("swap_devices") ": 0", TUNABLE_NO_EFFECT,
	      "no swap device: no effect");
	shows(TUNABLE_SWAPPINESS, "",
	      KEY("swap_devices") ": 1, " KEY("pages_swapped") ": 8", TUNABLE_NEEDED,
	      "8 pages swapped in or out since boot");
	shows(TUNABLE_IP_LOCAL_PORT_RANGE,
	      KEY("net.ipv4.ip_local_port_range") ": \"32768\\t60999\"",
	      KEY("sockets_time_wait") ": 7", TUNABLE_NOT_SHOWN,
	      "7 sockets in TIME_WAIT now, for 28232 local ports: no gain expected");
	shows(TUNABLE_TCP_TW_REUSE,
	      KEY("net.ipv4.ip_local_port_range") ": \"32768\\t60999\"",
	      KEY("sockets_time_wait") ": 20000", TUNABLE_UNKNOWN,
	      "20000 sockets in TIME_WAIT now, for 28232 local ports");
	shows(TUNABLE_TCP_FIN_TIMEOUT, "", KEY("sockets_orphaned") ": 0",
	      TUNABLE_NOT_SHOWN, "0 orphaned sockets now: no gain expected");
	shows(TUNABLE_DIRTY_RATIO, "",
	      KEY("pages_dirty") ": 5, " KEY("pages_dirty_limit") ": 900",
	      TUNABLE_UNKNOWN, "5 dirty pages now; at 900 writers have to wait");
	shows(TUNABLE_DIRTY_BACKGROUND_RATIO, "",
	      KEY("pages_dirty") ": 5, " KEY("pages_dirty_background") ": 90",
	      TUNABLE_UNKNOWN, "5 dirty pages now; at 90 writing back begins");
	shows(TUNABLE_OVERCOMMIT_RATIO, KEY("vm.overcommit_memory") ": \"0\"", "",
	      TUNABLE_NO_EFFECT, "vm.overcommit_memory is 0, not 2: no effect");
	shows(TUNABLE_OVERCOMMIT_RATIO, KEY("vm.overcommit_memory") ": \"2\"",
	      KEY("committed_kib") ": 5, " KEY("commit_limit_kib") ": 90",
	      TUNABLE_UNKNOWN, "5 of 90 KiB are promised (Committed_AS)");
	shows(TUNABLE_NUMA_BALANCING, "", KEY("numa_nodes") ": 1", TUNABLE_NO_EFFECT,
	      "one NUMA node: nothing to balance");
	shows(TUNABLE_NUMA_BALANCING, "", KEY("numa_nodes") ": 2", TUNABLE_UNKNOWN, NULL);
	shows(TUNABLE_ZONE_RECLAIM_MODE, "", KEY("numa_nodes") ": 1", TUNABLE_NOT_SHOWN,
	      "one NUMA node: no memory of others to save, no gain expected");
}

static void switches_say_what_they_open(void **state UNUSED)
{
	const struct tunable *disabled = &tunables[TUNABLE_IO_URING_DISABLED];
	const struct tunable *group = &tunables[TUNABLE_IO_URING_GROUP];
	const struct tunable *cookies = &tunables[TUNABLE_TCP_SYNCOOKIES];

	assert_null(disabled->opens(0, 2));
	assert_null(disabled->opens(1, 1));
	assert_string_equal(disabled->opens(2, 0), "io_uring to every process");
	assert_non_null(
		strstr(disabled->opens(2, 1), "members of kernel.io_uring_group"));
	assert_string_equal(
		group->opens(UINT64_MAX, 990),
		"io_uring to that group, where kernel.io_uring_disabled is 1");
	assert_non_null(group->opens(990, 991));
	assert_null(group->opens(990, 990));
	assert_null(group->opens(990, UINT64_MAX));
	assert_non_null(cookies->opens(1, 0));
	assert_non_null(cookies->opens(UINT64_MAX, 0));
	assert_null(cookies->opens(0, 0));
	assert_null(cookies->opens(0, 1));
}

/* Every check pays for HOST_SYSCTL: it is not to read all. */
static void read_as_far_as_needed(void **state UNUSED)
{
	static const char values[] =
		KEY("vm.swappiness") ": \"60\", " KEY("vm.dirty_ratio") ": \"0\", " KEY(
			"vm.dirty_bytes") ": \"4096000\", " KEY("vm.dirty_background_"
								"ratio") ": \"10\", " KEY("vm.dirty_background_"
											  "bytes") ": \"0\"";
	struct host *h = recorded(values, "", HOST_SYSCTL);
	struct err e = { "" };

	assert_string_equal(h->sysctl[TUNABLE_SWAPPINESS].live, "60");
	assert_false(h->sysctl[TUNABLE_DIRTY_RATIO].read);
	assert_null(h->sysctl[TUNABLE_DIRTY_RATIO].live);
	assert_int_equal(host_need(h, HOST_TUNABLES, &e), 0);
	assert_string_equal(h->sysctl[TUNABLE_DIRTY_RATIO].live, "0");
	assert_string_equal(h->sysctl[TUNABLE_DIRTY_RATIO].instead, "4096000");
	assert_null(h->sysctl[TUNABLE_DIRTY_BACKGROUND_RATIO].instead);
	assert_int_equal(h->sysctl[TUNABLE_TCP_RMEM].live_error, -ENOMSG);
	drop(h);
}

/* key, fields, min, max, until, max_before, since, kernel_takes_more, unit, default, what,
 * shown_by */
static int list(void)
{
	size_t i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		const struct tunable *t = &tunables[i];

		printf("%s\t%u\t%" PRIu64 "\t%" PRIu64 "\t%s\t%" PRIu64
		       "\t%s\t%d\t%s\t%s\t"
		       "%s\t%s\n",
		       t->key, t->fields, t->min, t->max, t->until ? t->until : "-",
		       t->max_before, t->since ? t->since : "-", t->kernel_takes_more,
		       t->unit, t->default_is, t->what, t->shown_by ? t->shown_by : "-");
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sane),
		cmocka_unit_test(keys_with_dots_or_slashes),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(values_are_compared),
		cmocka_unit_test(counters_of_what_did_not_fit),
		cmocka_unit_test(shares_of_a_limit),
		cmocka_unit_test(what_else_shows_a_need),
		cmocka_unit_test(switches_say_what_they_open),
		cmocka_unit_test(read_as_far_as_needed),
	};

	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return list();
	return cmocka_run_group_tests_name("tunables", tests, NULL, NULL);
}
