/* The parsers of profiles, sysctl.d files, kernel configurations and gzip. */
#include "unit.h"

#include "parse/block.h"
#include "parse/gunzip.h"
#include "parse/ini.h"
#include "parse/kconfig.h"
#include "parse/accounts.h"
#include "parse/proc.h"
#include "parse/sysctl_d.h"

#include <errno.h>

static void ini_reads_tuned_words(void **state UNUSED)
{
	const char text[] =
		"# comment\n[main]\nsummary = Many connections # of all kinds\n"
		"\n[sysctl]\r\nnet.core.somaxconn=>1024\n; other\n"
		"a = \"x y\"\n\n   # none\n  z\nb='' # none\nc=x#y ; z\nd=\ne=\"x # "
		"y\"\n"
		"f=\"\"";
	struct ini ini = { NULL, 0, NULL, 0 };
	struct err e;

	assert_int_equal(ini_parse(&ini, "p", text, sizeof(text) - 1, &e), 0);
	assert_int_equal(ini.n, 8);
	assert_string_equal(ini.v[0].section, "main");
	assert_string_equal(ini.v[0].key, "summary");
	assert_string_equal(ini.v[0].value, "Many connections");
	assert_int_equal(ini.v[0].line, 3);
	assert_int_equal(ini.v[0].column, 1);
	assert_int_equal(ini.v[0].value_column, 11);
	assert_string_equal(ini.v[1].section, "sysctl");
	assert_string_equal(ini.v[1].value, ">1024");
	/* Goes on: further in than its key. So its quotes are not around the whole. */
	assert_string_equal(ini.v[2].value, "\"x y\"\n\nz");
	assert_int_equal(ini.v[2].column, 1);
	assert_int_equal(ini.v[2].value_column, 5);
	assert_string_equal(ini.v[3].value, "''");
	assert_string_equal(ini.v[4].value, "x#y ; z");
	assert_string_equal(ini.v[5].value, "");
	assert_int_equal(ini.v[5].line, 14);
	assert_int_equal(ini.v[5].value_column, 3);
	assert_string_equal(ini.v[6].value, "\"x"); /* a comment ends a quote */
	assert_string_equal(ini.v[7].value, "");
	ini_clear(&ini);
}

static void ini_refuses_with_the_place(void **state UNUSED)
{
	static const struct {
		const char *text, *message;
	} all[] = {
		{ "a=b\n", "p:1:1: a key before" },
		{ "[a]\n  word\n", "p:2:3: expected key=value" },
		{ "[a\n", "p:1:1: expected [section]" },
		{ "[]\n", "p:1:1: expected [section]" },
		{ "[ a ]\n", "p:1:1: expected [section]" },
		{ "[a] x\n", "p:1:1: expected [section]" },
		{ "[a]\n =b\n", "p:2:2: a key is missing" },
		{ "[a]\nb # =c\n", "p:2:1: expected key=value" },
		{ "[a]\nb=\rc\n", "p:2:3: a control character" },
		{ "[a]\nb=\vc\n", "p:2:3: a control character" },
	};
	struct ini ini = { NULL, 0, NULL, 0 };
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		e.msg[0] = '\0';
		assert_int_equal(
			ini_parse(&ini, "p", all[i].text, strlen(all[i].text), &e),
			-EINVAL);
		assert_ptr_equal(strstr(e.msg, all[i].message), e.msg);
		assert_null(ini.v);
	}
	assert_int_equal(ini_parse(&ini, "p", "[a]\nb=\0c\n", 9, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "p:2:3: a NUL"));

	/* All of them, and what could be read. */
	assert_int_equal(ini_read(&ini, "x\n[a]\nb=1\nc\n", 12), 0);
	assert_int_equal(ini.n, 1);
	assert_int_equal(ini.n_bad, 2);
	assert_int_equal(ini.bad[1].line, 4);
	ini_clear(&ini);
}

static enum kconfig uring(const char *text)
{
	return kconfig_get(text, strlen(text), "CONFIG_IO_URING");
}

