/* verify: does io_uring work here, and does it pay? */
#ifndef ECHO_VERIFY_H
#define ECHO_VERIFY_H

#include "base/err.h"
#include "base/ui.h"
#include "echo/measure.h"
#include "echo/verdict.h"
#include "uring/selftest.h"

#define VERIFY_SCENARIOS 4

struct verify_opts {
	bool quick;	  /* two scenarios, short rounds; else all */
	unsigned seconds; /* for all comparisons together; 0: 7 when quick, else 60 */
};

struct verify_engine {
	const char *name;
	struct figures figures; /* medians */
	const char *limited_by;
};

struct verify_scenario {
	const struct scenario *what;
	unsigned threads;	     /* of the client */
	struct verify_engine run[2]; /* io_uring's first, where it is not denied */
	size_t n_runs;
	struct spread ratio; /* both: n is 0 when only epoll was run */
	double noise;
	unsigned refused; /* runs that counted for nothing */
	/* Why no round counted: the last refusal, or what was missing; else "". */
	char reason[256];
};

struct verify_result {
	/* Why epoll was run alone: "denied", "too_old" (a ring works, but not for a
	 * network server); NULL: it was not. WHY says it for people. */
	const char *alone;
	char why[256];
	struct selftest_row self_test[SELFTEST_ROWS];
	size_t n_self_test; /* 0 when denied */
	unsigned failed;    /* rows of it */
	struct verify_scenario scenario[VERIFY_SCENARIOS];
	size_t n_scenarios;
	struct verdict verdict;
	/* Under which conditions. */
	double null_call_ns;
	unsigned cpus;
	const char *preemption; /* of this kernel's build: "none_or_voluntary", ... */
	char congestion_control[16];
};

/* 0 also when io_uring is denied, too old or does not pay. -EBADMSG: a byte came back wrong. */
int echo_verify(const struct verify_opts *o, struct verify_result *out,
		const struct ui *ui, struct err *e);

#endif
