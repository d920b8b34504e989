/* check: what a profile that can be read will not do on this host, or not as was meant. */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include "profile/problem.h"

/* Warnings and notes on P go to FOUND. Needs HOST_SYSCTL and HOST_KERNEL. 0 or -ENOMEM. */
int profile_check(const struct host *h, const struct profile *p, struct problems *found);

#endif