static void kconfig_knows_off_from_absent(void **state UNUSED)
{
	assert_int_equal(uring("CONFIG_A=y\nCONFIG_IO_URING=y\n"), KCONFIG_ON);
	assert_int_equal(uring("CONFIG_IO_URING=m"), KCONFIG_ON);
	assert_int_equal(uring("CONFIG_A=y\n# CONFIG_IO_URING is not set\n"),
			 KCONFIG_OFF);
	assert_int_equal(uring("CONFIG_A=y\n"), KCONFIG_ABSENT);
	/* A longer name is another option. */
	assert_int_equal(uring("CONFIG_IO_URING_MOCK=y\n"), KCONFIG_ABSENT);
	assert_int_equal(uring("# CONFIG_IO_URING_MOCK is not set\n"), KCONFIG_ABSENT);
	assert_int_equal(uring(""), KCONFIG_UNKNOWN);
	assert_int_equal(uring("<html>not a configuration</html>\n"), KCONFIG_UNKNOWN);
	/* The length counts, not a NUL. */
	assert_int_equal(
		kconfig_get("CONFIG_A=y\nCONFIG_IO_URING=y", 11, "CONFIG_IO_URING"),
		KCONFIG_ABSENT);
}

static void sysctl_d_reads_what_systemd_does(void **state UNUSED)
{
	const char text[] = "# c\n; c\n\nnet.core.somaxconn = 1 2\n-vm/swappiness=1\n"
			    "-net.ipv4.conf.eth0/1.x\nbroken\nalso broken\nkernel.x=\n";
	struct sysctl_file f = { NULL, 0, 0 };

	assert_int_equal(sysctl_d_parse(&f, text, sizeof(text) - 1), 0);
	assert_int_equal(f.n, 4);
	assert_int_equal(f.bad_line, 7);
	assert_string_equal(f.v[0].path, "net/core/somaxconn");
	assert_string_equal(f.v[0].value, "1 2");
	assert_int_equal(f.v[0].line, 4);
	assert_false(f.v[0].may_fail);
	assert_string_equal(f.v[1].path, "vm/swappiness");
	assert_true(f.v[1].may_fail);
	assert_string_equal(f.v[2].path, "net/ipv4/conf/eth0.1/x");
	assert_null(f.v[2].value);
	assert_string_equal(f.v[3].value, "");
	sysctl_file_clear(&f);
}

