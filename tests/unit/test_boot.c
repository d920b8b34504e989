/* Entries, the effective default, selectors and plans, on copies of the fixture hosts with
 * one thing changed at a time. */
#include "unit.h"

#include "boot/boot.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>

/* A target: a tree of the test's own. */
struct target {
	char *dir;
	struct root *root;
	struct host *host;
	struct boot boot;
};

static void copy_tree(const char *name, const char *to)
{
	char command[4352];

	snprintf(command, sizeof(command), "cp -a tests/roots/%s/. %s", name, to);
	assert_int_equal(system(command), 0);
}

static struct target target_new(const char *name)
{
	struct target t = { .dir = scratch_new() };

	copy_tree(name, t.dir);
	return t;
}

/* Read it (again), as it is now. */
static struct boot *load(struct target *t)
{
	struct err e = { "" };

	boot_clear(&t->boot);
	host_free(t->host);
	root_free(t->root);
	t->host = NULL;
	t->root = NULL;
	assert_int_equal(root_open(&t->root, t->dir, false, &e), 0);
	assert_int_equal(host_new(&t->host, t->root, &e), 0);
	assert_int_equal(host_need(t->host, HOST_BOOT | HOST_KERNEL, &e), 0);
	assert_int_equal(boot_load(&t->boot, t->host, &e), 0);
	return &t->boot;
}

static void target_drop(struct target *t)
{
	boot_clear(&t->boot);
	host_free(t->host);
	root_free(t->root);
	scratch_free(t->dir);
}

/* An environment block with LINES in the tree's PATH. */
static void put_env(struct target *t, const char *path, const char *lines)
{
	char block[1025];

	memset(block, '#', 1024);
	block[1024] = '\0';
	memcpy(block, "# GRUB Environment Block\n", 25);
	memcpy(block + 25, lines, strlen(lines));
	put_file(t->dir, path, block);
}

#define EL7_ENV "/boot/grub2/grubenv"
#define EL7_CFG "/boot/grub2/grub.cfg"
#define DEB_CFG "/boot/grub/grub.cfg"

static char *slurp(struct target *t, const char *path)
{
	FILE *f = fopen(in(t->dir, path), "r");
	char *text = calloc(1, 65536);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* Replace the first FROM by TO in a file of the tree. */
static void edit(struct target *t, const char *path, const char *from, const char *to)
{
	char *text = slurp(t, path), *at = strstr(text, from), *out;

	assert_non_null(at);
	out = calloc(1, strlen(text) + strlen(to) + 1);
	assert_non_null(out);
	memcpy(out, text, (size_t)(at - text));
	strcat(out, to);
	strcat(out, at + strlen(from));
	put_file(t->dir, path, out);
	free(out);
	free(text);
}

static void expect_default(struct target *t, int index, const char *reason)
{
	struct boot *b = load(t);

	if (b->default_index != index || !strstr(b->default_reason, reason))
		fail_msg("default %d, %s; expected %d, %s", b->default_index,
			 b->default_reason, index, reason);
}

#define NEW "CentOS Linux (3.10.0-1160.119.1.el7.x86_64) 7 (Core)"

static void lists_el7(void **state UNUSED)
{
	struct target t = target_new("el7");
	struct boot *b = load(&t);

	assert_string_equal(b->loader, "grub2");
	assert_null(b->unknown);
	assert_int_equal(b->n, 4);
	assert_string_equal(b->v[0].release, "5.4.278-1.el7.elrepo.x86_64");
	assert_string_equal(b->v[1].id, b->v[2].id); /* as grubby copies them */
	assert_string_equal(b->v[1].path, NEW);
	assert_string_equal(b->v[1].kernel, "/boot/vmlinuz-3.10.0-1160.119.1.el7.x86_64");
	assert_non_null(strstr(b->v[1].args, "ro crashkernel=auto"));
	assert_int_equal(b->v[1].kernel_ok, BOOT_YES);
	assert_int_equal(b->v[1].initrd_ok, BOOT_YES);
	assert_true(b->by_name);
	expect_default(&t, 1, "saved_entry in /boot/grub2/grubenv names it");
	target_drop(&t);
}

static void follows_saved_entry(void **state UNUSED)
{
	static const struct {
		const char *env;
		int index;
		const char *reason;
	} all[] = {
		{ "saved_entry=2\n", 2, "a number" },
		{ "saved_entry=9\n", 0, "no entry" },
		{ "saved_entry=2 no number on EL8\n", 2, "a number" },
		{ "saved_entry=0x3\n", 3, "a number" },
		{ "saved_entry=nothing\n", 0, "no entry" },
		{ "saved_entry=\n", 0, "no saved_entry" },
		{ "", 0, "no saved_entry" },
		{ "saved_entry=" NEW ">x\n", 1, "names it" },
		{ "prev_saved_entry=" NEW "\nsaved_entry=3\n", 1, "names it" },
	};
	struct target t = target_new("el7");
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		put_env(&t, EL7_ENV, all[i].env);
		expect_default(&t, all[i].index, all[i].reason);
	}
	/* Three share this id: the first counts, so it does not name the third. */
	edit(&t, EL7_ENV, "prev_saved_entry=" NEW,
	     "saved_entry=gnulinux-3.10.0-1160.el7.x86_64-advanced-"
	     "5e1bcd6a-9d4b-4c2e-8f0a-3d6f2b7a9c10\nx=1");
	edit(&t, EL7_ENV, "saved_entry=3", "y=2");
	expect_default(&t, 0, "names it");
	assert_int_equal(unlink(in(t.dir, EL7_ENV)), 0);
	expect_default(&t, 0, "no saved_entry");
	put_file(t.dir, EL7_ENV, "garbage");
	expect_default(&t, 0, "no saved_entry");
	target_drop(&t);
}

