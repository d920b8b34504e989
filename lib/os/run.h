/* run: another program's answer. No shell, a time limit, and nothing of ours goes along. */
#ifndef OS_RUN_H
#define OS_RUN_H

#include "base/err.h"

#include <stddef.h>

struct run_output {
	int code; /* the exit code; 128 and the signal's number when one ended it */
	char *out, *err; /* stdout and stderr, NUL terminated */
};

/* Run ARGV (its first word looked for in PATH) with stdin from /dev/null, no other
 * descriptor of ours, and an environment of PATH and LC_ALL=C alone. An exit code other
 * than 0 is a success here. -ENOENT: there is no such program; -ETIMEDOUT: it was killed,
 * with all it had started; -EFBIG: it wrote more than MAX bytes. */
int run_capture(const char *const *argv, int limit_ms, size_t max, struct run_output *out,
		struct err *e);
void run_output_clear(struct run_output *o);

static inline void cleanup_run_output(struct run_output *o)
{
	run_output_clear(o);
}

#endif
