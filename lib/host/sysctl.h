/* sysctl: live values, who sets them at boot, and how the host uses them. */
#ifndef HOST_SYSCTL_H
#define HOST_SYSCTL_H

#include "host/tunables.h"

struct host;

/* A live_error in words; static. */
const char *host_sysctl_why(int live_error);
/* 0 or -ENOMEM. Who sets it, those tunables that checks look at, and those that tuned sets. */
int host_read_sysctl(struct host *h);
int host_read_tunables(struct host *h); /* all; behind it */
void host_clear_sysctl(struct host *h);

#endif
