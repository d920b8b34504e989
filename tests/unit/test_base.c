/* Errors, growing text, strict numbers, lines. */
#include "unit.h"

#include "base/err.h"
#include "base/str.h"

#include <errno.h>

static void an_error_gains_context(void **state UNUSED)
{
	struct err e = { "" };

	errno = 7;
	assert_int_equal(err_set(&e, -ENOENT, "%s: cannot open: %s", "/x", "gone"),
			 -ENOENT);
	assert_int_equal(err_wrap(&e, -EIO, "profile %s", "server"), -EIO);
	assert_string_equal(e.msg, "profile server: /x: cannot open: gone");
	assert_int_equal(errno, 7);
	assert_int_equal(err_set(NULL, -EPERM, "x"), -EPERM);
	assert_int_equal(err_wrap(NULL, -EPERM, "x"), -EPERM);
}

static void a_long_error_is_cut_not_overrun(void **state UNUSED)
{
	struct err e = { "" };
	int i;

	err_set(&e, 0, "begin");
	for (i = 0; i < 300; i++)
		err_wrap(&e, 0, "0123456789");
	assert_true(strlen(e.msg) < sizeof(e.msg));
	assert_int_equal(strncmp(e.msg, "0123456789: ", 12), 0);
}

static void text_grows(void **state UNUSED)
{
	struct str s = STR_INIT;
	char *taken;
	int i;

	assert_string_equal(str_text(&s), "");
	for (i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i % 10);
	str_addn(&s, "a\0b", 3);
	assert_int_equal(s.len, 2003);
	assert_int_equal(s.s[s.len], '\0');
	taken = str_take(&s);
	assert_memory_equal(taken + 2000, "a\0b", 4);
	assert_null(s.s);
	free(taken);
	taken = str_take(&s);
	assert_string_equal(taken, "");
	free(taken);
}

static void lists_sort_bytewise(void **state UNUSED)
{
	struct strv l = { NULL, 0 };

	assert_int_equal(strv_add(&l, "b"), 0);
	assert_int_equal(strv_addf(&l, "%c%d", 'B', 2), 0);
	assert_int_equal(strv_add(&l, "\xc3\xa4"), 0);
	assert_int_equal(strv_add(&l, "a"), 0);
	strv_sort(&l);
	assert_string_equal(l.v[0], "B2");
	assert_string_equal(l.v[3], "\xc3\xa4");
	assert_true(strv_has(&l, "a"));
	assert_false(strv_has(&l, "A"));
	strv_clear(&l);
	assert_int_equal(l.n, 0);
}

static void numbers_are_strict(void **state UNUSED)
{
	static const struct {
		const char *text;
		int r;
		uint64_t value;
	} all[] = {
		{ "0", 0, 0 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "007", 0, 7 },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1x", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
	};
	size_t i;
	uint64_t v;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		v = 0;
		assert_int_equal(str_to_u64(all[i].text, 0, UINT64_MAX, &v), all[i].r);
		if (!all[i].r)
			assert_true(v == all[i].value);
	}
	assert_int_equal(str_to_u64("10", 1, 10, &v), 0);
	assert_int_equal(str_to_u64("11", 1, 10, &v), -ERANGE);
	assert_int_equal(str_to_u64("0", 1, 10, &v), -ERANGE);
}

static void signed_numbers_too(void **state UNUSED)
{
	int64_t v = 0;

	assert_int_equal(str_to_i64("-9223372036854775807", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == -INT64_MAX);
	assert_int_equal(str_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(str_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v),
			 -ERANGE);
	assert_int_equal(str_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &v),
			 -ERANGE);
	assert_int_equal(str_to_i64("--1", INT64_MIN, INT64_MAX, &v), -EINVAL);
	assert_int_equal(str_to_i64("-", INT64_MIN, INT64_MAX, &v), -EINVAL);
	assert_int_equal(str_to_i64("-5", -4, 4, &v), -ERANGE);
}

static void bits_are_hexadecimal(void **state UNUSED)
{
	static const char *const bad[] = { "", "g", "0x1", "A", "1 ", "-1" };
	uint64_t v[4] = { 9, 9, 9, 9 };
	char long_text[66];
	size_t i;

	memset(long_text, 'f', 65);
	long_text[65] = '\0';
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(str_to_bits(bad[i], v), -EINVAL);
	assert_int_equal(str_to_bits(long_text, v), -EINVAL);
	assert_true(v[0] == 9 && v[3] == 9);
	assert_int_equal(str_to_bits("a0000000000000001f", v), 0);
	assert_true(v[0] == 0x1f && v[1] == 0xa0 && !v[2] && !v[3]);
	long_text[64] = '\0';
	long_text[0] = '7';
	assert_int_equal(str_to_bits(long_text, v), 0);
	assert_true(v[0] == UINT64_MAX && v[3] == UINT64_MAX >> 1);
}

static void prefixes_suffixes_and_blanks(void **state UNUSED)
{
	char text[] = " \t a b\r\n";

	assert_string_equal(str_trim(text), "a b");
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_true(str_has_prefix("abc", "ab"));
	assert_false(str_has_prefix("a", "ab"));
	assert_true(str_has_suffix("x.conf", ".conf"));
	assert_false(str_has_suffix("conf", ".conf"));
}

static void lines_end_where_the_text_does(void **state UNUSED)
{
	const char text[] = "one\n\nthree";
	const char *cur = text, *line;
	size_t n;

	line = str_line(&cur, text + 10, &n);
	assert_true(line == text && n == 3);
	line = str_line(&cur, text + 10, &n);
	assert_true(line == text + 4 && n == 0);
	line = str_line(&cur, text + 10, &n);
	assert_true(line == text + 5 && n == 5);
	assert_null(str_line(&cur, text + 10, &n));
	cur = text;
	assert_null(str_line(&cur, text, &n));
}

static void words_are_quoted_for_a_shell(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "/mnt/sysimage", "/mnt/sysimage" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "", "''" },
		{ "$(x)", "'$(x)'" },
	};
	size_t i;

	for (i = 0; i < 5; i++) {
		struct str s = STR_INIT;

		str_add_word(&s, cases[i][0]);
		assert_string_equal(str_text(&s), cases[i][1]);
		str_clear(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_gains_context),
		cmocka_unit_test(a_long_error_is_cut_not_overrun),
		cmocka_unit_test(text_grows),
		cmocka_unit_test(lists_sort_bytewise),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(signed_numbers_too),
		cmocka_unit_test(bits_are_hexadecimal),
		cmocka_unit_test(prefixes_suffixes_and_blanks),
		cmocka_unit_test(lines_end_where_the_text_does),
		cmocka_unit_test(words_are_quoted_for_a_shell),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
