/* measure: one run of an engine under load, and what it cost. */
#ifndef ECHO_MEASURE_H
#define ECHO_MEASURE_H

#include "base/err.h"
#include "echo/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario {
	const char *name;
	const char *summary; /* one line */
	unsigned connections;
	size_t message;
	unsigned threads;	   /* of the client; 0: */
	unsigned threads_per_core; /* so many for each core */
	bool pinned; /* server and client on a core each, where there are two */
};

struct figures {
	double per_s, mean_us, p50_us, p99_us;
	/* Of the server's thread, a message. */
	double user_us, sys_us, calls, voluntary, involuntary;
	/* Share of the time that a thread was on a CPU: 0..1. */
	double server_busy, client_busy;
	double bytes_checked;
};

/* ms */
struct timing {
	unsigned warm, window;
};

/* -EBADMSG: a wrong byte. -EDOM: the figures contradict each other (law of Little), the
 * window was far longer than asked for (this process was stopped), or the engine could not
 * be watched: the run counts for nothing. */
int measure_run(const struct engine *engine, const struct scenario *s,
		const struct timing *t, struct figures *out, struct err *e);

/* Of N runs: the median of each figure (NaN when N is 0); the sum of bytes_checked. */
void measure_median(const struct figures *runs, size_t n, struct figures *out);

/* What the figures say is at its limit: "server", "client", "cores" or "latency" (nothing
 * is: all wait for each other). */
const char *measure_limit(const struct scenario *s, const struct figures *f);

/* Client threads of S here: more than these load no server better. */
#define MEASURE_MAX_THREADS 48
unsigned measure_threads(const struct scenario *s);
/* ns that a system call costs which does nothing. */
double measure_null_call(void);
/* CPUs this process may run on. */
unsigned measure_cpus(void);

#endif
