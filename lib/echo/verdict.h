/* verdict: what a comparison says, and why. Pure. */
#ifndef ECHO_VERDICT_H
#define ECHO_VERDICT_H

#include "echo/measure.h"
#include "echo/stats.h"

struct comparison {
	const char *scenario;
	struct figures uring, epoll;
	struct spread ratio; /* requests per second: io_uring's to epoll's, of pairs */
	/* The share by which epoll differs from itself: a gain below it is none. */
	double noise;
	double null_call_ns;
	const char *limited_by; /* measure_limit of io_uring's run */
	const char *reason;	/* why no round counted; "": not known */
};

enum gain {
	GAIN_NO,
	GAIN_YES,
	GAIN_CANNOT_TELL,
};

struct verdict {
	enum gain gain;
	/* yes: fewer_context_switches, fewer_system_calls, unexplained; no: within_noise,
	 * slower, client_limited; cannot tell: too_few_rounds, noise, wide_interval,
	 * denied, too_old. */
	const char *cause;
	char text[512]; /* one line */
};

const char *gain_name(enum gain g); /* "yes", "no", "cannot_tell" */

struct verdict verdict_one(const struct comparison *c);
/* Of all: yes where one gains; no only when each says no. */
struct verdict verdict_all(const struct comparison *c, size_t n);

#endif
