/* GRUB's environment block, and the text we put into GRUB's scripts. */
#include "unit.h"

#include "parse/default_grub.h"
#include "parse/grubenv.h"
#include "parse/grubquote.h"

#include <errno.h>

#define HEAD "# GRUB Environment Block\n"

/* A block of 1024 bytes that holds LINES. */
static void fill(char block[GRUBENV_SIZE], const char *lines)
{
	memset(block, '#', GRUBENV_SIZE);
	memcpy(block, HEAD, strlen(HEAD));
	memcpy(block + strlen(HEAD), lines, strlen(lines));
}

static void holds(const char *block, size_t len, const char *name, const char *value)
{
	char *got = NULL;
	int found = grubenv_get(block, len, name, &got);

	if (value)
		assert_string_equal(got, value);
	assert_int_equal(found, value != NULL);
	free(got);
}

static void reads_values(void **state UNUSED)
{
	char block[GRUBENV_SIZE];

	fill(block, "# WARNING: do not edit\nsaved_entry=A (3.10) 7\nnext_entry=\n"
		    "odd=a\\\\b\\\nc=d\nsaved_entry2=x\nlast=1\nlast=2\n");
	assert_int_equal(grubenv_check(block, sizeof(block), NULL), 0);
	holds(block, sizeof(block), "saved_entry", "A (3.10) 7");
	holds(block, sizeof(block), "next_entry", "");
	holds(block, sizeof(block), "odd", "a\\b\nc=d");
	holds(block, sizeof(block), "last", "2");
	holds(block, sizeof(block), "saved", NULL);
	holds(block, sizeof(block), "# WARNING", NULL);
}

/* GRUB reads a short block (proven with one of 62 bytes); it must not be written. */
static void reads_short_blocks_and_refuses_to_write_them(void **state UNUSED)
{
	static const char text[] = HEAD "saved_entry=a\nb";
	struct err e;

	holds(text, sizeof(text) - 1, "saved_entry", "a");
	assert_int_equal(grubenv_check(text, sizeof(text) - 1, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "bytes long, not 1024"));
}

static void refuses_what_is_no_block(void **state UNUSED)
{
	char block[GRUBENV_SIZE], *value = NULL;
	static const struct {
		size_t at;
		char byte;
		const char *message;
	} all[] = {
		{ 0, '!', "does not start with" },
		{ 30, '\0', "a zero byte" },
		{ GRUBENV_SIZE - 1, 'x', "not padded" },
		{ GRUBENV_SIZE - 1, '\n', NULL }, /* a comment: all # and a line's end */
		{ 25, '=', "sets nothing" },
	};
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		fill(block, "saved_entry=a\n");
		block[all[i].at] = all[i].byte;
		assert_int_equal(grubenv_check(block, sizeof(block), &e),
				 all[i].message ? -EINVAL : 0);
		if (all[i].message)
			assert_non_null(strstr(e.msg, all[i].message));
	}
	assert_int_equal(grubenv_get("", 0, "x", &value), -EINVAL);
	assert_int_equal(grubenv_get("#", 1, "x", &value), -EINVAL);
	assert_null(value);
}

static void sets_in_place_and_back(void **state UNUSED)
{
	char block[GRUBENV_SIZE], first[GRUBENV_SIZE];

	fill(block, "# a comment\na=1\nsaved_entry=old\nz=26\n");
	memcpy(first, block, sizeof(block));
	assert_int_equal(
		grubenv_set(block, "saved_entry", "much longer \\ name\n2", NULL), 0);
	holds(block, sizeof(block), "saved_entry", "much longer \\ name\n2");
	holds(block, sizeof(block), "a", "1");
	holds(block, sizeof(block), "z", "26");
	assert_int_equal(grubenv_check(block, sizeof(block), NULL), 0);
	assert_int_equal(grubenv_set(block, "saved_entry", "old", NULL), 0);
	assert_memory_equal(block, first, sizeof(block));
	assert_int_equal(grubenv_set(block, "new", "", NULL), 0);
	holds(block, sizeof(block), "new", "");
	assert_int_equal(grubenv_set(block, "new", NULL, NULL), 0);
	assert_memory_equal(block, first, sizeof(block));
	assert_int_equal(grubenv_set(block, "not_there", NULL, NULL), 0);
	assert_memory_equal(block, first, sizeof(block));
}

