/* Histogram, median with its interval, law of Little, verdict: against known answers. */
#include "unit.h"

#include "echo/hist.h"
#include "echo/stats.h"
#include "echo/verdict.h"

#include <math.h>

static bool near(double a, double b, double share)
{
	return fabs(a - b) <= share * fabs(b);
}

static void every_value_lands_close(void **state UNUSED)
{
	uint64_t v;
	unsigned tried = 0;

	for (v = 1; v < 1ULL << HIST_MAX_BITS; v += v / 97 + 1) {
		struct hist h = { 0, 0, 0, 0, { 0 } };
		uint64_t got;

		hist_add(&h, v);
		got = hist_quantile(&h, 0.5);
		assert_true(v < 256 ? got == v : near((double)got, (double)v, 1.0 / 128));
		tried++;
	}
	assert_true(tried > 1000);
}

static void quantiles_of_what_is_known(void **state UNUSED)
{
	struct hist a = { 0, 0, 0, 0, { 0 } }, b = { 0, 0, 0, 0, { 0 } };
	uint64_t i;

	assert_int_equal(hist_quantile(&a, 0.5), 0);
	/* 1..100000, half of them in each. */
	for (i = 1; i <= 100000; i++)
		hist_add(i % 2 ? &a : &b, i);
	hist_merge(&a, &b);
	assert_int_equal(a.count, 100000);
	assert_int_equal(a.sum, 100000ULL * 100001 / 2);
	assert_int_equal(a.min, 1);
	assert_int_equal(a.max, 100000);
	assert_true(near((double)hist_quantile(&a, 0.5), 50000, 0.008));
	assert_true(near((double)hist_quantile(&a, 0.99), 99000, 0.008));
	assert_true(near((double)hist_quantile(&a, 1), 100000, 0.008));
	assert_int_equal(hist_quantile(&a, 0), 1);
	assert_true(near(hist_mean(&a), 50000.5, 1e-9));
	/* Longer than it can tell: counted as its longest. */
	hist_add(&b, UINT64_MAX);
	assert_true(hist_quantile(&b, 1) >> (HIST_MAX_BITS - 1));
}

static void medians_and_their_intervals(void **state UNUSED)
{
	double one[] = { 3 }, five[] = { 5, 1, 4, 2, 3 }, six[] = { 6, 5, 4, 3, 2, 1 };
	double twenty[20];
	struct spread s = stats_spread(one, 0);
	int i;

	assert_true(isnan(s.median));
	s = stats_spread(one, 1);
	assert_true(s.median == 3 && s.low == 3 && s.high == 3);
	s = stats_spread(five, 5);
	assert_true(s.median == 3 && s.low == 1 && s.high == 5);
	s = stats_spread(six, 6);
	assert_true(s.median == 3.5 && s.low == 1 && s.high == 6);
	/* From tables of the sign test: with 20 values, the 6th from each end. */
	for (i = 0; i < 20; i++)
		twenty[i] = (i * 7) % 20 + 1;
	s = stats_spread(twenty, 20);
	assert_true(s.median == 10.5 && s.low == 6 && s.high == 15);
}

static void little_catches_what_cannot_be(void **state UNUSED)
{
	/* 400 connections at 38985 a second: 10.26 ms, not the 8.6 ms once published. */
	assert_true(stats_little_holds(400 / 38985.0 * 38985, 400, 0));
	assert_false(stats_little_holds(0.0086 * 38985, 400, 0.01));
	assert_true(stats_little_holds(1.01 * 50, 50, 0.001));
	assert_true(stats_little_holds(0.99 * 50, 50, 0.001));
	assert_false(stats_little_holds(1.05 * 50, 50, 0.001));
	assert_false(stats_little_holds(0.95 * 50, 50, 0.001));
	/* A message as long as a tenth of the window across one of its ends. */
	assert_true(stats_little_holds(0.91 * 50, 50, 0.1));
	assert_false(stats_little_holds(0.5 * 50, 50, 0.1));
	assert_true(near(stats_little(1.05 * 50, 50), 0.05, 1e-6));
}

static struct comparison compared(double low, double median, double high, double noise)
{
	struct comparison c;

