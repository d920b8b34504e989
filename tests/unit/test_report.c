/* Reports: the same tree as text and as JSON; nothing in it can move a terminal's cursor. */
#include "unit.h"

#include "report/report.h"

#include <errno.h>
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

	assert_int_equal(report_render(r, format, NULL, &text, &e), 0);
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
	assert_non_null(strstr(text, "\\xc2\\x9bm"));
	assert_null(strstr(text, "\233"));
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

/* What a hostile menu title may hold; the same in every text of a finding. */
#define EVIL                                                                             \
	"a|b ]]> %0A::error::x ##[add-mask]x <&\"'> # TODO \\ \033[2J\r\n\303\050 "      \
	"\357\277\276 \302\205"                                                          \
	"--- ... Bail out!"

static void add_result(struct node *list, const char *id, const char *status,
		       const char *text)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "id", id);
	node_text(row, "status", status);
	node_bool(row, "required", true);
	node_text(row, "title", text);
	node_text(row, "found", text);
	node_text(row, "want", text);
	node_null(row, "why");
}

static struct report *results(const char *text)
{
	struct report *r;
	struct node *list, *more;

	assert_int_equal(report_new(&r, "x"), 0);
	list = node_list(report_root(r), "findings");
	more = node_list(report_root(r), "more");
	add_result(list, "x.pass", "PASS", text);
	add_result(list, "x.warn", "WARN", text);
	add_result(more, "x:y,z", "FAIL", text);
	add_result(more, "x.unknown", "UNKNOWN", text);
	add_result(more, "x.skip", "SKIP", text);
	report_results(r, list);
	report_results(r, more);
	return r;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Nothing that is evil everywhere: control characters, bytes that are no UTF-8. */
static void assert_clean(const char *text)
{
	for (; *text; text++)
		assert_true(*text == '\n' || (unsigned char)*text >= 0x20);
}

static void test_tap(void **state UNUSED)
{
	struct report *r = results(EVIL);
	char *text = render(r, "tap");

	assert_clean(text);
	assert_int_equal(strncmp(text, "TAP version 13\n1..5\n", 20), 0);
	assert_non_null(strstr(text, "\nok 1 - x.pass: a|b "));
	assert_non_null(strstr(text, "\nnot ok 2 - x.warn: "));
	assert_non_null(strstr(text, " # TODO a warning\n"));
	assert_non_null(strstr(text, "\nnot ok 3 - x:y,z: "));
	assert_non_null(strstr(text, "\nok 4 - x.unknown # SKIP cannot tell: "));
	assert_non_null(strstr(text, "\nok 5 - x.skip # SKIP "));
	/* No directive but ours, no quote that ends a YAML string, no line of its own. */
	assert_int_equal(count(text, "'> # TODO"), 6); /* in YAML, where it is text */
	assert_int_equal(count(text, "'> \\# TODO"), 5);
	assert_non_null(strstr(text, "  found: \"a|b ]]> %0A::error::x ##[add-mask]x "
				     "<&\\\"'> # TODO \\\\ \\\\x1b[2J\\\\x0d\\\\x0a"));
	assert_null(strstr(text, "\nBail out!"));
	free(text);
	report_free(r);
}

static void test_junit(void **state UNUSED)
{
	struct report *r = results(EVIL);
	char *text = render(r, "junit");

	assert_clean(text);
	assert_non_null(strstr(text, "tests=\"5\" failures=\"1\" errors=\"0\" "
				     "skipped=\"3\""));
	assert_non_null(strstr(text, "]]&gt; %0A::error::x ##[add-mask]x "
				     "&lt;&amp;&quot;'&gt;"));
	assert_non_null(strstr(text, "\\xef\\xbf\\xbe"));
	assert_non_null(strstr(text, "\\xc2\\x85"));
	assert_null(strstr(text, "]]>"));
	assert_null(strstr(text, "\357\277\276"));
	free(text);
	report_free(r);
}

static void test_github(void **state UNUSED)
{
	struct report *r = results(EVIL);
	char *text = render(r, "github"), *line, *rest;

	assert_clean(text);
	/* "%" of the text is no escape, "," and ":" of an id do not end the title. */
	assert_non_null(strstr(text, "::error title=uringprep x%3Ay%2Cz::FAIL: a|b ]]> "
				     "%250A::error::x "));
	assert_non_null(strstr(text, "%0Awanted: a|b"));
	assert_int_equal(count(text, "\n"), 5);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		/* The old form is one anywhere in a line that is not of the new form. */
		assert_true(strncmp(line, "::", 2) == 0 || !strstr(line, "##["));
	free(text);
	report_free(r);
}

static void test_nagios(void **state UNUSED)
{
	struct report *r = results(EVIL);
	char *text = render(r, "nagios");

	assert_clean(text);
	assert_ptr_equal(strstr(text, "URINGPREP CRITICAL - FAIL x:y,z: a\\x7cb "), text);
	assert_non_null(strstr(text, " | pass=1 warn=1 fail=1 unknown=1 skip=1\n"));
	assert_int_equal(count(text, "|"), 1);
	assert_int_equal(count(text, "\n"), 4); /* and what is not PASS or SKIP */
	assert_int_equal(report_exit_code(r, "nagios", 1), 2);
	assert_int_equal(report_exit_code(r, "text", 1), 1);
	free(text);
	report_free(r);
}

static void test_nagios_state(void **state UNUSED)
{
	static const struct {
		const char *status;
		bool required;
		int counts; /* -1: not said */
		int code, state;
	} rows[] = {
		{ "PASS", true, -1, 0, 0 },    { "SKIP", true, -1, 0, 0 },
		{ "WARN", false, 0, 0, 1 },    { "WARN", false, 1, 1, 2 },
		{ "FAIL", true, -1, 1, 2 },    { "UNKNOWN", true, 0, 0, 3 },
		{ "UNKNOWN", false, 0, 0, 0 }, { "UNKNOWN", false, 1, 3, 3 },
		{ "PASS", true, 0, 1, 2 },     { "PASS", true, 0, 3, 3 },
		{ "PASS", true, 0, 4, 2 },     { "PASS", true, 0, 2, 3 },
		{ "FROB", true, 0, 0, 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report *r;
		struct node *list, *row;

		assert_int_equal(report_new(&r, "x"), 0);
		list = node_list(report_root(r), "findings");
		row = node_object(list, NULL);
		node_text(row, "status", rows[i].status);
		node_bool(row, "required", rows[i].required);
		if (rows[i].counts >= 0)
			node_bool(row, "counts", rows[i].counts);
		report_results(r, list);
		assert_int_equal(report_exit_code(r, "nagios", rows[i].code),
				 rows[i].state);
		report_free(r);
	}
}

/* A failure is said in every format that says failures, and nothing of it escapes. */
static void test_failures(void **state UNUSED)
{
	static const char *const formats[] = { "json", "tap", "junit", "github",
					       "nagios" };
	size_t i;

	assert_false(report_format_says_failures("text"));
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct report *r;
		char *text;

		assert_true(report_format_says_failures(formats[i]));
		assert_int_equal(report_new(&r, "x"), 0);
		report_fail(r, "no such file|" EVIL, 3);
		text = render(r, formats[i]);
		assert_clean(text);
		assert_non_null(strstr(text, "no such file"));
		if (strcmp(formats[i], "nagios") == 0)
			assert_null(strchr(text, '|'));
		assert_int_equal(report_exit_code(r, formats[i], 3), 3);
		free(text);
		report_free(r);
	}
}

static void test_needs_results(void **state UNUSED)
{
	struct err e = { "" };
	struct report *r;
	char *text = NULL;

	assert_int_equal(report_new(&r, "x"), 0);
	assert_int_equal(report_render(r, "tap", NULL, &text, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "--format tap"));
	assert_null(text);
	report_results(r, node_list(report_root(r), "findings"));
	text = render(r, "tap"); /* none is an answer, too */
	assert_string_equal(text, "TAP version 13\n1..0 # SKIP nothing was judged\n");
	free(text);
	report_free(r);
}

static void test_terminal(void **state UNUSED)
{
	static const struct column cols[] = {
		{ "status", "STATUS", COL_STATUS },
		{ "found", "FOUND", 0 },
		{ "want", "wanted", COL_DETAIL },
	};
	const struct report_look narrow = { 40, true, 0 }, tiny = { 12, false, 0 };
	struct err e = { "" };
	struct report *r;
	struct node *list;
	char *text;

	assert_int_equal(report_new(&r, "x"), 0);
	list = node_list(report_root(r), "findings");
	add_result(list, "a", "PASS",
		   "one two three four five six seven \303\274 "
		   "/a/path/that/is/longer/than/the/column/and/stays/whole eight");
	add_result(list, "a", "SKIP", "PASS");
	report_table(r, list, cols, 3, NULL, NULL, NULL);
	assert_int_equal(report_render(r, "text", &narrow, &text, &e), 0);
	assert_string_equal(
		text, "STATUS  FOUND\n"
		      "\033[32mPASS\033[0m    one two three four five six\n"
		      "        seven \303\274\n"
		      "        /a/path/that/is/longer/than/the/column/and/stays/whole\n"
		      "        eight\n"
		      "      wanted: one two three four five\n"
		      "        six seven \303\274\n"
		      "        /a/path/that/is/longer/than/the/column/and/stays/whole\n"
		      "        eight\n"
		      "SKIP    PASS\n"
		      "      wanted: PASS\n");
	free(text);
	/* Too narrow to be of use: as in a pipe. */
	assert_int_equal(report_render(r, "text", &tiny, &text, &e), 0);
	assert_int_equal(count(text, "\n"), 5);
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
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_terse_and_empty),
		cmocka_unit_test(test_hostile),	 cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_formats),	 cmocka_unit_test(test_tap),
		cmocka_unit_test(test_junit),	 cmocka_unit_test(test_github),
		cmocka_unit_test(test_nagios),	 cmocka_unit_test(test_nagios_state),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_needs_results),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
