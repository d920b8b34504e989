/* The plan: limits, switches and files of a profile that is put over another. Profiles are
 * made by hand where the parser is not what is asked. */
#include "unit.h"

#include "change/plan.h"
#include "change/rows.h"
#include "host/host.h"
#include "os/root.h"
#include "profile/profile.h"

#include <errno.h>

#define SYSCTL "/etc/sysctl.d/99-uringprep.conf"
#define LIMITS "/etc/security/limits.d/99-uringprep.conf"
#define DROP_IN "/etc/systemd/system/web.service.d/99-uringprep.conf"

struct world {
	char *dir;
	struct root *root;
	struct host *host;
	struct plan plan;
	struct err e;
};

static int setup(void **state)
{
	static const char *const folders[] = {
		"/etc", "/etc/sysctl.d", "/etc/security",   "/etc/security/limits.d",
		"/usr", "/usr/lib",	 "/usr/lib/systemd"
	};
	struct world *w = calloc(1, sizeof(*w));
	size_t i;

	assert_non_null(w);
	w->dir = scratch_new();
	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		assert_int_equal(mkdir(in(w->dir, folders[i]), 0755), 0);
	put_file(w->dir, "/usr/lib/systemd/systemd-sysctl", "loads sysctl.d at boot");
	assert_int_equal(root_open(&w->root, w->dir, false, &w->e), 0);
	plan_init(&w->plan, "profile");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	plan_clear(&w->plan);
	host_free(w->host);
	root_free(w->root);
	scratch_free(w->dir);
	free(w);
	return 0;
}

/* Read the host anew; SYSCTLS and LIMITS are the recorded ones, NULL: nothing is. */
static void look(struct world *w, const char *sysctls, const char *limits)
{
	char facts[1024];

	host_free(w->host);
	w->host = NULL;
	snprintf(facts, sizeof(facts),
		 "{\"schema\": \"uringprep.facts/1\", \"uring\": {\"setup_null\": -14},"
		 " \"sysctl\": {%s}, \"limits\": {%s}}",
		 sysctls ? sysctls : "", limits ? limits : "");
	assert_int_equal(host_new(&w->host, w->root, &w->e), 0);
	if (sysctls)
		assert_int_equal(host_record(w->host, "facts", facts, &w->e), 0);
	assert_int_equal(host_need(w->host, HOST_SYSCTL | HOST_LIMITS, &w->e), 0);
}

/* Plan P anew; ACCEPT is one word or NULL. */
static int settle(struct world *w, const struct profile *p,
		  const struct profile_base *base, const char *accept)
{
	struct profile_base none = { .active = NULL };
	struct strv words = { NULL, 0 };
	struct profile_ask ask = { &words, false };
	int err;

	plan_clear(&w->plan);
	if (accept)
		assert_int_equal(strv_add(&words, accept), 0);
	err = profile_plan(w->host, p, base ? base : &none, &ask, 7, &w->plan, &w->e);
	strv_clear(&words);
	return err;
}

static const struct step *step_of(const struct world *w, const char *target)
{
	size_t i;

	for (i = 0; i < w->plan.n; i++)
		if (strcmp(w->plan.v[i].target, target) == 0)
			return &w->plan.v[i];
	return NULL;
}

static bool warned(const struct world *w, const char *words)
{
	size_t i;

	for (i = 0; i < w->plan.warnings.n; i++)
		if (strstr(w->plan.warnings.v[i], words))
			return true;
	return false;
}