static void tells_the_next_boot_apart(void **state UNUSED)
{
	struct target t = target_new("el7");
	struct boot *b;

	put_env(&t, EL7_ENV, "saved_entry=" NEW "\nnext_entry=3\n");
	expect_default(&t, 1, "names it");
	b = &t.boot;
	assert_int_equal(b->once_index, 3);
	assert_non_null(strstr(b->once, "next_entry"));
	put_env(&t, EL7_ENV, "saved_entry=3\nprev_saved_entry=" NEW "\n");
	b = load(&t);
	assert_int_equal(b->default_index, 1);
	assert_int_equal(b->once_index, 3);
	put_env(&t, EL7_ENV, "saved_entry=" NEW "\nnext_entry=\n");
	assert_null(load(&t)->once);
	target_drop(&t);
}

/* Proven in virtual machines: the same digit is a number on EL7, a name on EL8. */
static void leading_digits(void **state UNUSED)
{
	struct target t = target_new("el8");
	struct boot *b = load(&t);

	assert_string_equal(b->loader, "grub2-bls");
	assert_int_equal(b->default_index, 1);
	assert_int_equal(b->n, 4);
	assert_non_null(strstr(b->v[1].args, "rhgb quiet skew_tick=1"));
	put_env(&t, EL7_ENV, "saved_entry=2digit\n");
	expect_default(&t, 0, "no entry");
	put_env(&t, EL7_ENV, "saved_entry=2\n");
	expect_default(&t, 2, "a number");
	put_env(&t, EL7_ENV, "boot_success=0\nboot_counter=0\nsaved_entry=3\n");
	expect_default(&t, 1,
		       "a number"); /* RHEL's countdown: index 1, not saved_entry */
	put_env(&t, EL7_ENV, "boot_success=0\nboot_counter=2\nsaved_entry=3\n");
	expect_default(&t, 3, "a number");
	target_drop(&t);
}

