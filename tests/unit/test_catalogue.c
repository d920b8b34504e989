/* The parsers behind kernel.*, deps.* and initramfs.*: os-release, kernel arguments,
 * kernel releases, the beginning of an initramfs. */
#include "unit.h"

#include "base/str.h"
#include "check/kernel_bugs.h"
#include "parse/cmdline.h"
#include "parse/initramfs.h"
#include "parse/osrelease.h"
#include "parse/release.h"

static void osrelease_takes_shell_quoting(void **state UNUSED)
{
	const char text[] = "# comment\nNAME='CentOS Linux'\nID=centos\n\n"
			    "ID_LIKE=\"rhel fedora\"\nVERSION_ID=7\nVERSION_ID=\"7.9\"\n"
			    "PRETTY_NAME=\"A \\\"B\\\" \\$C\"\nNOT_NAME=x\n";
	struct osrelease o;

	assert_int_equal(osrelease_parse(&o, text, sizeof(text) - 1), 0);
	assert_string_equal(o.name, "CentOS Linux");
	assert_string_equal(o.id, "centos");
	assert_string_equal(o.id_like, "rhel fedora");
	assert_string_equal(o.version_id, "7.9");
	assert_string_equal(o.pretty_name, "A \"B\" $C");
	osrelease_clear(&o);
}

static void osrelease_never_expands(void **state UNUSED)
{
	const char text[] = "NAME=$(id)\nID=`id`\nPRETTY_NAME=\"$NAME\"\nVERSION_ID=\"7";
	struct osrelease o;

	assert_int_equal(osrelease_parse(&o, text, sizeof(text) - 1), 0);
	assert_null(o.name);
	assert_null(o.id);
	assert_null(o.pretty_name);
	assert_null(o.version_id);
	assert_null(o.id_like);
	osrelease_clear(&o);
}

/* Every argument as <name|value>; a word without '=' as <name>. */
static void parted(const char *text, const char *want)
{
	const char *cur = text;
	struct str got = STR_INIT;
	struct cmdline_arg a;

	while (cmdline_next(&cur, text + strlen(text), &a)) {
		str_addf(&got, "<%.*s", (int)a.name_len, a.name);
		if (a.value)
			str_addf(&got, "|%.*s", (int)a.value_len, a.value);
		str_addc(&got, '>');
	}
	assert_string_equal(str_text(&got), want);
	str_clear(&got);
}

static void cmdline_is_parted_as_the_kernel_does(void **state UNUSED)
{
	parted("", "");
	parted(" \t\n", "");
	parted("ro  quiet\tpanic=5\n", "<ro><quiet><panic|5>");
	parted("a=\"b c\" d", "<a|b c><d>");
	parted("\"a=b c\" d", "<a|b c><d>");
	parted("a=b\"c d\"e f", "<a|b\"c d\"e><f>");
	parted("\"a b\"", "<a b>");
	parted("a=\"b c", "<a|b c>");
	parted("a=\"", "<a|>");
	parted("\"\" x", "<><x>");
	parted("a=b=c", "<a|b=c>");
	parted("=a =b=c", "<=a><=b|c>");
	parted("dyndbg=\"file a.c +p ; x\" -- init",
	       "<dyndbg|file a.c +p ; x><--><init>");
}

static void got(const char *text, const char *name, const char *want)
{
	char *value = NULL;

	assert_int_equal(cmdline_get(text, name, &value), want != NULL);
	if (want)
		assert_string_equal(value, want);
	else
		assert_null(value);
	free(value);
}

static void the_last_argument_counts(void **state UNUSED)
{
	got("panic=5 ro panic=10", "panic", "10");
	got("panic=5 -- panic=10", "panic", "5");
	got("nopanic=5 panicky=6", "panic", NULL);
	got("panic", "panic", NULL);
	got("panic=", "panic", "");
	got("crash_kexec_post_notifiers=1", "crash-kexec-post-notifiers", "1");
	got("root=\"/dev/disk/by-label/a b\"", "root", "/dev/disk/by-label/a b");
}

