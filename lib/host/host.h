/* host: the facts about the target, in groups, each read at most once and only when
 * needed. Everything that judges or plans takes it const. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/err.h"
#include "host/boot_files.h"

#include <stdbool.h>
#include <stdint.h>

struct root;

enum host_group {
	HOST_KERNEL = 1,
	HOST_SYSCTL = 2,
	HOST_URING = 4,
	HOST_LIMITS = 8,
	HOST_BOOT = 16,
	HOST_STATE = 32,
};

struct host_kernel {
	char *release; /* of the running kernel; NULL: not known (offline) */
	char *cmdline; /* likewise */
};

struct host {
	const struct root *root; /* lent */
	bool live;		 /* live values may be judged */
	unsigned have;		 /* groups read */
	struct host_kernel kernel;
	struct host_boot boot;
};

/* Read the groups of MASK that are not there yet. A fact that cannot be read is a fact
 * too (unknown, with its reason): only lack of memory fails. */
int host_need(struct host *h, unsigned mask, struct err *e);

#endif