static void submenus(void **state UNUSED)
{
	static const struct {
		const char *value;
		int index;
	} all[] = {
		{ "0", 0 },
		{ "1", 1 }, /* the submenu: its first */
		{ "1>2", 3 },
		{ "1>9", 1 },
		{ "Advanced options for Debian GNU/Linux>2", 3 },
		{ "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux "
		  "6.1.0-26-amd64",
		  3 },
		{ "gnulinux-advanced-0d9b6a1f-2c47-4e8e-b1f3-58a7c6d0e924>nothing", 1 },
		/* The bare id of an entry in a submenu does not resolve (proven). */
		{ "gnulinux-6.1.0-26-amd64-advanced-0d9b6a1f-2c47-4e8e-b1f3-58a7c6d0e924",
		  0 },
		{ "Advanced options for Debian GNU/Linux>>x", 0 },
	};
	struct target t = target_new("debian12");
	char line[512], last[512] = "set default=\"0\"";
	struct boot *b = load(&t);
	size_t i;

	assert_int_equal(b->n, 5);
	assert_string_equal(b->v[3].grub_path, "1>2");
	assert_false(b->by_name);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		snprintf(line, sizeof(line), "set default=\"%s\"", all[i].value);
		edit(&t, DEB_CFG, last, line);
		expect_default(&t, all[i].index, "");
		memcpy(last, line, sizeof(last));
	}
	target_drop(&t);
}

static void selects(void **state UNUSED)
{
	static const struct {
		const char *selector;
		int result;
	} all[] = {
		{ "0", 0 },
		{ "4", 4 },
		{ "5", -ENOENT },
		{ "99999999999999999999", -ENOENT },
		{ "", -ENOENT },
		{ "6.1.0-26-amd64", -ENOTUNIQ }, /* and its recovery entry */
		{ "Debian GNU/Linux", 0 },
		{ "Debian GNU/Linux, with Linux 6.1.0-26-amd64", 3 },
		{ "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux "
		  "6.1.0-28-amd64",
		  1 },
		{ "Debian", -ENOENT },
		{ "6.1", -ENOTUNIQ },
		{ "-1", -ENOENT },
	};
	struct target t = target_new("debian12"), u = target_new("el7");
	struct boot *b = load(&t);
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (boot_select(b, all[i].selector, &e) != all[i].result)
			fail_msg("%s: %d", all[i].selector,
				 boot_select(b, all[i].selector, &e));
	assert_int_equal(boot_select(b, "6.1.0-26-amd64", &e), -ENOTUNIQ);
	assert_non_null(strstr(e.msg, "3 (Advanced options"));
	b = load(&u);
	assert_int_equal(boot_select(b, "5.4", &e), 0);
	assert_int_equal(boot_select(b, "3.10.0-1160", &e), -ENOTUNIQ);
	assert_int_equal(boot_select(b, "3.10.0-1160.el7.x86_64", &e), 2);
	assert_int_equal(boot_select(b, "0-rescue", &e), 3);
	target_drop(&t);
	target_drop(&u);
}

/* What boot_plan_default gives: 0 with STEP's text, or -EPERM with MESSAGE. */
static void expect_plan(struct target *t, size_t index, enum step_type type,
			const char *after)
{
	struct plan p;
	struct err e = { "" };
	struct boot *b = load(t);
	int r = boot_plan_default(t->host, b, index, &p, &e);

	if (r < 0 || p.n != 1 || p.v[0].type != type ||
	    strcmp(p.v[0].after.data, after) != 0)
		fail_msg("%d %s, %zu steps: %s", r, e.msg, p.n,
			 p.n ? p.v[0].after.data : "");
	assert_string_equal(p.subject, b->v[index].path);
	plan_clear(&p);
}

static void expect_refusal(struct target *t, size_t index, const char *message)
{
	struct plan p;
	struct err e = { "" };
	struct boot *b = load(t);
	int r = boot_plan_default(t->host, b, index, &p, &e);

	if (r != -EPERM || !strstr(e.msg, message))
		fail_msg("%d %s; expected %s", r, e.msg, message);
	plan_clear(&p);
}

static void expect_nothing_to_do(struct target *t, size_t index)
{
	struct plan p;
	struct err e = { "" };
	struct boot *b = load(t);

	assert_int_equal(boot_plan_default(t->host, b, index, &p, &e), 0);
	assert_int_equal(p.n, 0);
	plan_clear(&p);
}

