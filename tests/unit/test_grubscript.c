/* What GRUB makes of its scripts: words, conditions, menus, and what is not known. */
#include "unit.h"

#include "parse/bls.h"
#include "parse/grubscript.h"

#include <errno.h>

/* The files of a made-up boot device. */
struct file {
	const char *path, *text; /* text NULL: there, but not readable */
};

static const struct file files[] = {
	{ "/boot/grub/grubenv",
	  "# GRUB Environment Block\nsaved_entry=b\nkernelopts=ro x=1\n" },
	{ "/boot/grub/empty", "" },
	{ "/boot/grub/custom.cfg", "set from_custom=yes\n" },
	{ "/boot/grub/self.cfg", "source $prefix/self.cfg\n" },
	{ "/boot/grub/bad.cfg", "set a=1\nif true\n" },
	{ "/boot/grub/secret", NULL },
	{ "/loader/entries/m-4.18.0-9.x86_64.conf",
	  "title Nine\nlinux /vmlinuz-9\ninitrd /i9 $tuned\noptions $kernelopts a\n"
	  "options b # no comment\n" },
	{ "/loader/entries/m-4.18.0-10.x86_64.conf",
	  "# new\ntitle  Ten \nlinux\t/vmlinuz-10\n" },
	{ "/loader/entries/m-0-rescue.conf", "title Rescue\nlinux /vmlinuz-0\n" },
	{ "/loader/entries/none.conf", "title None\n" },
	{ "/loader/entries/readme.txt", "title No\nlinux /x\n" },
};
#define N_FILES (sizeof(files) / sizeof(files[0]))

static int read_file(void *data UNUSED, const char *path, char **out, size_t *len)
{
	size_t i;

	for (i = 0; i < N_FILES; i++) {
		if (strcmp(files[i].path, path) != 0)
			continue;
		if (!files[i].text)
			return -EACCES;
		*out = strdup(files[i].text);
		*len = strlen(files[i].text);
		return 0;
	}
	return -ENOENT;
}

static int look(void *data UNUSED, const char *path)
{
	size_t i;

	if (strcmp(path, "/boot/grub") == 0)
		return 2;
	for (i = 0; i < N_FILES; i++)
		if (strcmp(files[i].path, path) == 0)
			return files[i].text ? files[i].text[0] != '\0' : -EACCES;
	return -ENOENT;
}

static int list(void *data UNUSED, const char *path, struct strv *names)
{
	size_t i, n = strlen(path);

	for (i = 0; i < N_FILES; i++)
		if (strncmp(files[i].path, path, n) == 0 && files[i].path[n] == '/')
			assert_int_equal(strv_add(names, files[i].path + n + 1), 0);
	return names->n ? 0 : -ENOENT;
}

static struct grub_menu run(const char *text)
{
	static const struct grub_fact facts[] = {
		{ "prefix", "/boot/grub" },
		{ "root", NULL },
		{ "grub_platform", NULL },
	};
	const struct grub_files f = { NULL, read_file, look, list };
	struct grub_menu m;
	struct err e;

	assert_int_equal(grub_evaluate(&m, "g.cfg", text, strlen(text), &f, facts, 3, &e),
			 0);
	return m;
}

/* After TEXT, the variable default holds VALUE; "?" stands for unknown, NULL for unset. */
static void expect_default(const char *text, const char *value)
{
	struct grub_menu m = run(text);

	if (m.unknown)
		fail_msg("%s: %s", text, m.unknown);
	if (!value)
		assert_null(m.default_value);
	else if (strcmp(value, "?") == 0)
		assert_true(grub_is_unknown(m.default_value));
	else if (!m.default_value || strcmp(m.default_value, value) != 0)
		fail_msg("%s: default is %s, expected %s", text,
			 m.default_value ? m.default_value : "unset", value);
	grub_menu_clear(&m);
}

static void expect_unknown(const char *text, const char *why)
{
	struct grub_menu m = run(text);

	if (!m.unknown || !strstr(m.unknown, why))
		fail_msg("%s: %s", text, m.unknown ? m.unknown : "was understood");
	grub_menu_clear(&m);
}

