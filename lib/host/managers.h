/* managers: who else sets sysctls on this host: tuned, saptune, cloud-init. */
#ifndef HOST_MANAGERS_H
#define HOST_MANAGERS_H

#include "host/tunables.h"

#include <stdbool.h>
#include <stddef.h>

struct host;

/* A line of a tuned profile: "10", or ">2048": only if that is more. */
struct tuned_line {
	char *value, *by; /* NULL: it sets no such key */
};

/* A line for the sysctl plugin, of any key. */
struct tuned_setting {
	char *path; /* the key below /proc/sys */
	struct tuned_line line;
	bool maybe; /* it stands under a condition, or its value cannot be told */
};

struct host_managers {
	/* Its active profile; NULL: tuned is neither running nor enabled. */
	char *tuned;
	bool tuned_reapplies; /* files of /etc and /run over its own (reapply_sysctl) */
	char *tuned_unclear;  /* why the lines below may not be all; NULL: they are */
	struct tuned_line tuned_sets[TUNABLE_COUNT];
	struct tuned_setting *tuned_settings; /* in order, a later one winning */
	size_t n_tuned_settings;
	char *saptune;	     /* "path: what shows that it is active"; NULL: it is not */
	bool cloud_init;     /* it runs here */
	char *cloud_init_by; /* "path:line" of its first word of sysctl */
	char *cloud_init_unread; /* "path: why" */
};

/* The line of tuned's profile for the sysctl KEY (any key); NULL: none. *UNCLEAR says why
 * what it comes to is not known, or is NULL; lent. 0 or -ENOMEM. */
int host_tuned_line(const struct host *h, const char *key, const struct tuned_line **out,
		    const char **unclear);
/* Has tuned's profile a line for its sysctl plugin? Only then are files applied again. */
bool host_tuned_sets_any(const struct host *h);

int host_read_managers(struct host *h); /* 0 or -ENOMEM */
void host_clear_managers(struct host *h);

#endif
