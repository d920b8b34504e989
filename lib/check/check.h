/* check: what a host is judged by. A finding is an argument: found, wanted and by whom,
 * why it matters, how to mend it, and what shows it. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct host;
struct boot;
struct profile;

enum check_status { CHECK_PASS, CHECK_WARN, CHECK_FAIL, CHECK_UNKNOWN, CHECK_SKIP };

struct finding {
	const struct check *check;
	enum check_status status;
	bool required;
	bool named; /* asked for by its id: it must not stay unknown */
	/* Owned; NULL where there is nothing to say. */
	char *found, *want, *want_by, *why, *fix, *evidence;
};

/* What a row judges by. BOOT is NULL unless the row needs HOST_BOOT, PROFILE NULL unless
 * one was asked for. */
struct check_on {
	const struct host *host;
	const struct boot *boot;
	const struct profile *profile;
};

struct check {
	const char *id; /* stable for ever */
	const char *title;
	unsigned needs; /* enum host_group */
	bool required;	/* unless the profile says otherwise */
	/* Fill STATUS and the texts; FAIL becomes WARN where only wanted. 0 or -ENOMEM. */
	int (*run)(const struct check_on *on, struct finding *f);
	bool live; /* belongs to a running system: elsewhere it is skipped, not run */
};

/* Every check, in the order of the report: a row in a file by subject, a name here. */
#define CHECKS(X)                                                                        \
	X(uring_available)                                                               \
	X(uring_level)                                                                   \
	X(uring_required)                                                                \
	X(uring_disabled)                                                                \
	X(kernel_config)                                                                 \
	X(kernel_known_bugs)                                                             \
	X(kernel_support)                                                                \
	X(kernel_panic_reboots)                                                          \
	X(deps_glibc)                                                                    \
	X(deps_liburing)                                                                 \
	X(limits_memlock)                                                                \
	X(limits_nofile)                                                                 \
	X(sysctl_files)                                                                  \
	X(sysctl_aio_max_nr)                                                             \
	X(sysctl_somaxconn)                                                              \
	X(sysctl_swappiness)                                                             \
	X(sysctl_profile)                                                                \
	X(sysctl_precedence)                                                             \
	X(sysctl_managers)                                                               \
	X(sysctl_writable)                                                               \
	X(security_vendor_policy)                                                        \
	X(security_io_uring_group)                                                       \
	X(container_scope)                                                               \
	X(boot_default_resolves)                                                         \
	X(boot_default_bootable)                                                         \
	X(boot_default_has_uring)                                                        \
	X(boot_default_is_running)                                                       \
	X(boot_default_moves)                                                            \
	X(boot_grubenv)                                                                  \
	X(boot_space)                                                                    \
	X(initramfs_present)                                                             \
	X(state_usable)

#define X(name) extern const struct check check_##name;
CHECKS(X)
#undef X

enum {
#define X(name) CHECK_AT_##name,
	CHECKS(X)
#undef X
		CHECK_COUNT
};

struct check_select;

struct findings {
	struct finding *v;
	size_t n;
	size_t count[CHECK_SKIP + 1]; /* by status */
};

struct check_list {
	const struct check *const *v;
	size_t n;
};

struct check_list check_all(void);
const char *check_status_name(enum check_status s); /* "PASS" */
/* What stands before the dot of its id: "uring". */
void check_area(const struct check *c, char *area, size_t size);
/* What the chosen checks need of the host. */
unsigned check_needs(const struct check_select *select);
/* Judge. */
int check_run(const struct check_on *on, const struct check_select *select,
	      struct findings *out, struct err *e);
void findings_clear(struct findings *f);

/* For the rows: set a text of a finding; 0 or -ENOMEM. */
int finding_found(struct finding *f, enum check_status s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What was wanted, by whom, why it matters, how to mend it; any may be NULL. */
int finding_advise(struct finding *f, const char *want, const char *want_by,
		   const char *why, const char *fix);
int finding_text(char **slot, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