static void words(void **state UNUSED)
{
	expect_default("set default='a b'", "a b");
	expect_default("set default=\"a b\"; true", "a b");
	expect_default("set default=a\\ b\\'c", "a b'c");
	expect_default("set x=1\nset default=\"$x${x}\\$x\\\\ \\a '\"", "11$x\\ \\a '");
	expect_default("set x=1; set default='$x'", "$x");
	expect_default("set default=a#b # comment\n# set default=c", "a#b");
	expect_default("set default=a\\\nb", "ab");
	expect_default("set default=\"a\\\nb\"", "ab");
	expect_default("default=x", "x");
	expect_default("set x='default=1 default=2'; set $x",
		       "1"); /* split: the 2nd is lost */
	expect_default("set x='a b'; set default=\"$x\"", "a b");
	expect_default("set default=$nothing", "");
	expect_default("set default=1; unset default", NULL);
	expect_default("", NULL);
}

static void conditions(void **state UNUSED)
{
	static const struct {
		const char *test;
		char result;
	} all[] = {
		{ "true", 'y' },
		{ "false", 'n' },
		{ "! true", 'n' },
		{ "! false", 'y' },
		{ "[ a = a ]", 'y' },
		{ "[ a == b ]", 'n' },
		{ "[ a != b ]", 'y' },
		{ "test a = a", 'y' },
		{ "[ a = a", 'y' },
		{ "[ ]", 'y' },
		{ "[ x ]", 'y' },
		{ "[ \"\" ]", 'n' },
		{ "[ \"$nothing\" ]", 'n' },
		{ "[ -n \"\" ]", 'n' },
		{ "[ -z \"\" ]", 'y' },
		{ "[ 10 -gt 9 ]", 'y' },
		{ "[ 10 -le 9 ]", 'n' },
		{ "[ a < b ]", 0 },
		{ "[ a -a \"\" ]", 'n' },
		{ "[ a -o \"\" ]", 'y' },
		{ "[ a = b -o c = c ]", 'y' },
		{ "[ a = a -a c = d -o e = e ]", 'y' },
		{ "[ ! a = b ]", 'y' },
		{ "[ ( a = b ) -o a = a ]", 0 },
		{ "[ -f /boot/grub/grubenv ]", 'y' },
		{ "[ -s /boot/grub/empty ]", 'n' },
		{ "[ -e /boot/grub/empty ]", 'y' },
		{ "[ -d /boot/grub ]", 'y' },
		{ "[ -f /boot/grub ]", 'n' },
		{ "[ -f $prefix/nothing ]", 'n' },
		{ "[ -f /boot/grub/secret ]", '?' },
		{ "[ -f ($root)/boot/grub/grubenv ]", '?' },
		{ "[ $grub_platform = efi ]", '?' },
		{ "[ $grub_platform = efi -a a = b ]", 'n' },
		{ "[ $grub_platform = efi -o a = a ]", 'y' },
		{ "insmod xfs", '?' },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char text[256], value[2] = { all[i].result, '\0' };

		snprintf(text, sizeof(text),
			 "set default=n\nif %s; then set default=y; fi\n", all[i].test);
		if (strcmp(all[i].test, "[ -f ($root)/boot/grub/grubenv ]") == 0)
			expect_default(text, "y"); /* whichever device: it is there */
		else if (all[i].result)
			expect_default(text, value);
		else if (strchr(all[i].test, '<'))
			expect_unknown(text, "g.cfg:2:8");
		else
			expect_default(text, "y");
	}
}

static void flow(void **state UNUSED)
{
	expect_default(
		"if false; then set default=1\nelif true\nthen set default=2; else set "
		"default=3\nfi",
		"2");
	expect_default("for i in a 'b c' d; do set default=$default-$i; done", "-a-b-d");
	expect_default("while [ \"$default\" != xxx ]; do default=${default}x; done",
		       "xxx");
	expect_default("until [ \"$default\" = xx ]; do default=${default}x; done", "xx");
	expect_default(
		"for i in 1 2 3; do if [ $i = 2 ]; then break; fi\nset default=$i\ndone",
		"1");
	expect_default("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi\n"
		       "set default=$default$i\ndone",
		       "13");
	expect_default(
		"function f { set default=\"$1,$2,$#\"; return; set default=no; }\n"
		"f a 'b c'",
		"a,b c,2");
	expect_default("eval \"set default=4\"", "4");
	expect_default("source $prefix/custom.cfg; set default=$from_custom", "yes");
	expect_default("source $prefix/not_there.cfg; set default=1", "1");
	expect_default("load_env; set default=$saved_entry", "b");
	expect_default("load_env kernelopts; set default=x$saved_entry", "x");
	expect_default("load_env -f $prefix/empty; set default=x$saved_entry", "x");
	expect_default(
		"set x=1; save_env saved_entry; load_env; set default=$saved_entry", "?");
}

