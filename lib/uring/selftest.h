/* selftest: does a ring do what it is there for? Each operation is run once for real. */
#ifndef URING_SELFTEST_H
#define URING_SELFTEST_H

#include "base/err.h"

enum selftest_result {
	SELFTEST_PASS,
	SELFTEST_FAIL,
	SELFTEST_SKIP, /* the kernel says it does not know the operation */
};

struct selftest_row {
	const char *name;
	enum selftest_result result;
	char reason[160]; /* of FAIL and SKIP, else "" */
};

#define SELFTEST_ROWS 9

/* All rows, in order; uses a pipe and a connection over loopback, each wait ends after a
 * second. < 0: no ring could be made. */
int uring_selftest(struct selftest_row rows[SELFTEST_ROWS], struct err *e);
const char *selftest_result_name(enum selftest_result r); /* "pass", "fail", "skip" */

#endif
