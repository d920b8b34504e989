/* sysctl: live values, who sets them at boot, and how the host uses them. */
#ifndef HOST_SYSCTL_H
#define HOST_SYSCTL_H

struct host;

/* A live_error in words; static. */
const char *host_sysctl_why(int live_error);
int host_read_sysctl(struct host *h); /* 0 or -ENOMEM */
void host_clear_sysctl(struct host *h);

#endif
