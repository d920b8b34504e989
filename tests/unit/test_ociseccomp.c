/* Seccomp profiles of container runtimes, edited in place. The real ones are in
 * tests/cli/seccomp.bats; these texts are made up, each for one rule of the editing. */
#include "unit.h"

#include "parse/jsontext.h"
#include "parse/ociseccomp.h"

#include <errno.h>

#define S "io_uring_setup"
#define E "io_uring_enter"
#define R "io_uring_register"
#define NAMES "\"" S "\", \"" E "\", \"" R "\""
#define COMMENT "\"comment\": \"io_uring, let through by uringprep\" }"
#define RULE "{ \"names\": [" NAMES "], \"action\": \"SCMP_ACT_ALLOW\", " COMMENT
#define DENY "\"defaultAction\": \"SCMP_ACT_ERRNO\""
#define LET "\"defaultAction\": \"SCMP_ACT_ALLOW\""
#define ALLOW(names, more)                                                               \
	"{\"names\": [" names "], \"action\": \"SCMP_ACT_ALLOW\"" more "}"
#define ERRNO(names) "{\"names\": [" names "], \"action\": \"SCMP_ACT_ERRNO\"}"

static const struct {
	const char *before, *after; /* NULL: as it was */
	size_t added, edits;
} all[] = {
	/* Not named at all: one rule more, at the end, on a line like its neighbours'. */
	{ "{" DENY ", \"syscalls\": [\n\t" ALLOW("\"read\"", "") "\n]}",
	  "{" DENY ", \"syscalls\": [\n\t" ALLOW("\"read\"", "") ",\n\t" RULE "\n]}", 3,
	  0 },
	{ "{" DENY ", \"syscalls\": []}", "{" DENY ", \"syscalls\": [" RULE "]}", 3, 0 },
	{ "{" DENY ", \"syscalls\": null}", "{" DENY ", \"syscalls\": [" RULE "]}", 3,
	  0 },
	{ "{\n " DENY "\n}\n", "{\n \"syscalls\": [" RULE "],\n " DENY "\n}\n", 3, 0 },
	/* Killing is denying. */
	{ "{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\", \"syscalls\": []}",
	  "{\"defaultAction\": \"SCMP_ACT_KILL_PROCESS\", \"syscalls\": [" RULE "]}", 3,
	  0 },
	/* Allowed already, in one rule or several, or by default, or only logged. */
	{ "{" DENY ", \"syscalls\": [" ALLOW(NAMES, "") "]}", NULL, 0, 0 },
	{ "{" DENY ", \"syscalls\": [" ALLOW(
		  "\"" S "\"",
		  ", \"args\": [], \"includes\": "
		  "{\"caps\": null}, \"excludes\": {}") ", "
							"{\"name\": \"" E
							"\", \"action\": "
							"\"SCMP_ACT_LOG\"}, " ALLOW(
								"\"" R "\"", "") "]}",
	  NULL, 0, 0 },
	{ "{" LET ", \"syscalls\": [" ERRNO("\"ptrace\"") "]}", NULL, 0, 0 },
	{ "{" LET "}", NULL, 0, 0 },
	{ "{\"defaultAction\": \"SCMP_ACT_LOG\"}", NULL, 0, 0 },
	/* The same, written with an escape. */
	{ "{" DENY ", \"syscalls\": [" ALLOW(
		  "\"\\u0069o_uring_setup\", \"" E "\", \"" R "\"", "") "]}",
	  NULL, 0, 0 },
	/* Some of them: only the others are added. */
	{ "{" DENY ", \"syscalls\": [" ALLOW("\"" S "\"", "") "]}",
	  "{" DENY ", \"syscalls\": [" ALLOW(
		  "\"" S "\"", "") ","
				   "{ \"names\": [\"" E "\", \"" R
				   "\"], \"action\": \"SCMP_ACT_ALLOW\", " COMMENT "]}",
	  2, 0 },
	/* On conditions only: a rule without. */
	{ "{" DENY ", \"syscalls\": [" ALLOW(NAMES, ", \"includes\": {\"caps\": "
						    "[\"CAP_SYS_ADMIN\"]}") "]}",
	  "{" DENY ", \"syscalls\": [" ALLOW(NAMES, ", \"includes\": {\"caps\": "
						    "[\"CAP_SYS_ADMIN\"]}") "," RULE "]}",
	  3, 0 },
	{ "{" DENY ", \"syscalls\": [" ALLOW(NAMES, ", \"excludes\": {\"minKernel\": "
						    "\"6.0\"}") "]}",
	  "{" DENY ", \"syscalls\": [" ALLOW(NAMES, ", \"excludes\": {\"minKernel\": "
						    "\"6.0\"}") "," RULE "]}",
	  3, 0 },
	{ "{" DENY
	  ", \"syscalls\": [" ALLOW(NAMES, ", \"args\": [{\"index\": 0, \"value\": "
					   "1e0, \"op\": \"SCMP_CMP_EQ\"}]") "]}",
	  "{" DENY ", \"syscalls\": [" ALLOW(
		  NAMES, ", \"args\": [{\"index\": 0, \"value\": "
			 "1e0, \"op\": \"SCMP_CMP_EQ\"}]") "," RULE "]}",
	  3, 0 },
	/* Denied by name: first, middle, last, all but one, and nothing else. */
	{ "{" LET
	  ", \"syscalls\": [" ERRNO("\"" S "\", \"a\", \"" E "\", \"b\", \"" R "\"") "]}",
	  "{" LET ", \"syscalls\": [" ERRNO("\"a\", \"b\"") "]}", 0, 1 },
	{ "{" LET ", \"syscalls\": [" ERRNO("\"a\", " NAMES) "]}",
	  "{" LET ", \"syscalls\": [" ERRNO("\"a\"") "]}", 0, 1 },
	{ "{" LET ", \"syscalls\": [" ERRNO(NAMES ", \"a\"") "]}",
	  "{" LET ", \"syscalls\": [" ERRNO("\"a\"") "]}", 0, 1 },
	{ "{" LET ", \"syscalls\": [ " ERRNO(NAMES) " ]}",
	  "{" LET ", \"syscalls\": [  ]}", 0, 1 },
	{ "{" LET ", \"syscalls\": [ " ERRNO(NAMES) ", " ERRNO("\"a\"") " ]}",
	  "{" LET ", \"syscalls\": [ " ERRNO("\"a\"") " ]}", 0, 1 },
	{ "{" LET ", \"syscalls\": [ " ERRNO("\"a\"") ", " ERRNO(
		  NAMES) ", "
			 "{\"name\": \"" S "\", \"action\": \"SCMP_ACT_KILL\"} ]}",
	  "{" LET ", \"syscalls\": [ " ERRNO("\"a\"") " ]}", 0, 2 },
	/* Denied and not allowed: taken out there, added here. */
	{ "{" DENY ", \"syscalls\": [ " ERRNO(NAMES) " ]}",
	  "{" DENY ", \"syscalls\": [ " RULE " ]}", 3, 1 },
	{ "{" DENY ", \"syscalls\": [ " ERRNO("\"a\"") ", " ERRNO(NAMES) " ]}",
	  "{" DENY ", \"syscalls\": [ " ERRNO("\"a\"") ", " RULE " ]}", 3, 1 },
	/* What it does not know stays, numbers as they are written. */
	{ "{\"x\": 1.50, " LET ", \"y\": 18446744073709551615, \"x\": [{}]}", NULL, 0,
	  0 },
};

