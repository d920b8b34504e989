/* Reports as keys and values, and what tells groups of them apart. */
#include "unit.h"

#include "base/str.h"
#include "job/compare.h"
#include "parse/flatten.h"

#include <errno.h>

static int note(void *data, const char *key, enum jsontext_type type, const char *value)
{
	str_addf(data, "%s=%d:%s\n", key, (int)type, value);
	return 0;
}

static void flat(const char *json, const char *const *without, const char *want)
{
	struct str out = STR_INIT;
	struct jsontext j;
	struct err e;

	assert_int_equal(jsontext_parse(&j, "p", json, strlen(json), &e), 0);
	assert_int_equal(flatten(&j, without, note, &out), 0);
	assert_string_equal(str_text(&out), want);
	str_clear(&out);
	jsontext_clear(&j);
}

static void reports_become_lines(void **state UNUSED)
{
	static const char *const without[] = { "evidence", NULL };

	flat("{\"a\": {\"b\": 1, \"c\": [true, null, \"x\"]}}", NULL,
	     "a.b=3:1\na.c=5:true, null, x\n");
	flat("{\"l\": [{\"id\": \"p.q\", \"v\": 1}, {\"id\": \"r\"}]}", NULL,
	     "l[id=p.q].id=4:p.q\nl[id=p.q].v=3:1\nl[id=r].id=4:r\n");
	/* What is newer than its program has no name. */
	flat("{\"l\": [{\"name\": \"nop\", \"number\": 0}, {\"name\": null, \"number\": "
	     "99}]}",
	     NULL,
	     "l[name=nop].name=4:nop\nl[name=nop].number=3:0\n"
	     "l[number=99].name=0:null\nl[number=99].number=3:99\n");
	/* Two alike, or one without a name: by place. */
	flat("{\"l\": [{\"id\": 1}, {\"id\": 1}]}", NULL, "l[0].id=3:1\nl[1].id=3:1\n");
	flat("{\"l\": [{\"id\": 1}, [2]]}", NULL, "l[0].id=3:1\nl[1]=5:2\n");
	flat("{\"l\": [], \"o\": {}}", NULL, "l=5:\n");
	flat("{\"evidence\": 1, \"a\": {\"evidence\": {\"x\": 1}, \"b\": 2}}", without,
	     "a.b=3:2\n");
}

static void keys_have_an_end(void **state UNUSED)
{
	struct str text = STR_INIT, out = STR_INIT;
	struct jsontext j;
	struct err e;
	int i;

	for (i = 0; i < 40; i++)
		str_add(&text, "{\"0123456789abcdef\": ");
	str_add(&text, "1");
	for (i = 0; i < 40; i++)
		str_add(&text, "}");
	assert_int_equal(jsontext_parse(&j, "p", text.s, text.len, &e), 0);
	assert_int_equal(flatten(&j, NULL, note, &out), -E2BIG);
	jsontext_clear(&j);
	str_clear(&text);
	str_clear(&out);
}

static struct compare *compare_all(const char *const *texts, int want)
{
	struct compare *c;
	struct err e = { "" };

	assert_int_equal(compare_new(&c, false), 0);
	for (; *texts; texts++)
		if (compare_add(c, "f", *texts, strlen(*texts), &e) < 0)
			fail_msg("%s", e.msg);
	assert_int_equal(compare_run(c, &e), want);
	return c;
}

#define FACTS(more) "{\"schema\": \"uringprep.facts/1\", " more "}"

static void the_first_difference_is_a_gate(void **state UNUSED)
{
	static const char *const texts[] = {
		FACTS("\"x\": 1, \"kernel\": {\"release\": \"5\"}, \"limits\": {\"n\": "
		      "1}, "
		      "\"sysctl\": {\"k\": \"1\"}, \"uring\": {\"level\": 1, "
		      "\"setup_null\": "
		      "-14}"),
		FACTS("\"x\": 2, \"kernel\": {\"release\": \"6\"}, \"limits\": {\"n\": "
		      "2}, "
		      "\"sysctl\": {\"k\": \"2\"}, \"uring\": {\"level\": 2, "
		      "\"setup_null\": "
		      "-1}"),
		NULL,
	};
	static const char *const order[] = { "uring.setup_null", "uring.level",
					     "sysctl.k",	 "limits.n",
					     "kernel.release",	 "x" };
	struct compare *c = compare_all(texts, 0);
	struct compare_diff *d;
	size_t n, i;

	assert_int_equal(compare_groups(c), 2);
	assert_int_equal(compare_diff(c, 0, 1, &d, &n), 0);
	assert_int_equal(n, 6);
	for (i = 0; i < n; i++) {
		assert_string_equal(d[i].key, order[i]);
		assert_int_equal(d[i].is_gate, i == 0);
	}
	assert_string_equal(d[0].a.text, "-14");
	free(d);
	compare_free(c);
}