static void the_first_separator_decides(void **state UNUSED)
{
	static const struct {
		const char *key, *path;
	} all[] = {
		{ "net.core.somaxconn", "net/core/somaxconn" },
		{ "net/core/somaxconn", "net/core/somaxconn" },
		{ "net/ipv4/conf/eth0.1/x", "net/ipv4/conf/eth0.1/x" },
		{ "net.ipv4.conf.eth0/1.x", "net/ipv4/conf/eth0.1/x" },
		{ "single", "single" },
		{ "/vm/./swappiness/", "vm/swappiness" },
		{ "vm..swappiness", "vm/swappiness" },
		{ "/", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *path = sysctl_path(all[i].key);

		assert_string_equal(path, all[i].path);
		free(path);
	}
	assert_true(sysctl_path_is_glob("net/ipv4/conf/*/x"));
	assert_false(sysctl_path_is_glob("net/ipv4/conf/all/x"));
}

static void gzip_is_unpacked_or_refused(void **state UNUSED)
{
	/* printf 'CONFIG_IO_URING=y\n' | gzip -n */
	static const char packed[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x73\xf6"
				     "\xf7\x73\xf3\x74\x8f\xf7\xf4"
				     "\x8f\x0f\x0d\xf2\xf4\x73\xb7\xad\xe4\x02\x00\x39"
				     "\xb1\xc8\x16\x12\x00\x00\x00";
	char *out = NULL;
	size_t n, len = sizeof(packed) - 1;

	assert_int_equal(gunzip(packed, len, 64, &out, &n), 0);
	assert_string_equal(out, "CONFIG_IO_URING=y\n");
	assert_int_equal(n, 18);
	free(out);
	assert_int_equal(gunzip(packed, len, 17, &out, &n), -EFBIG);
	/* The start of something is not asked what comes after it. */
	assert_int_equal(gunzip_start(packed, len - 1, 10, &out, &n), 0);
	assert_true(n >= 10);
	assert_memory_equal(out, "CONFIG_IO_", 10);
	free(out);
	assert_int_equal(gunzip_start(packed, len, 64, &out, &n), 0);
	assert_int_equal(n, 18);
	free(out);
	assert_int_equal(gunzip_start("CONFIG=y", 8, 64, &out, &n), -EINVAL);
	assert_int_equal(gunzip(packed, len - 1, 64, &out, &n), -EINVAL);
	assert_int_equal(gunzip("CONFIG=y", 8, 64, &out, &n), -EINVAL);
	assert_int_equal(gunzip("", 0, 64, &out, &n), -EINVAL);
}

/* What comes out when the block goes out again is what went in, byte for byte. */
static void blocks_leave_no_trace(void **state UNUSED)
{
	static const char *const files[] = { NULL,   "",	 "\n",
					     "a\n",  "a",	 "set x=1\n\n",
					     "a\nb", "# uring\n" };
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct str once = STR_INIT, twice = STR_INIT, gone = STR_INIT;
		size_t len = files[i] ? strlen(files[i]) : 0;
		struct block b;

		assert_int_equal(block_put(files[i], len, "one\n", &once), 1);
		assert_int_equal(block_find(once.s, &b), 1);
		assert_int_equal(b.to - b.from, 4);
		assert_memory_equal(b.from, "one\n", 4);
		assert_int_equal(block_put(once.s, once.len, "two\nlines\n", &twice), 1);
		assert_int_equal(block_put(twice.s, twice.len, NULL, &gone),
				 files[i] != NULL);
		assert_string_equal(str_text(&gone), files[i] ? files[i] : "");
		str_clear(&once);
		str_clear(&twice);
		str_clear(&gone);
	}
}

static void edited_marks_are_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		"# uringprep begin\n",
		"# uringprep end\n",
		"# uringprep end\n# uringprep begin\n",
		"x# uringprep begin\n# uringprep end\n",
		"# uringprep begin\nx# uringprep end\n",
		"# uringprep begin\n# uringprep begin\n# uringprep end\n",
		"# uringprep begin\n# uringprep end\n# uringprep end\n",
		"# uringprep begin\n# uringprep begin (in an empty file)\n# uringprep "
		"end\n",
	};
	struct str out = STR_INIT;
	struct block b;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(block_find(bad[i], &b), -EINVAL);
		assert_int_equal(block_put(bad[i], strlen(bad[i]), "x", &out), -EINVAL);
	}
	assert_int_equal(out.len, 0);
}

static bool is_for(const char *pattern, const char *path, bool braces)
{
	struct sysctl_line l = { (char *)pattern, NULL, 1, false,
				 sysctl_path_is_glob(pattern) };

	return sysctl_line_is_for(&l, path, braces);
}

static void patterns(void **state UNUSED)
{
	char many[400] = "*";
	int i;

	assert_true(is_for("net/core/*", "net/core/somaxconn", false));
	assert_false(is_for("net/*", "net/core/somaxconn", false));
	assert_true(is_for("net/{core,ipv4/{a,b}}/*", "net/ipv4/b/x", true));
	assert_false(is_for("net/{core,ipv4/{a,b}}/*", "net/ipv4/c/x", true));
	assert_false(is_for("net/{core,ipv4}/*", "net/core/x", false));
	assert_false(is_for("net/{core/*", "net/core/x", true)); /* never closed */
	/* Bounded: 2^60 alternatives. */
	for (i = 0; i < 60; i++)
		strcat(many, "{a,b}");
	assert_false(is_for(many, "net/core/x", true));
}