static void profiles_are_edited_in_place(void **state UNUSED)
{
	struct ociseccomp o, again;
	struct err e = { "" };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *after = all[i].after ? all[i].after : all[i].before;

		if (ociseccomp_allow(&o, "p", all[i].before, strlen(all[i].before), &e) <
		    0)
			fail_msg("%s: %s", all[i].before, e.msg);
		assert_string_equal(o.text, after);
		assert_int_equal(o.added.n, all[i].added);
		assert_int_equal(o.n_edits, all[i].edits);
		assert_int_equal(
			ociseccomp_allow(&again, "p", o.text, strlen(o.text), &e), 0);
		assert_string_equal(again.text, o.text);
		assert_int_equal(again.added.n + again.n_edits, 0);
		ociseccomp_clear(&again);
		ociseccomp_clear(&o);
	}
}

static void what_is_no_profile_is_refused(void **state UNUSED)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "p:1:1: ends too early" },
		{ "[]", "p: no seccomp profile: it is no object" },
		{ "{}", "p: no seccomp profile: it has no \"defaultAction\"" },
		{ "{\"linux\": {\"seccomp\": {" DENY "}}}",
		  "p: no seccomp profile: it has no" },
		{ "{\"defaultAction\": 1}", "p: no seccomp profile: it has no" },
		{ "{\"defaultAction\": \"ALLOW\"}",
		  "p: no seccomp profile: \"defaultAction\": "
		  "ALLOW is no action" },
		{ "{" DENY ", " LET "}",
		  "p: no seccomp profile: \"defaultAction\" stands twice" },
		{ "{" DENY ", \"syscalls\": {}}",
		  "p: no seccomp profile: \"syscalls\" is no" },
		{ "{" DENY ", \"syscalls\": [], \"syscalls\": []}",
		  "p: no seccomp profile: \"syscalls\" stands twice" },
		{ "{" DENY ", \"syscalls\": [1]}",
		  "p: no seccomp profile: syscalls[0]: it is no" },
		{ "{" DENY ", \"syscalls\": [{\"names\": []}]}",
		  "p: no seccomp profile: syscalls[0]: it has no \"action\"" },
		{ "{" DENY ", \"syscalls\": [{\"action\": \"SCMP_ACT_ALLOW\"}]}",
		  "p: no seccomp profile: syscalls[0]: it has no list \"names\"" },
		{ "{" DENY ", \"syscalls\": [" ALLOW("1", "") "]}",
		  "p: no seccomp profile: syscalls[0]: \"names\" holds what is no "
		  "string" },
		{ "{" DENY ", \"syscalls\": [" ALLOW("\"a\"", "") ", " ALLOW(
			  "\"a\"", ", \"name\": \"b\"") "]}",
		  "p: no seccomp profile: syscalls[1]: it has \"name\" and" },
		{ "{" DENY ", \"syscalls\": [" ALLOW("\"a\"", ", \"names\": []") "]}",
		  "p: no seccomp profile: syscalls[0]: \"names\" stands twice" },
	};
	struct ociseccomp o;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.msg[0] = '\0';
		assert_int_equal(
			ociseccomp_allow(&o, "p", bad[i].text, strlen(bad[i].text), &e),
			-EINVAL);
		assert_null(o.text);
		if (strstr(e.msg, bad[i].message) != e.msg)
			fail_msg("%s: %s", bad[i].text, e.msg);
	}
}

