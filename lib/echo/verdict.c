#include "verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MIN_ROUNDS 4
/* A gain that matters to somebody: when this much cannot be excluded, "no" is not said. */
#define MATTERS 0.10

const char *gain_name(enum gain g)
{
	static const char *const names[] = { "no", "yes", "cannot_tell" };

	return names[g];
}

/* Switches are counted first: a switch costs more than all system calls of an echo. */
static const char *cause_of_gain(const struct comparison *c)
{
	double before = c->epoll.voluntary + c->epoll.involuntary;
	double after = c->uring.voluntary + c->uring.involuntary;
	double cpu =
		c->epoll.user_us + c->epoll.sys_us - c->uring.user_us - c->uring.sys_us;
	double calls_us = (c->epoll.calls - c->uring.calls) * c->null_call_ns / 1e3;
	double saved_us = 1e6 / c->epoll.per_s - 1e6 / c->uring.per_s;

	if (before - after >= 0.02 && after <= 0.7 * before)
		return "fewer_context_switches";
	/* CPU was saved, and what the calls cost explains at least half of the time. */
	if (cpu > 0 && calls_us > 0 && calls_us >= saved_us / 2)
		return "fewer_system_calls";
	return "unexplained";
}

static enum gain judge(const struct comparison *c, const char **cause)
{
	const struct spread *r = &c->ratio;

	if (r->n < MIN_ROUNDS) {
		*cause = "too_few_rounds";
		return GAIN_CANNOT_TELL;
	}
	if (r->low > 1 && r->median > 1 + c->noise) {
		*cause = cause_of_gain(c);
		return GAIN_YES;
	}
	if (r->high < 1 && r->median < 1 - c->noise) {
		*cause = "slower";
		return GAIN_NO;
	}
	if (c->noise > MATTERS || r->high > 1 + MATTERS) {
		*cause = c->noise > MATTERS ? "noise" : "wide_interval";
		return GAIN_CANNOT_TELL;
	}
	*cause = strcmp(c->limited_by, "client") == 0 ? "client_limited" : "within_noise";
	return GAIN_NO;
}

static const char *words(enum gain g, const char *cause)
{
	static const struct {
		const char *cause, *words;
	} rows[] = {
		{ "fewer_context_switches",
		  "gain, for there are fewer context switches" },
		{ "fewer_system_calls", "gain, for there are fewer system calls" },
		{ "unexplained", "gain that the counters do not explain" },
		{ "slower", "no gain, it is slower" },
		{ "client_limited", "no gain, the client is the limit" },
		{ "within_noise", "no gain, what differs is noise" },
		{ "too_few_rounds", "cannot tell, too few rounds" },
		{ "noise", "cannot tell, epoll differs from itself by as much" },
		{ "wide_interval", "cannot tell, the rounds differ too much" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].cause, cause) == 0)
			return rows[i].words;
	return gain_name(g);
}

struct verdict verdict_one(const struct comparison *c)
{
	struct verdict v = { GAIN_NO, "", "" };

	v.gain = judge(c, &v.cause);
	if (!c->ratio.n) {
		snprintf(v.text, sizeof(v.text), "%s: no round counted%s%s%s",
			 c->scenario, c->reason && *c->reason ? " (" : "",
			 c->reason ? c->reason : "", c->reason && *c->reason ? ")" : "");
		return v;
	}
	snprintf(v.text, sizeof(v.text),
		 "%s: %s (requests x%.2f [%.2f..%.2f], noise %.0f %%)", c->scenario,
		 words(v.gain, v.cause), c->ratio.median, c->ratio.low, c->ratio.high,
		 100 * c->noise);
	return v;
}

struct verdict verdict_all(const struct comparison *c, size_t n)
{
	/* The most telling first. */
	static const int rank[] = {
		[GAIN_NO] = 0, [GAIN_CANNOT_TELL] = 1, [GAIN_YES] = 2
	};
	struct verdict all = { GAIN_CANNOT_TELL, "too_few_rounds",
			       "nothing was compared" };
	size_t i, used = 0;

	for (i = 0; i < n; i++) {
		struct verdict v = verdict_one(&c[i]);
		int wrote;

		if (!i || rank[v.gain] > rank[all.gain]) {
			all.gain = v.gain;
			all.cause = v.cause;
		}
		wrote = snprintf(all.text + used, sizeof(all.text) - used, "%s%s",
				 i ? "; " : "", v.text);
		if (wrote > 0)
			used += (size_t)wrote;
		if (used >= sizeof(all.text))
			break;
	}
	return all;
}