static void fills_the_last_byte_and_no_more(void **state UNUSED)
{
	char block[GRUBENV_SIZE], before[GRUBENV_SIZE], value[GRUBENV_SIZE];
	size_t room = GRUBENV_SIZE - strlen(HEAD) - strlen("v=\n");
	struct err e;

	fill(block, "");
	memset(value, 'x', sizeof(value));
	value[room] = '\0';
	assert_int_equal(grubenv_set(block, "v", value, NULL), 0);
	assert_int_equal(grubenv_check(block, sizeof(block), NULL), 0);
	holds(block, sizeof(block), "v", value);
	memcpy(before, block, sizeof(block));
	assert_int_equal(grubenv_set(block, "w", "", &e), -ENOSPC);
	assert_memory_equal(block, before, sizeof(block));
	value[room] = 'x';
	value[room + 1] = '\0';
	assert_int_equal(grubenv_set(block, "v", value, &e), -ENOSPC);
	assert_memory_equal(block, before, sizeof(block));
	value[room - 1] = '\\'; /* escaped it takes two bytes */
	value[room] = '\0';
	assert_int_equal(grubenv_set(block, "v", value, &e), -ENOSPC);
	assert_int_equal(grubenv_set(block, "a b", "1", &e), -EINVAL);
	assert_int_equal(grubenv_set(block, "", "1", &e), -EINVAL);
	assert_memory_equal(block, before, sizeof(block));
}

static void quotes(void **state UNUSED)
{
	struct str out = STR_INIT;
	struct err e;

	assert_int_equal(grub_quote(&out, "it's \"$HOME\" \\ ${x} `a`; }", &e), 0);
	assert_string_equal(out.s, "\"it's \\\"\\$HOME\\\" \\\\ \\${x} `a`; }\"");
	str_clear(&out);
	assert_int_equal(grub_quote(&out, "a\nb", &e), -EINVAL);
	str_clear(&out);
	grub_escape_title(&out, "A>B >> C");
	assert_string_equal(out.s, "A>>B >>>> C");
	str_clear(&out);
}

static void reads_settings(void **state UNUSED)
{
	static const char text[] =
		"#GRUB_DEFAULT=7\n GRUB_DEFAULT=0\nGRUB_DEFAULT=\"Advanced "
		"options>a\\\"b\" # x\n"
		"GRUB_DISTRIBUTOR=`lsb_release -i`\nexport A='x $y'\nB=\nC=a\\ "
		"b\nD=$(x)\n"
		"E='open\nGRUB_DEFAULTS=9";
	static const struct {
		const char *name;
		int result;
		const char *value;
	} all[] = {
		{ "GRUB_DEFAULT", 1, "Advanced options>a\"b" },
		{ "GRUB_DISTRIBUTOR", -EINVAL, NULL },
		{ "A", 1, "x $y" },
		{ "B", 1, "" },
		{ "C", 1, "a b" },
		{ "D", -EINVAL, NULL },
		{ "E", -EINVAL, NULL },
		{ "GRUB", 0, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *value = NULL;

		assert_int_equal(
			default_grub_get(text, sizeof(text) - 1, all[i].name, &value),
			all[i].result);
		if (all[i].value)
			assert_string_equal(value, all[i].value);
		free(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(reads_short_blocks_and_refuses_to_write_them),
		cmocka_unit_test(refuses_what_is_no_block),
		cmocka_unit_test(sets_in_place_and_back),
		cmocka_unit_test(fills_the_last_byte_and_no_more),
		cmocka_unit_test(quotes),
		cmocka_unit_test(reads_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