static void plans_on_el7(void **state UNUSED)
{
	struct target t = target_new("el7"), efi = target_new("el7-efi");

	expect_nothing_to_do(&t, 1);
	expect_plan(&t, 0, STEP_GRUBENV,
		    "saved_entry=CentOS Linux (5.4.278-1.el7.elrepo.x86_64) 7 (Core)");
	expect_plan(&efi, 2, STEP_GRUBENV,
		    "saved_entry=CentOS Linux (3.10.0-1160.el7.x86_64) 7 (Core)");
	/* A number that happens to be right is no name: it would move. */
	put_env(&t, EL7_ENV, "saved_entry=1\n");
	expect_plan(&t, 1, STEP_GRUBENV, "saved_entry=" NEW);
	/* What would take saved_entry away after one boot goes, too. */
	put_env(&t, EL7_ENV, "saved_entry=1\nprev_saved_entry=2\n");
	expect_plan(&t, 0, STEP_GRUBENV,
		    "saved_entry=CentOS Linux (5.4.278-1.el7.elrepo.x86_64) 7 (Core)\n"
		    "prev_saved_entry");
	target_drop(&t);
	target_drop(&efi);
}

static void plans_around_odd_names(void **state UNUSED)
{
	struct target t = target_new("el7");
	const char *lt = "'CentOS Linux (5.4.278-1.el7.elrepo.x86_64) 7 (Core)'";

	edit(&t, EL7_CFG, lt, "'5.4 it'\\''s \"A>B\" $x'");
	/* EL7 would read the 5: so by id, which the first of three has to itself. */
	expect_plan(&t, 0, STEP_GRUBENV,
		    "saved_entry=gnulinux-3.10.0-1160.el7.x86_64-advanced-"
		    "5e1bcd6a-9d4b-4c2e-8f0a-3d6f2b7a9c10");
	edit(&t, EL7_CFG, "'5.4 it", "'it");
	expect_plan(&t, 0, STEP_GRUBENV, "saved_entry=it's \"A>>B\" $x");
	/* Neither title nor id is its own: it has to be counted. */
	edit(&t, EL7_CFG, "'CentOS Linux (3.10.0-1160.el7.x86_64) 7 (Core)'",
	     "'" NEW "'");
	expect_plan(&t, 2, STEP_GRUBENV, "saved_entry=2");
	target_drop(&t);
}

#define BLOCK(name)                                                                      \
	"if [ \"${boot_once}\" != \"true\" ]; then\n  set default=\"" name "\"\nfi\n"

static void plans_on_el8_and_debian(void **state UNUSED)
{
	struct target t = target_new("el8"), d = target_new("debian12");

	expect_plan(
		&t, 0, STEP_GRUBENV,
		"saved_entry=b7d0f1c2a39e4f5d8c6b1e0a92347f56-6.9.7-1.el8.elrepo.x86_64");
	/* It boots now, by its number: made to hold by its name. */
	expect_plan(&d, 0, STEP_BLOCK, BLOCK("Debian GNU/Linux"));
	expect_plan(&d, 3, STEP_BLOCK,
		    BLOCK("Advanced options for Debian GNU/Linux>Debian GNU/Linux, with "
			  "Linux "
			  "6.1.0-26-amd64"));
	put_file(d.dir, "/boot/grub/custom.cfg", "set default=4\nset x=1");
	expect_plan(&d, 0, STEP_BLOCK, BLOCK("Debian GNU/Linux"));
	put_file(d.dir, "/boot/grub/custom.cfg",
		 "# uringprep begin\n" BLOCK("Debian GNU/Linux") "# uringprep end\n");
	expect_nothing_to_do(&d, 0);
	/* Somebody's line behind ours decides: ours could not. */
	put_file(d.dir, "/boot/grub/custom.cfg",
		 "# uringprep begin\n" BLOCK("Debian GNU/Linux") "# uringprep end\n"
								 "set default=2\n");
	expect_refusal(&d, 0, "no way was found");
	put_file(d.dir, "/boot/grub/custom.cfg", "# uringprep begin\nset default=2\n");
	expect_refusal(&d, 0, "marks");
	put_file(d.dir, "/boot/grub/custom.cfg", "if true\n");
	expect_refusal(&d, 0, "custom.cfg:");
	assert_int_equal(unlink(in(d.dir, "/boot/grub/custom.cfg")), 0);
	edit(&d, DEB_CFG, "  source ${config_directory}/custom.cfg\n", "  true\n");
	expect_refusal(&d, 0, "no way was found");
	/* update-grub with GRUB_DEFAULT=saved. */
	edit(&d, DEB_CFG, "set default=\"0\"", "set default=\"${saved_entry}\"");
	expect_refusal(&d, 3, "No such file");
	put_env(&d, "/boot/grub/grubenv", "");
	expect_plan(&d, 3, STEP_GRUBENV,
		    "saved_entry=Advanced options for Debian GNU/Linux>Debian GNU/Linux, "
		    "with "
		    "Linux 6.1.0-26-amd64");
	target_drop(&t);
	target_drop(&d);
}