	memset(&c, 0, sizeof(c));
	c.scenario = "x";
	c.ratio = (struct spread){ median, low, high, 9 };
	c.noise = noise;
	c.null_call_ns = 100;
	c.limited_by = "server";
	/* 0.28 us saved a message; 1.9 calls fewer cost 0.19 us. */
	c.epoll.per_s = 600e3;
	c.uring.per_s = 720e3;
	c.epoll.sys_us = 1.4;
	c.epoll.calls = 2;
	c.uring.sys_us = 1.2;
	c.uring.calls = 0.1;
	return c;
}

static void expect_verdict(struct comparison c, enum gain gain, const char *cause)
{
	struct verdict v = verdict_one(&c);

	assert_int_equal(v.gain, gain);
	assert_string_equal(v.cause, cause);
	assert_non_null(strstr(v.text, "x: "));
	assert_null(strchr(v.text, '\n'));
}

static void verdicts(void **state UNUSED)
{
	struct comparison c = compared(1.15, 1.2, 1.25, 0.03);

	expect_verdict(c, GAIN_YES, "fewer_system_calls");
	c.epoll.involuntary = 0.15;
	c.uring.involuntary = 0.01;
	expect_verdict(c, GAIN_YES, "fewer_context_switches");
	c = compared(1.15, 1.2, 1.25, 0.03);
	c.uring.sys_us = 1.5; /* faster, with more CPU: fewer calls are not why */
	expect_verdict(c, GAIN_YES, "unexplained");
	c = compared(1.15, 1.2, 1.25, 0.03);
	c.epoll.per_s = 100e3;
	c.uring.per_s = 120e3; /* 1.7 us saved, but 1.9 calls cost 0.19 */
	expect_verdict(c, GAIN_YES, "unexplained");
	expect_verdict(compared(0.99, 1.01, 1.03, 0.03), GAIN_NO, "within_noise");
	/* Above 1, but epoll differs from itself by more. */
	expect_verdict(compared(1.01, 1.02, 1.03, 0.03), GAIN_NO, "within_noise");
	expect_verdict(compared(1.05, 1.2, 1.4, 0.25), GAIN_CANNOT_TELL, "noise");
	/* Such noise hides a gain that matters, too. */
	expect_verdict(compared(0.99, 1.01, 1.03, 0.25), GAIN_CANNOT_TELL, "noise");
	expect_verdict(compared(1.01, 1.05, 1.2, 0.09), GAIN_CANNOT_TELL,
		       "wide_interval");
	expect_verdict(compared(0.8, 1.05, 1.4, 0.05), GAIN_CANNOT_TELL, "wide_interval");
	expect_verdict(compared(0.8, 0.85, 0.9, 0.03), GAIN_NO, "slower");
	c = compared(0.99, 1.0, 1.01, 0.02);
	c.limited_by = "client";
	expect_verdict(c, GAIN_NO, "client_limited");
	c.ratio.n = 3;
	expect_verdict(c, GAIN_CANNOT_TELL, "too_few_rounds");
	assert_string_equal(gain_name(GAIN_CANNOT_TELL), "cannot_tell");
	c.ratio.n = 0;
	c.reason = "the last refusal";
	assert_non_null(
		strstr(verdict_one(&c).text, "x: no round counted (the last refusal)"));
}

static void verdict_of_several(void **state UNUSED)
{
	struct comparison c[3] = { compared(0.99, 1.0, 1.01, 0.02),
				   compared(0.99, 1.0, 1.01, 0.02),
				   compared(1.15, 1.2, 1.25, 0.03) };

	assert_int_equal(verdict_all(c, 2).gain, GAIN_NO);
	assert_int_equal(verdict_all(c, 3).gain, GAIN_YES);
	assert_non_null(strstr(verdict_all(c, 3).text, "; x: gain"));
	c[2] = compared(0.8, 1.05, 1.4, 0.05);
	assert_int_equal(verdict_all(c, 3).gain, GAIN_CANNOT_TELL);
	assert_int_equal(verdict_all(c, 0).gain, GAIN_CANNOT_TELL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_lands_close),
		cmocka_unit_test(quantiles_of_what_is_known),
		cmocka_unit_test(medians_and_their_intervals),
		cmocka_unit_test(little_catches_what_cannot_be),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(verdict_of_several),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