static void the_fewest_facts_tell_a_group(void **state UNUSED)
{
	/* a tells nothing from the third group, c all from each, a and b are c's. */
	static const char *const texts[] = {
		FACTS("\"a\": 1, \"b\": 1, \"c\": 1"),
		FACTS("\"a\": 1, \"b\": 1, \"c\": 1"),
		FACTS("\"a\": 1, \"b\": 1, \"c\": 1"),
		FACTS("\"a\": 2, \"b\": 2, \"c\": 1"),
		FACTS("\"a\": 2, \"b\": 2, \"c\": 1"),
		FACTS("\"a\": 2, \"b\": 1, \"c\": 2"),
		NULL,
	};
	struct compare *c = compare_all(texts, 0);
	struct compare_diff *d;
	size_t n;

	assert_int_equal(compare_groups(c), 3);
	assert_int_equal(compare_group_size(c, 0), 3);
	assert_int_equal(compare_group_size(c, 1), 2);
	assert_int_equal(compare_describe(c, 1, 32, &d, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(d[0].key, "b");
	free(d);
	assert_int_equal(compare_describe(c, 2, 32, &d, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(d[0].key, "c");
	free(d);
	compare_free(c);
}

static void recorded_bits_have_names(void **state UNUSED)
{
	static const char *const texts[] = {
		FACTS("\"uring\": {\"opcodes\": {\"have\": \"3\", \"asked\": \"7\"}}"),
		FACTS("\"uring\": {\"opcodes\": {\"have\": \"5\", \"asked\": \"5\"}}"),
		NULL,
	};
	struct compare *c = compare_all(texts, 0);
	struct compare_diff *d;
	size_t n;

	assert_int_equal(compare_diff(c, 0, 1, &d, &n), 0);
	assert_int_equal(n, 2);
	assert_string_equal(d[0].key, "uring.opcodes[name=readv].supported");
	assert_int_equal(d[0].a.type, JSONTEXT_TRUE);
	assert_int_equal(d[0].b.type, JSONTEXT_NULL);
	assert_true(d[0].unknown);
	assert_string_equal(d[1].key, "uring.opcodes[name=writev].supported");
	assert_int_equal(d[1].a.type, JSONTEXT_FALSE);
	assert_int_equal(d[1].b.type, JSONTEXT_TRUE);
	assert_false(d[1].unknown);
	free(d);
	compare_free(c);
}

static void kinds_meet_in_what_they_share(void **state UNUSED)
{
	static const char *const some[] = {
		FACTS("\"kernel\": {\"release\": \"6\"}, \"x\": 1"),
		"{\"schema\": \"uringprep.probe/1\", \"kernel\": {\"release\": \"6\"}}",
		NULL,
	};
	static const char *const none[] = {
		FACTS("\"x\": 1"),
		"{\"schema\": \"uringprep.check/1\", \"y\": 1}",
		NULL,
	};
	struct compare *c = compare_all(some, 0);

	assert_true(compare_is_mixed(c));
	assert_string_equal(compare_kinds(c), "facts/1, probe/1");
	assert_int_equal(compare_groups(c), 1);
	compare_free(c);
	compare_free(compare_all(none, -ENODATA));
}

static void what_is_no_report_is_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"schema\": 1}",
		"{\"schema\": \"uringprep.facts/\"}",
		"{\"schema\": \"uringprep.status/1\"}",
		"{\"schema\": \"other.facts/1\"}",
		FACTS("\"schema\": \"uringprep.check/1\""),
		FACTS("\"a\": 1, \"a\": 2"),
		FACTS("\"a.b\": 1, \"a\": {\"b\": 2}"),
	};
	struct compare *c;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(compare_new(&c, false), 0);
		e.msg[0] = '\0';
		assert_int_equal(compare_add(c, "x.json", bad[i], strlen(bad[i]), &e),
				 -EINVAL);
		assert_ptr_equal(strstr(e.msg, "x.json:"), e.msg);
		compare_free(c);
	}
}

/* Found by the fuzzer: a file that was refused at its end was compared all the same. */
static void a_refused_file_leaves_nothing(void **state UNUSED)
{
	static const char bad[] = "{\"schema\": \"uringprep.check/1\", \"tool\": \"9\", "
				  "\"a\": 2, \"a\": 1}";
	static const char good[] = FACTS("\"tool\": \"1\", \"a\": 1");
	struct compare *c;
	struct err e;

	assert_int_equal(compare_new(&c, false), 0);
	assert_int_equal(compare_add(c, "bad", bad, strlen(bad), &e), -EINVAL);
	assert_int_equal(compare_add(c, "x", good, strlen(good), &e), 0);
	assert_int_equal(compare_add(c, "y", good, strlen(good), &e), 0);
	assert_int_equal(compare_run(c, &e), 0);
	assert_int_equal(compare_groups(c), 1);
	assert_int_equal(compare_group_size(c, 0), 2);
	assert_string_equal(compare_group_file(c, 0, 0), "x");
	assert_string_equal(compare_kinds(c), "facts/1");
	assert_string_equal(compare_tools(c), "1");
	compare_free(c);

	assert_int_equal(compare_new(&c, false), 0);
	assert_int_equal(compare_add(c, "bad", bad, strlen(bad), &e), -EINVAL);
	assert_int_equal(compare_run(c, &e), -ENODATA);
	compare_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_become_lines),
		cmocka_unit_test(keys_have_an_end),
		cmocka_unit_test(the_first_difference_is_a_gate),
		cmocka_unit_test(the_fewest_facts_tell_a_group),
		cmocka_unit_test(recorded_bits_have_names),
		cmocka_unit_test(kinds_meet_in_what_they_share),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(a_refused_file_leaves_nothing),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
