/* managers: who else sets sysctls on this host: tuned, saptune, cloud-init. */
#ifndef HOST_MANAGERS_H
#define HOST_MANAGERS_H

#include "host/tunables.h"

#include <stdbool.h>

struct host;

/* A line of a tuned profile: "10", or ">2048": only if that is more. */
struct tuned_line {
	char *value, *by; /* NULL: it sets no such key */
};

struct host_managers {
	/* Its active profile; NULL: tuned is neither running nor enabled. */
	char *tuned;
	bool tuned_reapplies; /* files of /etc and /run over its own (reapply_sysctl) */
	char *tuned_unclear;  /* why the lines below may not be all; NULL: they are */
	struct tuned_line tuned_sets[TUNABLE_COUNT];
	char *saptune;	     /* "path: what shows that it is active"; NULL: it is not */
	bool cloud_init;     /* it runs here */
	char *cloud_init_by; /* "path:line" of its first word of sysctl */
	char *cloud_init_unread; /* "path: why" */
};

int host_read_managers(struct host *h); /* 0 or -ENOMEM */
void host_clear_managers(struct host *h);

#endif
