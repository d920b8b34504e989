/* unit_limits: what a running service has of the limits that a drop-in of ours gives it:
 * limits are taken at its start alone. Nothing is restarted here. */
#ifndef HOST_UNIT_LIMITS_H
#define HOST_UNIT_LIMITS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Texts are NULL where not known. */
struct host_unit_limit {
	char *unit;
	const char *setting; /* "LimitNOFILE", static */
	char *wanted;	     /* as the drop-in has it */
	bool known;	     /* what it runs with: */
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
	pid_t pid;	     /* 0: it does not run */
	char *program;
	char *restart; /* the command that gives it what is wanted */
	char *note;
};

struct host_unit_limits {
	struct host_unit_limit *v;
	size_t n;
};

/* The path of UNIT's drop-in, as plans have it, is "/etc/systemd/system/UNIT.d/X.conf": the
 * unit's name, the caller's to free; NULL: it is another path, or memory ran out. */
char *host_unit_of_dropin(const char *path);

/* What TEXT, a drop-in of UNIT's, sets of limits, each a row behind those of OUT. 0 or
 * -ENOMEM. */
int host_unit_limits_read(struct host_unit_limits *out, const char *unit,
			  const char *text, struct err *e);
void host_unit_limits_clear(struct host_unit_limits *l);

static inline void cleanup_host_unit_limits(struct host_unit_limits *l)
{
	host_unit_limits_clear(l);
}

#endif
