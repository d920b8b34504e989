/* Reports: the same tree as text and as JSON; nothing in it can move a terminal's cursor. */
#include "unit.h"

#include "report/report.h"

#include <math.h>

static const struct column columns[] = {
	{ "n", "N", COL_RIGHT },
	{ "mark", "MARK", COL_MARK },
	{ "name", "NAME", 0 },
	{ "why", "why", COL_DETAIL },
};

static char *render(struct report *r, const char *format)
{
	struct err e = { "" };
	char *text = NULL;

	assert_int_equal(report_render(r, format, &text, &e), 0);
	return text;
}

static void add_row(struct node *list, uint64_t n, bool mark, const char *name,
		    const char *why)
{
	struct node *row = node_object(list, NULL);

	node_u64(row, "n", n);
	node_bool(row, "mark", mark);
	node_text(row, "name", name);
	node_text(row, "why", why);
}

static void test_text(void **state UNUSED)
{
	struct report *r;
	struct node *list;
	char *text;

	assert_int_equal(report_new(&r, "boot_list"), 0);
	node_text(report_root(r), "a", "one");
	node_null(report_root(r), "longer");
	report_field(r, "a", report_root(r), "a");
	report_field(r, "longer", report_root(r), "longer");
	list = node_list(report_root(r), "rows");
	add_row(list, 1, true, "x", "because");
	add_row(list, 20, false, NULL, "hidden");
	report_section(r, "Table");
	report_table(r, list, columns, 4, "none", "name", "nobody");
	text = render(r, "text");
	assert_string_equal(text, "a:      one\n"
				  "longer: unknown\n"
				  "\n"
				  "Table\n"
				  " N  MARK  NAME\n"
				  " 1  *     x\n"
				  "      why: because\n"
				  "20        -\n"
				  "      why: hidden\n");
	free(text);
	report_free(r);
}

static void test_terse_and_empty(void **state UNUSED)
{
	struct report *r;
	struct node *list;
	char *text;

	assert_int_equal(report_new(&r, "x"), 0);
	list = node_list(report_root(r), "rows");
	add_row(list, 1, false, "quiet", "because");
	report_table(r, list, columns, 4, "none", "name", "quiet");
	report_table(r, node_list(report_root(r), "empty"), columns, 4, "none", NULL,
		     NULL);
	text = render(r, "text");
	assert_null(strstr(text, "because"));
	assert_non_null(strstr(text, "none\n"));
	free(text);
	text = render(r, "json");
	assert_non_null(strstr(text, "because")); /* terse is for text alone */
	free(text);
	report_free(r);
}

static void test_hostile(void **state UNUSED)
{
	struct report *r;
	struct node *list;
	char *text;

	assert_int_equal(report_new(&r, "x"), 0);
	list = node_list(report_root(r), "rows");
	add_row(list, 1, false, "\033[2Jevil\r\n\302\233m \303\274", "\a");
	report_table(r, list, columns, 4, NULL, NULL, NULL);
	report_say(r, "say", "%s", "\033]0;title\a");
	text = render(r, "text");
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\a'));
	assert_null(strchr(text, '\r'));
	assert_non_null(strstr(text, "\\x1b[2Jevil\\x0d\\x0a"));
	assert_non_null(strstr(text, "\303\274")); /* an u with dots stays one */
	free(text);
	report_free(r);
}

static void test_numbers(void **state UNUSED)
{
	struct report *r;
	char *text;

	assert_int_equal(report_new(&r, "x"), 0);
	node_real(report_root(r), "real", 1.0 / 3, 2);
	node_real(report_root(r), "nan", NAN, 2);
	node_u64(report_root(r), "big", UINT64_MAX);
	node_i64(report_root(r), "small", -5);
	text = render(r, "json");
	assert_non_null(strstr(text, "\"real\": 0.33"));
	assert_non_null(strstr(text, "\"nan\": null"));
	assert_non_null(strstr(text, "\"big\": 9223372036854775807"));
	assert_non_null(strstr(text, "\"small\": -5"));
	assert_non_null(strstr(text, "\"schema\": \"uringprep.x/1\""));
	free(text);
	report_free(r);
}

static void test_formats(void **state UNUSED)
{
	char all[64], *word, *rest = all;

	snprintf(all, sizeof(all), "%s", report_formats());
	while ((word = strtok_r(rest, ", ", &rest)))
		assert_true(report_has_format(word));
	assert_false(report_has_format("yaml"));
	assert_false(report_has_format(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	cmocka_unit_test(test_terse_and_empty),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