/* What hangs on something unknown is unknown; what does not is not. */
static void three_values(void **state UNUSED)
{
	struct grub_menu m;

	expect_default("set default=0\nif loadfont x; then set gfxmode=auto; fi", "0");
	expect_default("set default=0\nif insmod x; then set default=0; fi", "0");
	expect_default("set default=0\nif insmod x; then set default=1; fi", "?");
	expect_default("if insmod x; then a=1; else a=2; fi\n"
		       "if [ $a = 1 ]; then set default=3; fi",
		       "?");
	expect_default("search --set=root --label x; set default=$root", "?");
	expect_default("probe --set=default -u x", "?");
	expect_default("smbios --type 1 --set v; set default=$v", "?");
	expect_default("read default", "?");
	expect_default("insmod x; set default=$?", "?");
	expect_default("true; set default=$?", "0");
	expect_unknown("\nno_such_command", "g.cfg:2: the command no_such_command");
	expect_unknown("configfile /x", "g.cfg:1: configfile");
	expect_unknown("if insmod x; then configfile /x; fi", "configfile");
	expect_unknown("while insmod x; do true; done", "how often");
	expect_unknown("for f in $grub_platform; do true; done", "goes through");
	expect_unknown("source $prefix/secret", "Permission denied");
	expect_unknown("source $prefix/bad.cfg", "/boot/grub/bad.cfg:");
	expect_unknown("source $prefix/self.cfg", "too deep");
	expect_unknown("while true; do true; done", "not at its end");
	expect_unknown("function f { f; }\nf", "too deep");
	m = run("set default=0\nif [ $grub_platform = efi ]; then set default=1; fi");
	assert_non_null(strstr(m.default_why, "grub_platform"));
	grub_menu_clear(&m);
}

static void menus(void **state UNUSED)
{
	struct grub_menu m = run(
		"menuentry_id_option=--id\nexport menuentry_id_option\nset hidden=1\n"
		"set args=\"ro  quiet\"\n"
		"menuentry 'A>B' --class os --unrestricted $menuentry_id_option 'a' {\n"
		"  search --set=root x\n"
		"  if [ $grub_platform = efi ]; then insmod a; else insmod b; fi\n"
		"  linux16 ($root)/vmlinuz-1 $args \"c d\"\n  initrd16 /u /i-1\n}\n"
		"submenu More --id=more {\n"
		"  menuentry \"C $hidden\" $menuentry_id_option c { linux /v2 x=$args; "
		"}\n"
		"  menuentry D { insmod chain\nchainloader +1\n}\n}\n"
		"if insmod x; then menuentry E { linux /v3\n}\nfi\n"
		"menuentry F { if insmod x; then linux /v4; else linux /v5; fi; }\n"
		"set hidden=2\nset args=late");

	assert_null(m.unknown);
	assert_int_equal(m.n, 4);
	assert_string_equal(m.v[0].title, "A>B");
	assert_string_equal(m.v[0].id, "a");
	assert_string_equal(m.v[0].where, "g.cfg:5");
	assert_null(m.v[0].problem);
	assert_true(grub_is_unknown(m.v[0].kernel));
	assert_non_null(strstr(m.v[0].kernel, ")/vmlinuz-1"));
	assert_string_equal(m.v[0].args, "late c d"); /* as it is when it is booted */
	assert_int_equal(m.v[0].initrds.n, 2);
	assert_true(m.v[1].submenu);
	assert_string_equal(m.v[1].id, "more");
	assert_int_equal(m.v[1].n, 2);
	assert_string_equal(m.v[1].v[0].title, "C "); /* not exported: not seen there */
	assert_string_equal(m.v[1].v[0].id, "c");
	assert_string_equal(m.v[1].v[0].args, "x=");
	assert_string_equal(m.v[1].v[1].id, "D");
	assert_non_null(strstr(m.v[1].v[1].problem, "chainloader"));
	assert_true(m.v[2].maybe);
	assert_false(m.v[3].maybe);
	assert_non_null(strstr(m.v[3].problem, "which kernel"));
	grub_menu_clear(&m);
}

static void boot_loader_specification(void **state UNUSED)
{
	struct grub_menu m = run("load_env\nblscfg\nset tuned=/t");

	assert_null(m.unknown);
	assert_true(m.used_bls);
	assert_int_equal(m.n, 3);
	assert_string_equal(m.v[0].title, "Ten");
	assert_string_equal(m.v[0].id, "m-4.18.0-10.x86_64");
	assert_string_equal(m.v[0].args, "");
	assert_string_equal(m.v[1].title, "Nine");
	assert_string_equal(m.v[1].args, "ro x=1 a b");
	assert_int_equal(m.v[1].initrds.n, 2);
	assert_string_equal(m.v[2].title, "Rescue");
	grub_menu_clear(&m);
}