static void refuses(void **state UNUSED)
{
	struct target t = target_new("broken");
	char full[1100];

	expect_refusal(&t, 0, "92 bytes long, not 1024");
	expect_refusal(&t, 1, "initramfs is missing");
	expect_refusal(&t, 2, "kernel is missing or empty");
	snprintf(full, sizeof(full), "x=%0960d\n", 1);
	put_env(&t, EL7_ENV, full);
	expect_refusal(&t, 0, "no room");
	put_env(&t, EL7_ENV, "");
	edit(&t, EL7_CFG, "set pager=1", "frobnicate");
	expect_refusal(&t, 0, "the command frobnicate is not known");
	edit(&t, EL7_CFG, "frobnicate", "if $x");
	load(&t);
	assert_int_equal(t.boot.n, 0);
	assert_int_equal(t.boot.default_index, -1);
	assert_non_null(strstr(t.boot.unknown, "grub.cfg:"));
	target_drop(&t);
}

static void unknown_is_unknown(void **state UNUSED)
{
	struct target t = target_new("el7");

	edit(&t, EL7_CFG, "terminal_output console",
	     "if [ $grub_cpu = i386 ]; then set default=2; fi");
	expect_default(&t, -1, "grub_cpu");
	/* Our line in custom.cfg comes later and decides it. */
	expect_plan(&t, 1, STEP_BLOCK, BLOCK(NEW));
	edit(&t, EL7_CFG, "set default=2; fi", "menuentry X { linux /x; }; fi");
	expect_default(&t, 2, "names it"); /* whether X is before it or not */
	expect_nothing_to_do(&t, 2);
	expect_refusal(&t, 0, "only under a condition");
	put_env(&t, EL7_ENV, "saved_entry=1\n");
	expect_default(&t, -1, "whether the entry \"X\" is there");
	expect_plan(&t, 2, STEP_GRUBENV, "saved_entry=" NEW);
	target_drop(&t);
}

static void odd_trees(void **state UNUSED)
{
	struct target t = target_new("el7");

	assert_int_equal(unlink(in(t.dir, EL7_ENV)), 0);
	assert_int_equal(symlink("grubenv", in(t.dir, EL7_ENV)), 0);
	load(&t);
	assert_int_equal(t.boot.default_index, -1);
	expect_refusal(&t, 0, "grubenv");
	assert_int_equal(unlink(in(t.dir, EL7_CFG)), 0);
	load(&t);
	assert_null(t.boot.loader);
	assert_int_equal(t.boot.n, 0);
	assert_non_null(strstr(t.boot.unknown, "no grub.cfg"));
	assert_int_equal(symlink("/boot/grub2/grub.cfg", in(t.dir, EL7_CFG)), 0);
	load(&t);
	assert_non_null(strstr(t.boot.unknown, "symbolic links"));
	target_drop(&t);
}

