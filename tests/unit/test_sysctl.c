/* Who sets a sysctl: order, patterns, masks, the kernel's own arguments; other managers.
 *
 *   test_sysctl ROOT KEY...    prints what holds for each key in that tree, for the
 *                              comparison with the real programs (cli/sysctl_oracle.t)
 */
#include "unit.h"

#include "host/forecast.h"
#include "host/host.h"
#include "os/root.h"

#define FACTS(cmdline)                                                                   \
	"{\"schema\": \"uringprep.facts/1\", \"kernel\": {\"cmdline\": \"" cmdline "\"}" \
	"}"

struct world {
	char *dir;
	struct root *root;
	struct host *host;
	struct err e;
};

static void make_folders(const char *dir, const char *path)
{
	char part[256];
	size_t i;

	for (i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		mkdir(in(dir, part), 0755);
	}
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->dir = scratch_new();
	assert_int_equal(root_open(&w->root, w->dir, false, &w->e), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	host_free(w->host);
	root_free(w->root);
	scratch_free(w->dir);
	free(w);
	return 0;
}

static void put(struct world *w, const char *path, const char *text)
{
	make_folders(w->dir, path);
	put_file(w->dir, path, text);
}

/* Read the host anew. */
static const struct host *look(struct world *w, const char *facts)
{
	host_free(w->host);
	w->host = NULL;
	assert_int_equal(host_new(&w->host, w->root, &w->e), 0);
	if (facts)
		assert_int_equal(host_record(w->host, "facts", facts, &w->e), 0);
	assert_int_equal(host_need(w->host, HOST_SYSCTL, &w->e), 0);
	return w->host;
}

/* "path:line=value" of who wins; "-" for nobody. Valid until the next call. */
static const char *winner(const struct host *h, const char *key, enum sysctl_loader by)
{
	static char text[512];
	struct sysctl_setters s;
	const struct sysctl_setter *w;
	size_t i, marked = 0;

	assert_int_equal(host_sysctl_setters(h, key, &s), 0);
	w = sysctl_winner(&s, by, NULL);
	snprintf(text, sizeof(text), "-");
	if (w)
		snprintf(text, sizeof(text), "%s:%u=%s", w->path, w->line, w->value);
	for (i = 0; i < s.n; i++)
		if (s.v[i].wins & by) {
			assert_ptr_equal(&s.v[i], w);
			marked++;
		}
	assert_int_equal(marked, w != NULL);
	free(s.v);
	return text;
}

static void setters_stand_in_load_order(void **state)
{
	struct world *w = *state;
	const struct host *h;
	struct sysctl_setters s;

	put(w, "/usr/lib/sysctl.d/50-a.conf", "net.ipv4.ip_forward=0\n");
	put(w, "/etc/sysctl.d/60-b.conf", "# c\nnet/ipv4/ip_forward=1\nnet.ipv4.*=2\n");
	put(w, "/etc/sysctl.d/.70-c.conf", "net.ipv4.ip_forward=3\n");
	put(w, "/etc/sysctl.conf", "-net.ipv4.ip_forward=4\n");
	h = look(w, NULL);
	assert_int_equal(host_sysctl_setters(h, "net/ipv4/ip_forward", &s), 0);
	assert_int_equal(s.n, 5);
	/* By name: a dot comes before digits. */
	assert_string_equal(s.v[0].path, "/etc/sysctl.d/.70-c.conf");
	assert_int_equal(s.v[0].loaders, SYSCTL_SYSTEM | SYSCTL_TUNED);
	assert_string_equal(s.v[1].path, "/usr/lib/sysctl.d/50-a.conf");
	assert_int_equal(s.v[1].loaders, SYSCTL_BOOT | SYSCTL_SYSTEM);
	assert_int_equal(s.v[1].wins, 0);
	assert_int_equal(s.v[2].line, 2);
	assert_int_equal(s.v[2].wins, SYSCTL_BOOT | SYSCTL_TUNED);
	assert_string_equal(s.v[3].glob, "net/ipv4/*");
	assert_string_equal(s.v[4].path, "/etc/sysctl.conf");
	assert_int_equal(s.v[4].loaders, SYSCTL_SYSTEM);
	assert_int_equal(s.v[4].wins, SYSCTL_SYSTEM);
	free(s.v);
	assert_int_equal(host_sysctl_setters(h, "kernel.panic", &s), 0);
	assert_int_equal(s.n, 0);
	free(s.v);
}

static void patterns_give_way(void **state)
{
	struct world *w = *state;
	const struct host *h;

	put(w, "/etc/sysctl.d/a.conf",
	    "net.core.rmem_max=1\nnet.core.*=2\n-net.core.wmem_max\nnet.core.w*=3\n"
	    "vm.swappiness=5\n-vm.swappiness\nfs.{aio,x}-max-n?=6\n");
	h = look(w, NULL);
	assert_string_equal(winner(h, "net.core.rmem_max", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:1=1");
	assert_string_equal(winner(h, "net.core.somaxconn", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:2=2");
	assert_string_equal(winner(h, "net.core.wmem_max", SYSCTL_BOOT), "-");
	assert_string_equal(winner(h, "net.core.wmem_max", SYSCTL_SYSTEM), "-");
	assert_string_equal(winner(h, "net.core.wx", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:4=3");
	/* systemd takes the value back, procps writes it. */
	assert_string_equal(winner(h, "vm.swappiness", SYSCTL_BOOT), "-");
	assert_string_equal(winner(h, "vm.swappiness", SYSCTL_SYSTEM),
			    "/etc/sysctl.d/a.conf:5=5");
	/* Only systemd knows braces. */
	assert_string_equal(winner(h, "fs.aio-max-nr", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:7=6");
	assert_string_equal(winner(h, "fs.aio-max-nr", SYSCTL_SYSTEM), "-");
}

/* An entry of systemd's list keeps its place while its value stays the same. */
static void a_pattern_twice(void **state)
{
	struct world *w = *state;

	put(w, "/etc/sysctl.d/a.conf", "net.core.*=1\nnet.core.s*=2\nnet.core.*=1\n");
	assert_string_equal(winner(look(w, NULL), "net.core.somaxconn", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:2=2");
	assert_string_equal(winner(w->host, "net.core.somaxconn", SYSCTL_SYSTEM),
			    "/etc/sysctl.d/a.conf:3=1");
	put(w, "/etc/sysctl.d/a.conf", "net.core.*=1\nnet.core.s*=2\nnet.core.*=3\n");
	assert_string_equal(winner(look(w, NULL), "net.core.somaxconn", SYSCTL_BOOT),
			    "/etc/sysctl.d/a.conf:3=3");
}

/* As 6.12 took such arguments under QEMU: a bare key sets nothing. */
static void the_kernel_sets_first(void **state)
{
	struct world *w = *state;
	const struct host *h = look(
		w, FACTS("quiet sysctl.vm.swappiness=7 sysctl.kernel.panic= "
			 "sysctl/net.core/somaxconn=8 sysctlx.a=1 "
			 "vm.overcommit_memory=2 sysctl.kernel.core_pattern=\\\"x y\\\" "
			 "sysctl.kernel.hostname=a\\\"b\\\"c -- sysctl.fs.nr_open=9"));

	assert_string_equal(winner(h, "vm.swappiness", SYSCTL_KERNEL),
			    "/proc/cmdline:1=7");
	assert_string_equal(winner(h, "net.core.somaxconn", SYSCTL_KERNEL),
			    "/proc/cmdline:2=8");
	/* The quotes around a value are taken off, others are kept (next_arg). */
	assert_string_equal(winner(h, "kernel.core_pattern", SYSCTL_KERNEL),
			    "/proc/cmdline:3=x y");
	assert_string_equal(winner(h, "kernel.hostname", SYSCTL_KERNEL),
			    "/proc/cmdline:4=a\"b\"c");
	assert_string_equal(winner(h, "vm.swappiness", SYSCTL_BOOT), "-");
	assert_string_equal(winner(h, "fs.nr_open", SYSCTL_KERNEL), "-");
	assert_string_equal(winner(h, "vm.overcommit_memory", SYSCTL_KERNEL), "-");
	assert_null(h->sysctl[TUNABLE_SWAPPINESS].boot_value);
	assert_string_equal(h->sysctl[TUNABLE_SWAPPINESS].other_value, "7");
}

static void tuned_is_followed(void **state)
{
	struct world *w = *state;
	const struct host_managers *m;

	put(w, "/etc/tuned/active_profile", "web\n");
	put(w, "/etc/tuned/web/tuned.conf",
	    "[main]\ninclude=base, -none\n[sysctl]\nnet.core.somaxconn=>2048\n");
	put(w, "/usr/lib/tuned/base/tuned.conf",
	    "[main]\nsummary=x\n[sysctl]\nvm.swappiness=10\nnet.core.somaxconn=1\n"
	    "vm.dirty_ratio=40\n");
	assert_null(look(w, NULL)->managers.tuned); /* neither enabled nor running */

	make_folders(w->dir, "/etc/systemd/system/multi-user.target.wants/x");
	assert_int_equal(symlink("/usr/lib/systemd/system/tuned.service",
				 in(w->dir, "/etc/systemd/system/multi-user.target.wants/"
					    "tuned.service")),
			 0);
	m = &look(w, NULL)->managers;
	assert_string_equal(m->tuned, "web");
	assert_true(m->tuned_reapplies);
	assert_null(m->tuned_unclear);
	assert_string_equal(m->tuned_sets[TUNABLE_SWAPPINESS].by,
			    "/usr/lib/tuned/base/tuned.conf:4");
	assert_string_equal(m->tuned_sets[TUNABLE_SOMAXCONN].value, ">2048");
	assert_null(m->tuned_sets[TUNABLE_AIO_MAX_NR].value);

	put(w, "/etc/tuned/tuned-main.conf",
	    "# reapply_sysctl = 1\nreapply_sysctl = 0\n");
	put(w, "/etc/tuned/web/tuned.conf", "[main]\ninclude=gone\n");
	m = &look(w, NULL)->managers;
	assert_false(m->tuned_reapplies);
	assert_string_equal(m->tuned_unclear, "gone: no such tuned profile");

	/* A profile of /etc may include the one that it hides; not itself for ever. */
	put(w, "/etc/tuned/web/tuned.conf", "[main]\ninclude=web\n");
	put(w, "/usr/lib/tuned/web/tuned.conf",
	    "[main]\ninclude=web\n[sysctl]\nfs.aio-max-nr=7\n"
	    "[sysctl.arm]\ntype=sysctl\nuname_regex=aarch64\nvm.swappiness=1\n");
	m = &look(w, NULL)->managers;
	assert_string_equal(m->tuned_sets[TUNABLE_AIO_MAX_NR].value, "7");
	assert_string_equal(m->tuned_unclear,
			    "/usr/lib/tuned/web/tuned.conf:8: stands under a condition");
}

static void other_managers(void **state)
{
	struct world *w = *state;
	const struct host_managers *m;

	put(w, "/etc/sysconfig/saptune",
	    "TUNE_FOR_NOTES=\"\"\nTUNE_FOR_SOLUTIONS=\"HANA\"\n");
	put(w, "/etc/cloud/cloud.cfg", "# sysctl\nusers:\n - default\n");
	m = &look(w, NULL)->managers;
	assert_string_equal(m->saptune,
			    "/etc/sysconfig/saptune: TUNE_FOR_SOLUTIONS=\"HANA\"");
	assert_true(m->cloud_init);
	assert_null(m->cloud_init_by);
	put(w, "/etc/cloud/cloud.cfg.d/50.cfg", "a:\nbootcmd:\n - sysctl -w vm.x=1\n");
	m = &look(w, NULL)->managers;
	assert_string_equal(m->cloud_init_by, "/etc/cloud/cloud.cfg.d/50.cfg:3");
	put(w, "/etc/cloud/cloud-init.disabled", "");
	assert_false(look(w, NULL)->managers.cloud_init);
}

/* "value path:line", "unset path:line" or "unknown why"; valid until the next call. */
static const char *after_boot(const struct host *h, const char *key, const char *ours)
{
	struct forecast_own own = { ours };
	struct forecast f = { .value = NULL };
	static char text[512];

	assert_int_equal(host_forecast_boot(h, key, ours ? &own : NULL, &f), 0);
	snprintf(text, sizeof(text), "%s %s",
		 f.how == FORECAST_SET	   ? f.value
		 : f.how == FORECAST_UNSET ? "unset"
					   : "unknown",
		 f.how == FORECAST_UNKNOWN ? f.why
		 : f.by			   ? f.by
					   : "-");
	forecast_clear(&f);
	return text;
}

#define OWN "/etc/sysctl.d/99-uringprep.conf"

static void our_line_is_put_where_it_would_stand(void **state)
{
	struct world *w = *state;
	const struct host *h;

	put(w, "/usr/lib/systemd/systemd-sysctl", "");
	put(w, "/etc/sysctl.d/99-aa.conf", "vm.swappiness=1\n-kernel.panic\n");
	put(w, "/etc/sysctl.d/99-zz.conf", "fs.aio-max-nr=2\n-net.core.somaxconn\n");
	/* Hidden by ours as soon as it is there. */
	put(w, "/usr/lib/sysctl.d/99-uringprep.conf", "fs.file-max=3\n");
	h = look(w, NULL);
	assert_string_equal(after_boot(h, "vm.swappiness", "9"), "9 " OWN);
	assert_string_equal(after_boot(h, "kernel.panic", "9"), "9 " OWN);
	assert_string_equal(after_boot(h, "fs.aio-max-nr", "9"),
			    "2 /etc/sysctl.d/99-zz.conf:1");
	assert_string_equal(after_boot(h, "net.core.somaxconn", "9"),
			    "unset /etc/sysctl.d/99-zz.conf:2");
	assert_string_equal(after_boot(h, "fs.file-max", NULL),
			    "3 /usr/lib/sysctl.d/99-uringprep.conf:1");
	assert_string_equal(after_boot(h, "fs.file-max", "9"), "9 " OWN);
	/* What our file holds now counts for nothing then. */
	put(w, OWN, "vm.swappiness=5\nvm.swappiness=6\n");
	h = look(w, NULL);
	assert_string_equal(after_boot(h, "vm.swappiness", NULL), "6 " OWN ":2");
	assert_string_equal(after_boot(h, "vm.swappiness", "9"), "9 " OWN);
}

static void values_as_the_kernel_reads_them(void **state)
{
	(void)state;
	assert_true(sysctl_value_eq("16", "0x10"));
	assert_true(sysctl_value_eq("4096 131072\t6291456\n", "4096\t131072  6291456"));
	assert_false(sysctl_value_eq("4096 131072", "4096 131072 1"));
	assert_false(sysctl_value_eq("1", "1x"));
	assert_false(sysctl_value_eq("", "0"));
	assert_true(sysctl_value_eq("|/bin/x %p", "|/bin/x %p"));
	assert_false(sysctl_value_eq(NULL, "0"));
	assert_true(sysctl_value_eq(NULL, NULL));
}

/* "KEY<tab>boot value<tab>value after sysctl --system", "-" for unset. */
static int answer(const char *dir, char **keys)
{
	struct root *root;
	struct host *host;
	struct err e;

	if (root_open(&root, dir, false, &e) < 0 || host_new(&host, root, &e) < 0 ||
	    host_need(host, HOST_SYSCTL, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		return 2;
	}
	for (; *keys; keys++) {
		const struct sysctl_setter *boot, *all;
		struct sysctl_setters s;

		if (host_sysctl_setters(host, *keys, &s) < 0)
			return 2;
		boot = sysctl_winner(&s, SYSCTL_BOOT, NULL);
		all = sysctl_winner(&s, SYSCTL_SYSTEM, NULL);
		printf("%s\t%s\t%s\n", *keys, boot ? boot->value : "-",
		       all ? all->value : "-");
		free(s.v);
	}
	host_free(host);
	root_free(root);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(setters_stand_in_load_order, setup,
						teardown),
		cmocka_unit_test_setup_teardown(patterns_give_way, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pattern_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(the_kernel_sets_first, setup, teardown),
		cmocka_unit_test_setup_teardown(tuned_is_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(other_managers, setup, teardown),
		cmocka_unit_test_setup_teardown(our_line_is_put_where_it_would_stand,
						setup, teardown),
		cmocka_unit_test(values_as_the_kernel_reads_them),
	};

	if (argc > 1)
		return answer(argv[1], argv + 2);
	return cmocka_run_group_tests_name("sysctl", tests, NULL, NULL);
}
