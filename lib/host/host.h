/* host: the facts about the target, in groups, each read at most once and only when
 * needed. Everything that judges or plans takes it const. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/err.h"
#include "base/str.h"
#include "host/boot_files.h"
#include "host/limits.h"
#include "host/managers.h"
#include "host/scope.h"
#include "host/setters.h"
#include "host/crash.h"
#include "host/deps.h"
#include "host/subject.h"
#include "host/tunables.h"
#include "host/use.h"
#include "parse/kconfig.h"
#include "uring/gate.h"

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
	HOST_PROFILES = 64,
	HOST_URING_WHOLE = 128, /* HOST_URING, with everything the kernel offers */
	HOST_DISTRO = 256,
	HOST_DEPS = 512,
	HOST_CRASH = 1024,
	HOST_SCOPE = 2048,
	HOST_CONFIG = 4096, /* of kernels; not of one that is known to make rings */
	/* HOST_SYSCTL, with every tunable and every counter: for plans and profiles. */
	HOST_TUNABLES = 8192,
};

/* A kernel's configuration, as far as we ask. */
struct kernel_config {
	char *release;
	char *path; /* where it stands: "/proc/config.gz" */
	enum kconfig io_uring;
};

struct host_kernel {
	char *release; /* of the running kernel; NULL: not known (offline) */
	char *cmdline; /* likewise */
	char *version; /* likewise: "#1 SMP ... Debian 6.1.119-1 (2024-11-22)" */
	/* Live: of the running kernel, or none. Offline: of every kernel in /boot and
	 * /lib/modules. */
	struct kernel_config *configs;
	size_t n_configs;
};

/* One tunable: what is, and what the files say. Texts are NULL when unknown or unset. */
struct sysctl_fact {
	bool read; /* HOST_SYSCTL reads some, HOST_TUNABLES all */
	char *live;
	/* Why live is NULL: -ENOENT this kernel has no such key, -ENODATA there is no /proc;
	 * else as read(2) has it. */
	int live_error;
	char *boot_value;  /* after systemd-sysctl (sysctl.d(5)) */
	char *boot_by;	   /* "/etc/sysctl.d/10-x.conf:3" */
	char *other_value; /* at boot, if our own file were not there */
	bool ours;	   /* our own file sets it */
	char *all_value;   /* after `sysctl --system`, which reads sysctl.conf last */
	char *all_by;
	struct sysctl_setters setters; /* every line for it, in load order */
	int write_error; /* live: 0, why it cannot be set from here, or 1: unknown */
	char *instead; /* the value of the tunable's `instead` where that holds; else NULL */
};

/* The group of kernel.io_uring_group, as /etc/group and /etc/passwd have it. */
struct host_group_of {
	int64_t id;	  /* -1: none is set */
	int error;	  /* why /etc/group could not be read */
	char *name;	  /* NULL: not in /etc/group */
	char *members;	  /* "a,b", may be empty */
	unsigned primary; /* accounts of /etc/passwd whose own group it is */
};

/* A profile of the administrator's: /etc/uringprep/profiles/NAME.conf. */
struct host_profile {
	char *name, *path;
	char *text; /* NULL: it could not be read */
	size_t len;
	int error; /* why not */
};

struct host_state {
	int error;    /* 0: the folder is there and can be written, or can be made */
	bool missing; /* not there yet */
	bool var_unmounted; /* fstab has a /var that is not mounted */
};

struct host {
	const struct root *root; /* lent */
	bool no_files;		 /* a recording alone is judged */
	bool live;     /* live values may be judged: the live root, or --facts */
	unsigned have; /* groups read */
	struct json_object *recorded; /* --facts: instead of asking the kernel */
	struct host_kernel kernel;
	struct sysctl_fact sysctl[TUNABLE_COUNT];
	char *own_sysctl; /* what our own sysctl.d file holds; NULL: there is none */
	struct strv sysctl_unread; /* "path: why" of files that could not be read */
	struct strv sysctl_bad;	   /* "path:line" of lines that are no assignment */
	struct sysctl_sources sysctl_sources;
	struct host_managers managers;
	struct host_group_of uring_group; /* that kernel.io_uring_group names */
	struct host_use use;
	struct host_scope scope;
	struct host_subject subject; /* who is judged; set before the first host_need */
	struct host_demand demand;   /* what it is to make; zero: the default */
	struct uring_answers uring;  /* as the subject sees it */
	struct uring_facts uring_facts; /* read with it */
	struct host_limits limits;
	struct host_boot boot;
	struct host_state state;
	struct host_profile *profiles;
	size_t n_profiles;
	char *distribution; /* as it names itself; NULL: not known */
	struct host_deps deps;
	struct host_crash crash;
};

/* The one file we write to sysctl.d: a late name wins (sysctl.d(5)). */
#define HOST_OWN_NAME "99-uringprep.conf"
#define HOST_OWN_SYSCTL "/etc/sysctl.d/" HOST_OWN_NAME

/* May live values be set, not only judged? */
bool host_is_settable(const struct host *h);

int host_new(struct host **out, const struct root *r, struct err *e);
void host_free(struct host *h);

/* Judge a recorded kernel (--facts): JSON text, NAME for messages. Before the first
 * host_need. -EINVAL names what is wrong. */
int host_record(struct host *h, const char *name, const char *json, struct err *e);

/* Read the groups of MASK that are not there yet. A fact that cannot be read is a fact
 * too (unknown, with its reason): only lack of memory fails. */
int host_need(struct host *h, unsigned mask, struct err *e);

/* The configuration of RELEASE (NULL: of the running kernel); NULL: not found. */
const struct kernel_config *host_config(const struct host *h, const char *release);
/* The same of a kernel that does not run, from /boot or /lib/modules: 1, 0 not found, or
 * -ENOMEM. The caller's to clear. */
int host_config_read(const struct host *h, const char *release,
		     struct kernel_config *out);
void kernel_config_clear(struct kernel_config *c);

#endif