/* As rpm's own tests have it. */
static void versions(void **state UNUSED)
{
	static const struct {
		const char *a, *b;
		int order;
	} all[] = {
		{ "1.0", "1.0", 0 },
		{ "1.0", "2.0", -1 },
		{ "2.0.1", "2.0", 1 },
		{ "5.5p10", "5.5p1", 1 },
		{ "10xyz", "10.1xyz", -1 },
		{ "xyz10", "xyz10.1", -1 },
		{ "1.0010", "1.9", 1 },
		{ "1.05", "1.5", 0 },
		{ "a", "1", -1 },
		{ "1.0~rc1", "1.0", -1 },
		{ "1.0~rc1", "1.0~rc2", -1 },
		{ "1_0", "1.0", 0 },
		{ "553.16.1.el8_10", "553.el8_10", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(rpm_vercmp(all[i].a, all[i].b), all[i].order);
		assert_int_equal(rpm_vercmp(all[i].b, all[i].a), -all[i].order);
	}
	assert_true(bls_compare("m-4.18.0-80.x", "m-4.9.0-80.x") > 0);
	assert_true(bls_compare("m-0-rescue", "m-4.18.0-80.x") < 0);
}

static void refuses_with_the_place(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} all[] = {
		{ "set a='b", "g.cfg:1:5: a ' that is not closed" },
		{ "set a=1\n  set \"b", "g.cfg:2:7" },
		{ "set a=$(x)", "g.cfg:1:5" },
		{ "a && b", "g.cfg:1:3" },
		{ "a | b", "g.cfg:1:3" },
		{ "if a; then\nfi", "g.cfg:2:1" },
		{ "if a; b; fi", "g.cfg:1:10" },
		{ "menuentry a {\nlinux x", "the file ends inside a block" },
		{ "}", "g.cfg:1:1" },
		{ "case a in", "g.cfg:1:1" },
		{ "a;;b", "g.cfg:1:2" },
		{ "echo ${a", "g.cfg:1:6" },
		{ "a \001", "no text" },
		{ "a \002", "control character" },
		{ "echo \\", "g.cfg:1:6" },
		{ "if true; then function f { true; }; fi", "function inside a block" },
		{ "menuentry a --frob { true; }", "--frob" },
		{ "menuentry { true; }", "without a title" },
	};
	struct err e;
	struct grub_menu m;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		expect_unknown(all[i].text, all[i].why);
	{
		const struct grub_files f = { NULL, read_file, look, list };

		assert_int_equal(grub_evaluate(&m, "z", "a\0b", 3, &f, NULL, 0, &e), 0);
		assert_non_null(strstr(m.unknown, "no text"));
		grub_menu_clear(&m);
	}
}

static char *repeat(const char *text, size_t n, const char *end)
{
	struct str s = STR_INIT;

	while (n--)
		str_add(&s, text);
	str_add(&s, end);
	return str_take(&s);
}

static void hostile_sizes(void **state UNUSED)
{
	static const struct {
		const char *text, *end, *why;
		size_t n;
	} all[] = {
		{ "if true; then ", "", "nested more than", 1000 },
		{ "menuentry a { ", "", "nested more than", 100000 },
		{ "if a; then b; el", "", "nested more than", 1000 },
		{ "x=", "\n", NULL, 500000 },
		{ "echo a;", "\n", "not at its end", 150000 },
		{ "'a'", "=1\n", NULL, 300000 },
		{ "$x ", "\n", NULL, 300000 },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *text = repeat(all[i].text, all[i].n, all[i].end);
		struct grub_menu m;

		assert_non_null(text);
		m = run(text);
		if (all[i].why && (!m.unknown || !strstr(m.unknown, all[i].why)))
			fail_msg("%.20s...: %s", text, m.unknown ? m.unknown : "-");
		grub_menu_clear(&m);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(conditions),
		cmocka_unit_test(flow),
		cmocka_unit_test(three_values),
		cmocka_unit_test(menus),
		cmocka_unit_test(boot_loader_specification),
		cmocka_unit_test(versions),
		cmocka_unit_test(refuses_with_the_place),
		cmocka_unit_test(hostile_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