static void fallback(void **state UNUSED)
{
	struct target t = target_new("el7");
	struct boot *b = load(&t);
	struct plan p;
	struct err e;

	assert_int_equal(b->fallback_index, -1);
	assert_int_equal(boot_plan_fallback(t.host, b, 2, &p, &e), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.v[0].type, STEP_FILE);
	assert_string_equal(p.v[0].target, BOOT_FALLBACK_FILE);
	assert_int_equal(mkdir(in(t.dir, "/var"), 0755), 0);
	assert_int_equal(mkdir(in(t.dir, "/var/lib"), 0755), 0);
	assert_int_equal(mkdir(in(t.dir, "/var/lib/uringprep"), 0755), 0);
	assert_int_equal(mkdir(in(t.dir, "/var/lib/uringprep/boot"), 0755), 0);
	put_file(t.dir, BOOT_FALLBACK_FILE, p.v[0].after.data);
	plan_clear(&p);
	b = load(&t);
	assert_int_equal(b->fallback_index, 2);
	assert_true(b->v[2].fallback);
	assert_int_equal(boot_plan_fallback(t.host, b, 2, &p, &e), 0);
	assert_int_equal(p.n, 0);
	plan_clear(&p);
	edit(&t, EL7_CFG, "'CentOS Linux (3.10.0-1160.el7.x86_64) 7 (Core)'", "'Gone'");
	b = load(&t);
	assert_int_equal(b->fallback_index, -1);
	assert_non_null(strstr(b->warnings.v[0], "not there any more"));
	target_drop(&t);
}

/* The kernel's command line as GRUB made it, with its own word in front. */
static void expect_running(struct target *t, const char *cmdline, const char *release,
			   int index)
{
	struct err e;

	load(t);
	boot_clear(&t->boot);
	free(t->host->kernel.cmdline);
	free(t->host->kernel.release);
	t->host->kernel.cmdline = cmdline ? strdup(cmdline) : NULL;
	t->host->kernel.release = release ? strdup(release) : NULL;
	assert_int_equal(boot_load(&t->boot, t->host, &e), 0);
	if (t->boot.running_index != index)
		fail_msg("%s: %d runs, not %d", cmdline ? cmdline : "-",
			 t->boot.running_index, index);
	if (index >= 0)
		assert_true(t->boot.v[index].running);
}

static void finds_the_running_entry(void **state UNUSED)
{
	struct target t = target_new("el7"), d = target_new("debian12");

	expect_running(&t, NULL, NULL, -1);
	expect_running(&t, "BOOT_IMAGE=/vmlinuz-5.4.278-1.el7.elrepo.x86_64 root=/x ro\n",
		       "5.4.278-1.el7.elrepo.x86_64", 0);
	expect_running(&t, "root=/x ro", "3.10.0-1160.el7.x86_64", 2);
	expect_running(&t, "BOOT_IMAGE=/vmlinuz-4.4 ro", "4.4", -1);
	/* Three entries load this kernel: the arguments tell the recovery one apart. */
	expect_running(&d,
		       "BOOT_IMAGE=(hd0,gpt2)/boot/vmlinuz-6.1.0-28-amd64 "
		       "root=UUID=0d9b6a1f-2c47-4e8e-b1f3-58a7c6d0e924 ro  single\n",
		       "6.1.0-28-amd64", 2);
	expect_running(&d, "BOOT_IMAGE=/boot/vmlinuz-6.1.0-28-amd64 root=/dev/sda1",
		       "6.1.0-28-amd64", -1);
	target_drop(&t);
	target_drop(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_el7),
		cmocka_unit_test(follows_saved_entry),
		cmocka_unit_test(tells_the_next_boot_apart),
		cmocka_unit_test(leading_digits),
		cmocka_unit_test(submenus),
		cmocka_unit_test(selects),
		cmocka_unit_test(plans_on_el7),
		cmocka_unit_test(plans_around_odd_names),
		cmocka_unit_test(plans_on_el8_and_debian),
		cmocka_unit_test(refuses),
		cmocka_unit_test(unknown_is_unknown),
		cmocka_unit_test(odd_trees),
		cmocka_unit_test(fallback),
		cmocka_unit_test(finds_the_running_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