static void test_limits(void **state)
{
	struct world *w = *state;
	struct profile p = { .name = (char *)"web" };
	const struct step *s;

	p.limits[LIMIT_MEMLOCK] = (struct limit_setting){ .value = 64 * 1024 * 1024 + 1,
							  .where = (char *)"web.conf:3" };
	p.limits[LIMIT_NOFILE] =
		(struct limit_setting){ .value = 65536, .where = (char *)"web.conf:4" };
	assert_int_equal(strv_add(&p.units, "web.service"), 0);
	look(w, "",
	     "\"memlock_soft\": 65536, \"memlock_hard\": 65536,"
	     " \"nofile_soft\": 100000, \"nofile_hard\": 100000");
	assert_int_equal(settle(w, &p, NULL, NULL), 0);
	s = step_of(w, LIMITS);
	assert_non_null(s);
	assert_null(s->before.data);
	/* In KiB there, and never less than was asked for. */
	assert_string_equal(
		s->after.data,
		"# transaction 7, profile web; undo: uringprep revert 7\n"
		"# Written whole by uringprep: put lines of your own into another file.\n"
		"# web.conf:3\n* - memlock 65537\nroot - memlock 65537\n"
		"# web.conf:4\n* - nofile 65536\nroot - nofile 65536\n");
	assert_int_equal(s->n_lines, 2);
	assert_string_equal(s->lines[0].target, "memlock of logins");
	assert_string_equal(s->lines[0].before.data, "65536");
	assert_string_equal(s->lines[0].after.data, "67108865");
	s = step_of(w, DROP_IN);
	assert_non_null(s);
	assert_non_null(strstr(s->after.data, "\n[Service]\n# web.conf:3\n"
					      "LimitMEMLOCK=67108865\n# web.conf:4\n"
					      "LimitNOFILE=65536\n"));
	assert_non_null(strstr(s->note, "daemon-reload"));
	assert_null(step_of(w, SYSCTL));
	assert_true(warned(w,
			   "nofile of logins: web.conf:4 asks for 65536, which is less "
			   "than the 100000"));
	assert_false(warned(w, "memlock of logins"));
	assert_true(warned(w, "web.service: no such unit is here"));

	assert_int_equal(mkdir(in(w->dir, "/etc/systemd"), 0755), 0);
	assert_int_equal(mkdir(in(w->dir, "/etc/systemd/system"), 0755), 0);
	put_file(w->dir, "/etc/systemd/system/web.service", "[Service]\n");
	assert_int_equal(settle(w, &p, NULL, NULL), 0);
	assert_false(warned(w, "no such unit"));
	strv_clear(&p.units);
}

static void test_limits_unlimited(void **state)
{
	struct world *w = *state;
	struct profile p = { .name = (char *)"web" };

	look(w, NULL, NULL);
	p.limits[LIMIT_MEMLOCK] =
		(struct limit_setting){ .value = UINT64_MAX, .where = (char *)"w:1" };
	assert_int_equal(strv_add(&p.units, "web.service"), 0);
	assert_int_equal(settle(w, &p, NULL, NULL), 0);
	assert_non_null(
		strstr(step_of(w, LIMITS)->after.data, "* - memlock unlimited\n"));
	assert_non_null(
		strstr(step_of(w, DROP_IN)->after.data, "LimitMEMLOCK=infinity\n"));
	/* The kernel takes no such number of descriptors: a login would fail. */
	p.limits[LIMIT_NOFILE] =
		(struct limit_setting){ .value = UINT64_MAX, .where = (char *)"w:2" };
	assert_int_equal(settle(w, &p, NULL, NULL), -ENOTSUP);
	assert_non_null(strstr(w->e.msg, "w:2: nofile: unlimited"));
	p.limits[LIMIT_NOFILE].value = 1048577;
	assert_int_equal(settle(w, &p, NULL, NULL), 0);
	assert_true(warned(w, "logins can fail"));
	strv_clear(&p.units);
	assert_int_equal(strv_add(&p.units, "../x.service"), 0);
	assert_int_equal(settle(w, &p, NULL, NULL), -EBADMSG);
	strv_clear(&p.units);
}

/* A file that a profile before wrote, and this one does not: what was there before it. */
static void test_files_of_the_profile_before(void **state)
{
	static const char ours[] = "# transaction 3, profile web; undo: ...\nx\n";
	struct world *w = *state;
	struct profile p = { .name = (char *)"other" };
	struct blob absent = { NULL, 0 }, old = { (char *)"theirs\n", 7 };
	struct profile_file file = { LIMITS, &absent };
	struct profile_base base = { .files = &file, .n_files = 1, .active = "web" };

	put_file(w->dir, LIMITS, ours);
	look(w, NULL, NULL);
	assert_int_equal(settle(w, &p, &base, NULL), 0);
	assert_string_equal(step_of(w, LIMITS)->before.data, ours);
	assert_null(step_of(w, LIMITS)->after.data);
	file.before = &old;
	assert_int_equal(settle(w, &p, &base, NULL), 0);
	assert_string_equal(step_of(w, LIMITS)->after.data, "theirs\n");

	/* The same limits again: nothing to do, whatever transaction the file names. */
	p.limits[LIMIT_NOFILE] =
		(struct limit_setting){ .value = 5, .where = (char *)"w:1" };
	put_file(w->dir, LIMITS,
		 "# transaction 3, profile web; undo: uringprep revert 3\n"
		 "# Written whole by uringprep: put lines of your own into another "
		 "file.\n# w:1\n* - nofile 5\nroot - nofile 5\n");
	assert_int_equal(settle(w, &p, &base, NULL), 0);
	assert_int_equal(w->plan.n, 0);
	/* But not one that no journal knows. */
	assert_int_equal(settle(w, &p, NULL, NULL), -EEXIST);
	assert_non_null(strstr(w->e.msg, LIMITS ": is ours"));
}

