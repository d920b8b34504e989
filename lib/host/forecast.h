/* forecast: what a sysctl is, and what it will be: after the next boot, and after somebody
 * runs `sysctl --system`. */
#ifndef HOST_FORECAST_H
#define HOST_FORECAST_H

#include <stdbool.h>

struct host;

enum forecast_how {
	FORECAST_UNSET, /* nobody sets it: the kernel's own at boot, else what it was */
	FORECAST_SET,
	FORECAST_UNKNOWN,
};

/* By what it is set. */
enum forecast_through {
	FORECAST_FILE,	  /* a line of sysctl.d */
	FORECAST_KERNEL,  /* an argument of the kernel */
	FORECAST_TUNED,	  /* tuned's profile */
	FORECAST_REAPPLY, /* a line of a file that tuned applies behind its own */
};

struct forecast {
	enum forecast_how how;
	enum forecast_through through;
	char *value; /* SET */
	/* SET: "path:line". UNSET: the line that takes an earlier one back, or NULL. */
	char *by;
	char *why; /* UNKNOWN */
};

void forecast_clear(struct forecast *f);

/* What our own file is taken to hold for the key. */
struct forecast_own {
	const char *value; /* NULL: no line */
};

/* What KEY (any) is after the next boot, as far as files and managers tell: by the kernel,
 * systemd-sysctl, tuned, in this order. OWN NULL: by our file as it is. Needs HOST_SYSCTL;
 * with HOST_SCOPE what is not a container's to set is unknown. 0 or -ENOMEM. */
int host_forecast_boot(const struct host *h, const char *key,
		       const struct forecast_own *own, struct forecast *out);
/* What `sysctl --system` makes of it; UNSET: it leaves it as it is. */
int host_forecast_system(const struct host *h, const char *key,
			 const struct forecast_own *own, struct forecast *out);

/* The live value of KEY (any), a copy. -ENOENT: this kernel has no such key, -EISDIR: it is
 * a folder of keys; else as live_error of struct sysctl_fact. */
int host_key_live(const struct host *h, const char *key, char **out);
/* Is KEY somebody else's to set (host_only_elsewhere)? Needs HOST_SCOPE. */
bool host_key_is_elsewhere(const struct host *h, const char *key, const char **why);

/* The kernel's name of the boot that this program runs in, also where it judges a tree;
 * the caller's to free. NULL: there is no /proc, or it was not recorded. 0 or -ENOMEM. */
int host_boot_id(const struct host *h, char **out);

/* For setters.c. 0 or -ENOMEM. */
int host_read_boot_loader(struct host *h);

#endif
