/* The table of names, and what --require makes of words. */
#include "unit.h"

#include "uring/names.h"
#include "uring/need.h"

static void the_table_is_in_order(void **state UNUSED)
{
	struct uring_names all = uring_names_all();
	size_t i;

	assert_true(all.n > 180);
	for (i = 0; i < all.n; i++) {
		const struct uring_name *v = &all.v[i];

		assert_true(uring_since(v->since) >= uring_since("5.1"));
		assert_true(strlen(v->name) > 0 && strlen(v->what) > 0);
		assert_ptr_equal(uring_name(v->kind, v->number), v);
		assert_ptr_equal(uring_name_find(v->kind, v->name), v);
		if (i == 0)
			continue;
		assert_true(v->kind > v[-1].kind || v->number == v[-1].number + 1);
		/* Only our own numbers are not in the order of the releases. */
		if (v->kind == v[-1].kind && v->kind != URING_OP_FLAGS &&
		    strcmp(v[-1].name, "zcrx_ifq") != 0)
			assert_true(uring_since(v->since) >= uring_since(v[-1].since));
	}
	assert_null(uring_name(URING_OPS, 255));
	assert_null(uring_name_find(URING_OPS, "defer_taskrun"));
}

static void releases_compare(void **state UNUSED)
{
	assert_true(uring_since("6.2") < uring_since("6.10"));
	assert_true(uring_since("5.19") < uring_since("6.0"));
	assert_int_equal(uring_since("6"), 0);
	assert_int_equal(uring_since("6.1.2"), 0);
	assert_int_equal(uring_since("6.1x"), 0);
	assert_int_equal(uring_since("-6.1"), 0);
	assert_int_equal(uring_since(""), 0);
}

static struct uring_need parsed(const char *word)
{
	struct uring_need n;
	struct err e = { "" };

	assert_int_equal(uring_need_parse(word, &n, &e), 0);
	return n;
}

static void words_are_understood(void **state UNUSED)
{
	struct uring_need n = parsed("op:accept");
	struct err e = { "" };

	assert_int_equal(n.kind, URING_OPS);
	assert_int_equal(n.number, 13);
	n = parsed("setup:13");
	assert_int_equal(n.kind, URING_SETUP_FLAGS);
	assert_int_equal(n.number, 13);
	n = parsed("multishot_recv");
	assert_int_equal(n.kind, URING_OP_FLAGS);
	assert_int_equal(n.number, URING_OPF_MULTISHOT_RECV);
	n = parsed("level:modern");
	assert_true(n.is_level);
	assert_int_equal(n.level, URING_MODERN);
	assert_true(uring_need_parse("files_update", &n, &e) < 0);
	assert_true(uring_need_parse("op:", &n, &e) < 0);
	assert_true(uring_need_parse(":accept", &n, &e) < 0);
	assert_true(uring_need_parse("op:-1", &n, &e) < 0);
	assert_true(uring_need_parse("level:", &n, &e) < 0);
}

static void unknown_is_not_missing(void **state UNUSED)
{
	struct uring_need n = parsed("op:accept");
	struct uring_answers a;

	memset(&a, 0, sizeof(a));
	assert_int_equal(uring_need_met(&a, &n), URING_MET_UNKNOWN);
	a.asked = true;
	assert_int_equal(uring_need_met(&a, &n), URING_MET_UNKNOWN);
	a.set[URING_OPS].asked[0] = 1 << 13;
	assert_int_equal(uring_need_met(&a, &n), URING_MISSING);
	a.set[URING_OPS].have[0] = 1 << 13;
	assert_int_equal(uring_need_met(&a, &n), URING_MET);
	n = parsed("level:early");
	assert_int_equal(uring_need_met(&a, &n), URING_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(releases_compare),
		cmocka_unit_test(words_are_understood),
		cmocka_unit_test(unknown_is_not_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
