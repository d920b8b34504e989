/* Profiles: what is read from where, what is refused, and the plan that a host and a
 * profile come to. The host is a tree of files, its live values a recording. */
#include "unit.h"

#include "change/plan.h"
#include "host/host.h"
#include "os/root.h"
#include "profile/problem.h"

#include <errno.h>

#define FACTS(values)                                                                    \
	"{\"schema\": \"uringprep.facts/1\", \"uring\": {\"setup_null\": -38},"          \
	" \"sysctl\": {" values "}}"

struct world {
	char *dir;
	struct root *root;
	struct host *host;
	struct err e;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->dir = scratch_new();
	assert_int_equal(mkdir(in(w->dir, "/etc"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/etc/sysctl.d"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/etc/uringprep"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/etc/uringprep/profiles"), 0755), 0);
	/* By its program it is seen that sysctl.d is loaded at boot. */
	assert_int_equal(mkdir(in(w->dir, "/lib"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/lib/systemd"), 0755), 0);
	put_file(w->dir, "/lib/systemd/systemd-sysctl", "");
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

static void profile(struct world *w, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "/etc/uringprep/profiles/%s.conf", name);
	put_file(w->dir, path, text);
}

/* Read the host anew. */
static void look(struct world *w, const char *facts)
{
	host_free(w->host);
	w->host = NULL;
	assert_int_equal(host_new(&w->host, w->root, &w->e), 0);
	if (facts)
		assert_int_equal(host_record(w->host, "facts", facts, &w->e), 0);
	assert_int_equal(
		host_need(w->host, HOST_TUNABLES | HOST_URING | HOST_PROFILES, &w->e), 0);
}

/* NAME may be several, parted by blanks. */
static int load_names(struct world *w, struct profile *p, const char *name)
{
	struct strv names = { NULL, 0 };
	int err;

	assert_int_equal(strv_split(&names, name, " "), 0);
	err = profile_load(p, w->host, &names, &w->e);
	strv_clear(&names);
	return err;
}

static int load(struct world *w, struct profile *p, const char *name)
{
	look(w, NULL);
	w->e.msg[0] = '\0';
	return load_names(w, p, name);
}

static void test_embedded(void **state)
{
	static const char *const names[] = { "server", "storage", "lockdown", "article" };
	struct world *w = *state;
	struct profile p;
	size_t i;

	for (i = 0; i < 4; i++) {
		assert_int_equal(load(w, &p, names[i]), 0);
		assert_non_null(p.summary);
		assert_true(p.n > 0);
		assert_int_equal(p.uring == PROFILE_URING_NONE,
				 strcmp(names[i], "lockdown") == 0);
		profile_clear(&p);
	}
}

static void test_include_and_override(void **state)
{
	struct world *w = *state;
	struct profile p;

	profile(w, "server", "[sysctl]\nvm.swappiness = \"7\" # quoted\n");
	profile(w, "mine", "[sysctl]\nfs/aio-max-nr=<5\n[main]\ninclude=server\n");
	assert_int_equal(load(w, &p, "mine"), 0);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.v[0].tunable->key, "vm.swappiness");
	assert_int_equal(p.v[0].value.v[0], 7);
	assert_string_equal(p.v[0].where, "/etc/uringprep/profiles/server.conf:2");
	assert_int_equal(p.v[1].rule, SETTING_LOWER);
	profile_clear(&p);
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "[sysctl]\nvm.swappines=1\n", ":2:1: vm.swappines: not a key this tool "
					"knows; near it: vm.swappiness" },
	{ "[sysctl]\nnet/somaxconn=1\n", "near it: net.core.somaxconn" },
	{ "[sysctl]\nx.y=1\n", ":2:1: x.y: not a key this tool knows; see" },
	{ "[sysctl]\nvm.swappiness = 201\n", ":2:17: vm.swappiness: \"201\" is" },
	{ "[sysctl]\nvm.swappiness=201\n", "0 to 200" },
	{ "[sysctl]\nvm.swappiness=-1\n", "\"-1\"" },
	{ "[sysctl]\nvm.swappiness=010\n", "octal" },
	{ "[sysctl]\nvm.swappiness=>010\n", "octal" },
	{ "[sysctl]\nvm.swappiness=\n", "\"\"" },
	{ "[sysctl]\nvm.swappiness=> x\n", "\"> x\"" },
	{ "[sysctl\nvm.swappiness=1\n", ":1:1: expected [section]" },
	{ "vm.swappiness=1\n", "before the first [section]" },
	{ "[sysctl]\nnonsense\n", ":2:1: expected key=value" },
	{ "[sysctl]\nvm.swappiness=\"1\n", ":2:15: vm.swappiness: a quote is" },
	{ "[sysctl]\nvm.swappiness='1'\n", "single quotes" },
	{ "[sysctl]\nvm.swappiness=1 ; why\n", "start of a line" },
	{ "[sysctl]\nvm.swappiness=1\n 2\n", "several lines" },
	{ "[sysctl]\nvm.swappiness=${x}\n", "variables" },
	{ "[disk]\nmemlock=1\n", ":2:1: [disk]: unknown section" },
	{ "[require]\nuring=fast\n", "none, early, network, modern, full" },
	{ "[require]\nring=full\n", "ring: unknown" },
	{ "[require]\nneeds=op:accept nonsense\n", ":2:7: needs: nonsense: io_uring" },
	{ "[require]\nneeds=\n", "names nothing" },
	{ "[require]\nneeds=op:accept\nuring=none\n", "says uring=none" },
	{ "[main]\nnice=1\n", ":2:1: nice: unknown" },
	{ "[main]\ninclude=../../passwd\n", "not a name" },
	{ "[main]\ninclude=server storage\n", "parted by commas" },
	{ "[main]\ninclude=\n", "names no profile" },
	{ "[main]\ninclude=absent\n", ":2:9: include=absent: there is none" },
	{ "[limits]\nmemlock=>64M\n", "nothing to compare" },
	{ "[limits]\nmemlock=64k\n", "memlock: \"64k\" is not a size" },
	{ "[limits]\nmemlock=M\n", "is not a size" },
	{ "[limits]\nmemlock=4095\n", "is not a size" },
	{ "[limits]\nmemlock=4097\n", "whole K" },
	{ "[limits]\nmemlock=9223372036854775808\n", "is not a size" },
	{ "[limits]\nmemlock=9007199254740992K\n", "is not a size" },
	{ "[limits]\nnofile=unlimited\n", "fs.nr_open" },
	{ "[limits]\nnofile=1023\n", "1024 to 2147483584" },
	{ "[limits]\nnofile=2147483585\n", "1024 to 2147483584" },
	{ "[limits]\nunits=nginx a/b\n", "names \"a/b\", which is no service" },
	{ "[limits]\nunits=a.socket\n", "no service" },
	{ "[limits]\nunits=@.service\n", "no service" },
	{ "[limits]\nunits=.service\n", "no service" },
	{ "[limits]\nunits=,\n", "names no unit" },
	{ "[limits]\ncore=1\n", "core: unknown in [limits]" },
};

static void test_mistakes(void **state)
{
	struct world *w = *state;
	struct profile p;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		profile(w, "bad", bad[i].text);
		assert_int_equal(load(w, &p, "bad"), -EBADMSG);
		if (!strstr(w->e.msg, bad[i].says))
			fail_msg("%s: says %s", bad[i].says, w->e.msg);
		assert_ptr_equal(strstr(w->e.msg, "/etc/uringprep/profiles/bad.conf:"),
				 w->e.msg);
	}
	assert_int_equal(load(w, &p, "absent"), -ENOENT);
	assert_non_null(strstr(w->e.msg, "article, bad, lockdown, server, storage"));
	assert_int_equal(load(w, &p, "/etc/passwd"), -EINVAL);
	assert_int_equal(load(w, &p, "-x"), -EINVAL);
}

/* The text of the problem K; its place. */
static void is_problem(const struct problems *found, size_t k, enum problem_grade grade,
		       const char *where, const char *text)
{
	char *have;

	assert_true(k < found->n);
	have = problem_where(&found->v[k]);
	assert_string_equal(have, where);
	free(have);
	assert_string_equal(found->v[k].text, text);
	assert_int_equal(found->v[k].grade, grade);
}

static void test_all_mistakes(void **state)
{
	static const struct profile_draft draft = {
		"server", "draft.conf",
		"[main]\ninclude=server\n[sysctl]\nnonsense\nvm.swappiness=900\n"
		"net.core.somaxconn=1\nnet.core.somaxconn=2\n"
	};
	struct world *w = *state;
	struct strv names = { NULL, 0 };
	struct problems found = { NULL, 0 };
	struct profile p;

	look(w, NULL);
	assert_int_equal(strv_add(&names, "server"), 0);
	assert_int_equal(profile_read(&p, w->host, &names, &draft, &found, &w->e), 0);
	assert_int_equal(found.n, 3);
	is_problem(&found, 0, PROBLEM_ERROR, "draft.conf:4:1", "expected key=value");
	is_problem(&found, 1, PROBLEM_ERROR, "draft.conf:5:15",
		   "vm.swappiness: \"900\" is not a number from 0 to 200 (with > or < "
		   "before it: raise or lower only)");
	is_problem(&found, 2, PROBLEM_WARNING, "draft.conf:7:1",
		   "net.core.somaxconn: line 6 sets it, too: this one counts");
	/* The draft stands for the one of /etc: what it includes is the binary's. */
	assert_int_equal(p.n_sources, 2);
	assert_string_equal(p.sources[1].file, "server.conf");
	assert_string_equal(p.sources[1].by, "draft.conf:2");
	assert_string_equal(profile_setting(&p, TUNABLE_SWAPPINESS)->at.file,
			    "server.conf");
	assert_int_equal(profile_setting(&p, TUNABLE_SOMAXCONN)->value.v[0], 2);
	profile_clear(&p);
	problems_clear(&found);
	strv_clear(&names);
}

static uint64_t swappiness(struct world *w, const char *name)
{
	struct profile p;
	uint64_t v;

	if (load(w, &p, name) < 0)
		fail_msg("%s: %s", name, w->e.msg);
	v = profile_setting(&p, TUNABLE_SWAPPINESS)->value.v[0];
	profile_clear(&p);
	return v;
}

static void test_includes(void **state)
{
	struct world *w = *state;
	struct profile p;

	profile(w, "base", "[sysctl]\nvm.swappiness=1\n");
	profile(w, "a", "[main]\ninclude=base\n[sysctl]\nvm.swappiness=2\n");
	profile(w, "b", "[main]\ninclude=base\n[sysctl]\nkernel.panic=1\n");
	/* In order, each taken once: base, a, b. */
	profile(w, "ab", "[main]\ninclude=a, b;-absent\n");
	assert_int_equal(swappiness(w, "ab"), 2);
	/* The last line counts. */
	profile(w, "again", "[main]\ninclude=a\ninclude=b\n");
	assert_int_equal(swappiness(w, "again"), 1);
	/* Those asked for win in the order given, also one that was included before. */
	assert_int_equal(swappiness(w, "a base"), 1);
	assert_int_equal(swappiness(w, "base a"), 2);
	profile(w, "x", "[main]\ninclude=y\n");
	profile(w, "y", "[main]\ninclude=z\n");
	profile(w, "z", "[main]\n# to y\ninclude=y\n");
	assert_int_equal(load(w, &p, "x"), -EBADMSG);
	assert_string_equal(w->e.msg, "/etc/uringprep/profiles/z.conf:3:9: include=y: "
				      "includes go round in a circle: y -> z -> y");
	profile(w, "self", "[main]\ninclude=self\n");
	assert_int_equal(load(w, &p, "self"), -EBADMSG);
	assert_non_null(strstr(w->e.msg, "circle: self -> self"));
	/* /etc's own name again is the binary's. */
	profile(w, "article", "[main]\ninclude=article\n[sysctl]\nkernel.panic=9\n");
	assert_int_equal(swappiness(w, "article"), 1);
	/* And not round in a circle of two. */
	profile(w, "a", "[main]\ninclude=article\n");
	profile(w, "article", "[main]\ninclude=a\n");
	assert_int_equal(swappiness(w, "article"), 1);
}

static void test_limits_and_needs(void **state)
{
	struct world *w = *state;
	struct profile p;

	profile(w, "p",
		"[limits]\nmemlock=64M\nnofile=2147483584\n"
		"units=nginx redis.service,web@ web@1.service nginx.service\n"
		"[require]\nuring=network\nneeds=op:accept, multishot_recv\n");
	assert_int_equal(load(w, &p, "p"), 0);
	assert_int_equal(p.limits[LIMIT_MEMLOCK].value, 64 << 20);
	assert_int_equal(p.limits[LIMIT_NOFILE].value, 2147483584);
	assert_string_equal(p.limits[LIMIT_NOFILE].where,
			    "/etc/uringprep/profiles/p.conf:3");
	assert_int_equal(p.units.n, 4);
	assert_string_equal(p.units.v[0], "nginx.service");
	assert_string_equal(p.units.v[1], "redis.service");
	assert_string_equal(p.units.v[2], "web@.service");
	assert_string_equal(p.units.v[3], "web@1.service");
	assert_int_equal(p.n_needs, 2);
	assert_string_equal(p.needs[1].word, "multishot_recv");
	profile_clear(&p);

	/* Each line of the includer takes the place of the whole one below. */
	profile(w, "q",
		"[main]\ninclude=p\n[limits]\nmemlock=unlimited\nunits=one\n"
		"[require]\nneeds=level:early\n");
	assert_int_equal(load(w, &p, "q"), 0);
	assert_true(p.limits[LIMIT_MEMLOCK].value == UINT64_MAX);
	assert_int_equal(p.units.n, 1);
	assert_int_equal(p.n_needs, 1);
	assert_int_equal(p.level, URING_NETWORK);
	profile_clear(&p);
}

/* The text of the file that NAME comes to; "" when there is no step. */
static void file_of(struct world *w, const char *name, struct plan *plan, char out[1024])
{
	struct profile_base base = { .active = NULL };
	struct profile_ask ask = { NULL, false };
	struct profile p;

	assert_int_equal(load_names(w, &p, name), 0);
	plan_init(plan, "profile");
	assert_int_equal(profile_plan(w->host, &p, &base, &ask, 1, plan, &w->e), 0);
	profile_clear(&p);
	snprintf(out, 1024, "%s", plan->n ? plan->v[0].after.data : "");
}

static void test_rules(void **state)
{
	struct world *w = *state;
	struct plan plan;
	char text[1024];

	profile(w, "p", "[sysctl]\nnet.core.somaxconn=>4096\nvm.swappiness=<10\n");
	look(w, FACTS("\"net.core.somaxconn\": \"128\", \"vm.swappiness\": \"60\""));
	file_of(w, "p", &plan, text);
	assert_non_null(strstr(text, "net.core.somaxconn = 4096\n"));
	assert_non_null(strstr(text, "vm.swappiness = 10\n"));
	assert_int_equal(plan.n, 1); /* a recording has no live values to set */
	plan_clear(&plan);

	look(w, FACTS("\"net.core.somaxconn\": \"65535\", \"vm.swappiness\": \"60\""));
	file_of(w, "p", &plan, text);
	assert_null(strstr(text, "somaxconn"));
	assert_non_null(strstr(text, "vm.swappiness = 10\n"));
	assert_non_null(strstr(plan.warnings.v[0], "left at 65535"));
	plan_clear(&plan);

	look(w, FACTS("\"net.core.somaxconn\": \"65535\", \"vm.swappiness\": \"0\""));
	file_of(w, "p", &plan, text);
	assert_string_equal(text, "");
	plan_clear(&plan);
}

static void test_winner_is_named(void **state)
{
	struct world *w = *state;
	struct plan plan;
	char text[1024];

	profile(w, "p", "[sysctl]\nvm.swappiness=10\n");
	put_file(w->dir, "/etc/sysctl.d/99-zz.conf", "\nvm/swappiness = 30\n");
	look(w, NULL);
	file_of(w, "p", &plan, text);
	assert_int_equal(plan.warnings.n, 1);
	assert_non_null(strstr(plan.warnings.v[0], "/etc/sysctl.d/99-zz.conf:2 sets 30"));
	plan_clear(&plan);

	/* 10-x is read before ours: no word of it. */
	unlink(in(w->dir, "/etc/sysctl.d/99-zz.conf"));
	put_file(w->dir, "/etc/sysctl.d/10-x.conf", "vm.swappiness = 30\n");
	look(w, NULL);
	file_of(w, "p", &plan, text);
	assert_int_equal(plan.warnings.n, 0);
	plan_clear(&plan);

	/* sysctl --system reads /etc/sysctl.conf last of all. */
	put_file(w->dir, "/etc/sysctl.conf", "vm.swappiness = 40\n");
	look(w, NULL);
	file_of(w, "p", &plan, text);
	assert_non_null(strstr(plan.warnings.v[0], "sysctl --system"));
	plan_clear(&plan);
}

static void test_order_of_files(void **state)
{
	struct world *w = *state;
	const struct sysctl_fact *f;

	assert_int_equal(mkdir(in(w->dir, "/usr"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/usr/lib"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/usr/lib/sysctl.d"), 0755), 0);
	put_file(w->dir, "/usr/lib/sysctl.d/50-a.conf", "vm.swappiness=1\n");
	put_file(w->dir, "/etc/sysctl.d/50-a.conf", "fs.aio-max-nr=77\n"); /* hides it */
	put_file(w->dir, "/usr/lib/sysctl.d/60-b.conf", "net.core.somaxconn=1\n");
	put_file(w->dir, "/etc/sysctl.d/10-c.conf",
		 "net.core.somaxconn=2\n");				    /* earlier */
	put_file(w->dir, "/etc/sysctl.d/99-not", "net.core.somaxconn=3\n"); /* no .conf */
	look(w, NULL);
	assert_null(w->host->sysctl[TUNABLE_SWAPPINESS].boot_value);
	assert_string_equal(w->host->sysctl[TUNABLE_AIO_MAX_NR].boot_value, "77");
	f = &w->host->sysctl[TUNABLE_SOMAXCONN];
	assert_string_equal(f->boot_value, "1");
	assert_string_equal(f->boot_by, "/usr/lib/sysctl.d/60-b.conf:1");

	/* A link to /dev/null switches a vendor's file off. */
	assert_int_equal(symlink("/dev/null", in(w->dir, "/etc/sysctl.d/60-b.conf")), 0);
	look(w, NULL);
	assert_string_equal(w->host->sysctl[TUNABLE_SOMAXCONN].boot_value, "2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_embedded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_include_and_override, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_mistakes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_includes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits_and_needs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_winner_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order_of_files, setup, teardown),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