static void json_is_read_strictly(void **state UNUSED)
{
	static const char *const good[] = {
		"null",	 " [ ] ", "{\"a\":{}}", "-0.5e+3", "\"\\ud83d\\ude00\\\\\"",
		"[1,2]",
	};
	static const char *const bad[] = {
		"",	   " ",		 "nul",
		"[1,]",	   "{\"a\":1,}", "{a:1}",
		"01",	   "1.",	 "+1",
		".5",	   "1e",	 "\"\t\"",
		"\"\\x\"", "\"\\u12\"",	 "\"a",
		"[1 2]",   "{\"a\" 1}",	 "[",
		"1 1",	   "'a'",	 "\xef\xbb\xbf[]",
	};
	struct jsontext j;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (jsontext_parse(&j, "p", good[i], strlen(good[i]), &e) < 0)
			fail_msg("%s: %s", good[i], e.msg);
		assert_int_equal(j.v[0].next, j.n);
		jsontext_clear(&j);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (jsontext_parse(&j, "p", bad[i], strlen(bad[i]), &e) != -EINVAL)
			fail_msg("%s: taken", bad[i]);
}

static void json_has_a_depth(void **state UNUSED)
{
	char text[4096];
	struct jsontext j;
	struct err e;

	memset(text, '[', sizeof(text));
	assert_int_equal(jsontext_parse(&j, "p", text, sizeof(text), &e), -EINVAL);
	assert_string_equal(e.msg, "p:1:65: too deep");
}

static void strings_mean_what_they_say(void **state UNUSED)
{
	static const char text[] = "[\"a\\n\\u00e9\\ud83d\\ude00\\ud83d \\u0000\\/\"]";
	struct str s = STR_INIT;
	struct jsontext j;
	struct err e;

	assert_int_equal(jsontext_parse(&j, "p", text, strlen(text), &e), 0);
	jsontext_string(&j, 1, &s);
	assert_string_equal(s.s, "a\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd \\u0000/");
	str_clear(&s);
	jsontext_clear(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_edited_in_place),
		cmocka_unit_test(what_is_no_profile_is_refused),
		cmocka_unit_test(json_is_read_strictly),
		cmocka_unit_test(json_has_a_depth),
		cmocka_unit_test(strings_mean_what_they_say),
	};

	return cmocka_run_group_tests_name("ociseccomp", tests, NULL, NULL);
}
