/* crash: what decides whether a host that nobody sits at comes back from a panic. The
 * timeout itself is a sysctl (kernel.panic). */
#ifndef HOST_CRASH_H
#define HOST_CRASH_H

#include <stdint.h>

struct host;

struct host_crash {
	/* What becomes a panic; -1: unknown, or this kernel has no such switch. */
	int64_t panic_on_oops, softlockup_panic, hung_task_panic;
	int64_t kdump_loaded; /* 1: a panic starts another kernel, which reboots */
	char *watchdog; /* a hardware one that runs: "iTCO_wdt"; NULL: none, or unknown */
	char *runtime_watchdog; /* systemd's RuntimeWatchdogSec=; NULL: no file sets it */
	char *runtime_watchdog_by;
};

int host_read_crash(struct host *h); /* 0 or -ENOMEM */
void host_crash_clear(struct host_crash *c);

#endif