static void releases_are_read(void **state UNUSED)
{
	static const struct {
		const char *text;
		unsigned major, minor, patch, el;
		bool vendor, elrepo;
	} all[] = {
		{ "3.10.0-1160.119.1.el7.x86_64", 3, 10, 0, 7, true, false },
		{ "5.4.278-1.el7.elrepo.x86_64", 5, 4, 278, 7, false, true },
		{ "5.14.0-362.8.1.el9_3.x86_64", 5, 14, 0, 9, true, false },
		{ "6.12.0-55.el10.x86_64", 6, 12, 0, 10, true, false },
		{ "6.1.0-28-amd64", 6, 1, 0, 0, true, false },
		{ "5.15.0-91-generic", 5, 15, 0, 0, true, false },
		{ "5.4.17-2136.307.3.el8uek.x86_64", 5, 4, 17, 8, true, false },
		{ "4.19.91-27.7.al7.x86_64", 4, 19, 91, 0, true, false },
		{ "6.1.115-126.197.amzn2023.x86_64", 6, 1, 115, 0, true, false },
		{ "5.3.18-59.24-default", 5, 3, 18, 0, true, false },
		{ "6.3.1-arch1-1", 6, 3, 1, 0, false, false },
		{ "6.18.44", 6, 18, 44, 0, false, false },
		{ "6.19.0-rc3", 6, 19, 0, 0, false, false },
		{ "6.1", 6, 1, 0, 0, false, false },
		{ "6.1.0", 6, 1, 0, 0, false, false },
		{ "5.10.0+", 5, 10, 0, 0, false, false },
	};
	struct release r;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(release_parse(&r, all[i].text));
		assert_int_equal(r.major, all[i].major);
		assert_int_equal(r.minor, all[i].minor);
		assert_int_equal(r.patch, all[i].patch);
		assert_int_equal(r.el, all[i].el);
		assert_int_equal(r.vendor, all[i].vendor);
		assert_int_equal(r.elrepo, all[i].elrepo);
	}
	assert_false(release_parse(&r, ""));
	assert_false(release_parse(&r, "0-rescue-3f0c9a7d52e84b61a6d1c0b95e7f2d48"));
	assert_false(release_parse(&r, "linux"));
	assert_false(release_parse(&r, "5.x"));
	assert_false(release_parse(&r, "123456.1.2"));
}

static void releases_are_compared_by_number(void **state UNUSED)
{
	struct release r;

	assert_true(release_parse(&r, "5.10.186"));
	assert_int_equal(release_compare(&r, 5, 10, 186), 0);
	assert_true(release_compare(&r, 5, 10, 9) > 0);
	assert_true(release_compare(&r, 5, 9, 999) > 0);
	assert_true(release_compare(&r, 5, 10, 187) < 0);
	assert_true(release_compare(&r, 6, 0, 0) < 0);
}

static void debians_version_has_the_real_number(void **state UNUSED)
{
	struct release r;

	assert_true(release_of_debian(
		&r, "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)"));
	assert_int_equal(release_compare(&r, 6, 1, 119), 0);
	assert_false(r.vendor);
	assert_false(release_of_debian(&r, "#1 SMP Sat Jul 8 18:25:56 WEST 2023"));
	assert_false(release_of_debian(&r, "#1 Debian x"));
	assert_false(release_of_debian(&r, "#1 notDebian 6.1.2-1"));
}

static void an_initramfs_is_known_by_its_first_bytes(void **state UNUSED)
{
	static const struct {
		const char *head;
		size_t len;
		const char *kind;
	} all[] = {
		{ "07070100", 8, "cpio" },
		{ "070702AA", 8, "cpio" },
		{ "070707AA", 8, NULL }, /* the kernel refuses the old form */
		{ "\x1f\x8b\x08\x00\x00\x00\x00\x00", 8, "gzip" },
		{ "\xfd\x37zXZ\x00\x00\x04", 8, "xz" },
		{ "\x28\xb5\x2f\xfd\x04\x00\x00\x00", 8, "zstd" },
		{ "\x02\x21\x4c\x18\x00\x00\x00\x00", 8, "lz4" },
		{ "BZh91AY&", 8, "bzip2" },
		{ "\x5d\x00\x00\x80\x00\xff\xff\xff", 8, "lzma" },
		{ "\x89LZO\x00\r\n\x1a", 8, "lzo" },
		{ "placehol", 8, NULL },
		{ "\x1f", 1, NULL },
		{ "", 0, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *kind = initramfs_kind(all[i].head, all[i].len);

		assert_true(str_eq(kind, all[i].kind));
	}
}

static void the_table_of_bugs_is_in_order(void **state UNUSED)
{
	size_t i;

	assert_true(kernel_bugs_n > 0);
	for (i = 0; i < kernel_bugs_n; i++) {
		const struct kernel_bug *b = &kernel_bugs[i], *last = i ? b - 1 : b;
		struct release from = { b->from[0], b->from[1], b->from[2], 0, 0, 0 };

		assert_true(release_compare(&from, b->to[0], b->to[1], b->to[2]) <= 0);
		assert_true(release_compare(&from, last->from[0], last->from[1],
					    last->from[2]) >= 0);
		/* io_uring came with 5.1. */
		assert_true(release_compare(&from, 5, 1, 0) >= 0);
		assert_int_equal(strlen(b->when), strlen("2021-11"));
		assert_true(strcmp(b->when, KERNEL_BUGS_AS_OF) <= 0);
		assert_true(str_has_prefix(b->link, "https://"));
		assert_true(b->effect[0] && b->mended[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(osrelease_takes_shell_quoting),
		cmocka_unit_test(osrelease_never_expands),
		cmocka_unit_test(cmdline_is_parted_as_the_kernel_does),
		cmocka_unit_test(the_last_argument_counts),
		cmocka_unit_test(releases_are_read),
		cmocka_unit_test(releases_are_compared_by_number),
		cmocka_unit_test(debians_version_has_the_real_number),
		cmocka_unit_test(an_initramfs_is_known_by_its_first_bytes),
		cmocka_unit_test(the_table_of_bugs_is_in_order),
	};

	return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