static void proc_tables(void **state UNUSED)
{
	static const char netstat[] = "TcpExt: A ListenOverflows B\nTcpExt: 1 17 3\n"
				      "IpExt: ListenOverflows\nIpExt: 4\n";

	assert_int_equal(proc_number(" 65536\n"), 65536);
	assert_int_equal(proc_number("1 2\n"), -1);
	assert_int_equal(proc_first_number("1024\t0\t9223372036854775807\n"), 1024);
	assert_int_equal(proc_first_number(""), -1);
	assert_int_equal(proc_number("x"), -1);
	assert_int_equal(proc_number("18446744073709551616"), -1);
	assert_int_equal(proc_named("pswpin2 1\npswpin 5\n", "pswpin"), 5);
	assert_int_equal(proc_named("pswpin\n5\n", "pswpin"), -1);
	assert_int_equal(proc_netstat(netstat, "TcpExt", "ListenOverflows"), 17);
	assert_int_equal(proc_netstat(netstat, "IpExt", "ListenOverflows"), 4);
	assert_int_equal(proc_netstat(netstat, "TcpExt", "Overflows"), -1);
	/* Cut short: fewer values than names. */
	assert_int_equal(proc_netstat("TcpExt: A B\nTcpExt: 1\n", "TcpExt", "B"), -1);
	assert_int_equal(proc_netstat("TcpExt: A B\n", "TcpExt", "A"), -1);
	assert_int_equal(proc_swaps("Filename Type\n"), 0);
	assert_int_equal(proc_swaps("Filename Type\n/dev/sda1 partition\n/s file\n"), 2);
	assert_int_equal(proc_swaps(""), -1);
	assert_int_equal(proc_named_sum("allocstall_dma 1\nx 9\nallocstall_normal 4\n",
					"allocstall"),
			 5);
	assert_int_equal(proc_named_sum("allocstall 3\n", "allocstall"), 3);
	assert_int_equal(proc_named_sum("pgscan 3\n", "allocstall"), -1);
	assert_int_equal(proc_named_sum("allocstall_a 3\nallocstall_b\n", "allocstall"),
			 -1);
	assert_int_equal(proc_sockstat("sockets: used 9\nTCP: inuse 7 orphan 0 tw 12\n",
				       "TCP", "tw"),
			 12);
	assert_int_equal(proc_sockstat("TCP: inuse 7 tw\nUDP: tw 3\n", "TCP", "tw"), -1);
	assert_int_equal(proc_sockstat("TCP: tw inuse 3\n", "TCP", "inuse"), -1);
	assert_int_equal(proc_hex_column("00000001 0000000a 2\n00000001 00000010 3\n", 1),
			 26);
	assert_int_equal(proc_hex_column("1 2 3\n1 2\n", 2), -1);
	assert_int_equal(proc_hex_column("1 x\n", 1), -1);
	assert_int_equal(proc_hex_column("1 1000000000000000\n", 1), -1);
	assert_int_equal(proc_hex_column("", 1), -1);
	assert_int_equal(proc_tasks("0.00 0.01 0.05 1/52 145\n"), 52);
	assert_int_equal(proc_tasks("0.00 0.01 0.05 1\n"), -1);
}

static void accounts(void **state UNUSED)
{
	char *name = NULL, *members = NULL;

	assert_int_equal(accounts_group("root:x:0:\nshort:x\nrings:x:990:web,db\n", 990,
					&name, &members),
			 1);
	assert_string_equal(name, "rings");
	assert_string_equal(members, "web,db");
	free(name);
	free(members);
	assert_int_equal(accounts_group("a:x:9900:\n", 990, &name, &members), 0);
	assert_int_equal(
		accounts_primary("a:x:1:990::/:\nb:x:990:1::/:\nc:x:2:990:c:/:\n", 990),
		2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ini_reads_tuned_words),
		cmocka_unit_test(ini_refuses_with_the_place),
		cmocka_unit_test(kconfig_knows_off_from_absent),
		cmocka_unit_test(sysctl_d_reads_what_systemd_does),
		cmocka_unit_test(patterns),
		cmocka_unit_test(proc_tables),
		cmocka_unit_test(accounts),
		cmocka_unit_test(the_first_separator_decides),
		cmocka_unit_test(gzip_is_unpacked_or_refused),
		cmocka_unit_test(blocks_leave_no_trace),
		cmocka_unit_test(edited_marks_are_refused),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