static struct setting setting(size_t k, enum setting_rule rule, uint64_t value)
{
	return (struct setting){ .tunable = &tunables[k],
				 .rule = rule,
				 .value = { 1, { value } },
				 .where = (char *)"p:1" };
}

/* The line of our file for the first setting of P; NULL: it has none. */
static const char *line_of(struct world *w, const char *sysctls, const struct profile *p,
			   const char *accept)
{
	const struct step *s;

	look(w, sysctls, NULL);
	assert_int_equal(settle(w, p, NULL, accept), 0);
	s = step_of(w, SYSCTL);
	return s ? strrchr(s->after.data, '=') + 2 : NULL;
}

static void test_switch(void **state)
{
	static const struct {
		const char *live; /* NULL: not known */
		enum setting_rule rule;
		uint64_t asked;
		const char *accept;
		const char *line; /* NULL: none */
		bool warned;
	} rows[] = {
		{ "2", SETTING_EXACT, 0, NULL, NULL, true },
		{ "2", SETTING_EXACT, 0, "", "1\n", true },
		{ "2", SETTING_EXACT, 0, "=1", "1\n", true },
		{ "2", SETTING_EXACT, 0, "=0", "0\n", false },
		{ "2", SETTING_EXACT, 0, "=2", NULL, true },
		{ "2", SETTING_EXACT, 1, NULL, NULL, true },
		{ "2", SETTING_EXACT, 1, "", "1\n", false },
		{ "2", SETTING_EXACT, 1, "=0", "1\n", false },
		{ "1", SETTING_EXACT, 0, NULL, NULL, true },
		{ "1", SETTING_EXACT, 0, "", NULL, true },
		{ "1", SETTING_EXACT, 0, "=0", "0\n", false },
		{ "0", SETTING_EXACT, 0, NULL, "0\n", false },
		{ "0", SETTING_EXACT, 2, NULL, "2\n", false },
		{ "1", SETTING_EXACT, 2, NULL, "2\n", false },
		{ "2", SETTING_LOWER, 1, NULL, NULL, true },
		{ "2", SETTING_LOWER, 1, "", "1\n", false },
		{ "1", SETTING_LOWER, 1, NULL, NULL, false },
		{ "0", SETTING_LOWER, 1, NULL, NULL, false },
		{ "0", SETTING_RAISE, 1, NULL, "1\n", false },
		{ NULL, SETTING_EXACT, 0, NULL, NULL, true },
		{ NULL, SETTING_EXACT, 0, "", "1\n", true },
		{ NULL, SETTING_EXACT, 0, "=0", "0\n", false },
		{ NULL, SETTING_EXACT, 2, NULL, "2\n", false },
		{ NULL, SETTING_LOWER, 1, "", NULL, true },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting s =
			setting(TUNABLE_IO_URING_DISABLED, rows[i].rule, rows[i].asked);
		struct profile p = { .name = (char *)"p", .v = &s, .n = 1 };
		char live[128] = "", accept[128];
		const char *line;

		if (rows[i].live)
			snprintf(live, sizeof(live),
				 "\"kernel.io_uring_disabled\": \"%s\"", rows[i].live);
		snprintf(accept, sizeof(accept), "kernel.io_uring_disabled%s",
			 rows[i].accept ? rows[i].accept : "");
		line = line_of(w, rows[i].live ? live : NULL, &p,
			       rows[i].accept ? accept : NULL);
		if ((line == NULL) != (rows[i].line == NULL) ||
		    (line && strcmp(line, rows[i].line) != 0) ||
		    warned(w, "") != rows[i].warned)
			fail_msg("row %zu: line %s, %s", i, line ? line : "none",
				 w->plan.warnings.n ? w->plan.warnings.v[0] : "silent");
	}
}

/* What files give at the next boot counts beside what is live. */
static void test_switch_in_files(void **state)
{
	struct setting s = setting(TUNABLE_IO_URING_DISABLED, SETTING_EXACT, 0);
	struct profile p = { .name = (char *)"p", .v = &s, .n = 1 };
	struct world *w = *state;

	put_file(w->dir, "/etc/sysctl.d/10-vendor.conf", "kernel.io_uring_disabled=2\n");
	assert_null(line_of(w, NULL, &p, NULL));
	assert_true(warned(w, "it is 2 (/etc/sysctl.d/10-vendor.conf:1)"));
	assert_null(line_of(w, "\"kernel.io_uring_disabled\": \"0\"", &p, NULL));
	assert_true(warned(w, "it is 2 (/etc/sysctl.d/10-vendor.conf:1)"));
	/* A rule that only lowers, too: live it is met, at the next boot not. */
	s.rule = SETTING_LOWER;
	s.value.v[0] = 1;
	assert_null(line_of(w, "\"kernel.io_uring_disabled\": \"0\"", &p, NULL));
	assert_true(warned(w, "left out"));
}

static void test_group(void **state)
{
	struct setting s[2] = { setting(TUNABLE_IO_URING_GROUP, SETTING_EXACT, 4711),
				setting(TUNABLE_IO_URING_DISABLED, SETTING_EXACT, 1) };
	struct profile p = { .name = (char *)"p", .v = s, .n = 1 };
	struct world *w = *state;
	static const char closed[] = "\"kernel.io_uring_group\": \"-1\","
				     " \"kernel.io_uring_disabled\": \"2\"";
	static const char open[] = "\"kernel.io_uring_group\": \"-1\","
				   " \"kernel.io_uring_disabled\": \"0\"";

	assert_null(line_of(w, closed, &p, NULL));
	assert_true(warned(w, "it is -1 ("));
	assert_null(line_of(w, closed, &p, "kernel.io_uring_group=5"));
	assert_string_equal(line_of(w, closed, &p, "kernel.io_uring_group"), "4711\n");
	assert_string_equal(line_of(w, closed, &p, "kernel.io_uring_group=4711"),
			    "4711\n");
	/* Groups have no order: the one that is live and the one of the files each count. */
	put_file(w->dir, "/etc/sysctl.d/10-group.conf", "kernel.io_uring_group=5000\n");
	assert_null(line_of(w, "\"kernel.io_uring_group\": \"4711\"", &p, NULL));
	assert_true(warned(w, "it is 5000 ("));
	s[0].value.v[0] = 5000;
	assert_null(line_of(w, "\"kernel.io_uring_group\": \"4711\"", &p, NULL));
	assert_true(warned(w, "it is 4711 ("));
	assert_int_equal(unlink(in(w->dir, "/etc/sysctl.d/10-group.conf")), 0);
	s[0].value.v[0] = 4711;
	/* From 0 for all to 1 and a group nothing is opened. */
	p.n = 2;
	assert_string_equal(line_of(w, open, &p, NULL), "4711\n");
	assert_int_equal(w->plan.warnings.n, 0);
	assert_non_null(strstr(step_of(w, SYSCTL)->after.data, "disabled = 1\n"));
}

static void test_rows(void **state)
{
	struct setting s = setting(TUNABLE_SWAPPINESS, SETTING_EXACT, 10);
	struct profile p = { .name = (char *)"p", .v = &s, .n = 1 };
	struct world *w = *state;
	struct plan_rows rows;

	look(w, "\"vm.swappiness\": \"60\"", NULL);
	assert_int_equal(settle(w, &p, NULL, NULL), 0);
	assert_int_equal(plan_rows(&w->plan, &rows), 0);
	assert_int_equal(rows.n, 2);
	assert_string_equal(rows.v[0].step, "file");
	assert_null(rows.v[0].before);
	assert_non_null(strstr(rows.v[0].after, " bytes"));
	assert_string_equal(rows.v[0].text, w->plan.v[0].after.data);
	assert_string_equal(rows.v[1].step, "line");
	assert_string_equal(rows.v[1].before, "60");
	assert_string_equal(rows.v[1].after, "10");
	assert_string_equal(rows.v[1].of->set_by, "kernel default");
	assert_null(rows.v[1].text);
	plan_rows_clear(&rows);
}

/* Neither a title nor a warning is cut off. */
static void test_long_texts(void **state)
{
	struct world *w = *state;
	char name[4000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(plan_set_title(&w->plan, "apply %s", name), 0);
	assert_int_equal(strlen(w->plan.title), 6 + strlen(name));
	assert_int_equal(plan_warn(&w->plan, "%s: not so", name), 0);
	assert_int_equal(strlen(w->plan.warnings.v[0]), strlen(name) + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits_unlimited, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_of_the_profile_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_switch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_switch_in_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_group, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_texts, setup, teardown),
	};

	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
