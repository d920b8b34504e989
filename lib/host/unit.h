/* unit: a service's settings, as systemd itself says them. */
#ifndef HOST_UNIT_H
#define HOST_UNIT_H

#include "base/err.h"
#include "host/subject.h"

struct root;

struct unit_settings {
	char *name; /* systemd's own: "nginx.service" */
	char *file; /* NULL: it has none */
	pid_t pid;  /* MainPID; 0: it does not run */

	bool known_user;
	char *user_why; /* why not */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t n_groups;
	uint64_t caps;
	bool known_limits;
	uint64_t memlock_soft, memlock_hard, nofile_soft, nofile_hard;
	int no_new_privs;
	bool private_users, private_network;

	bool has_filter; /* by its settings it runs under a seccomp filter */
	enum subject_filter filter;
	char *filter_why; /* a sentence, in each case */
};

/* Ask systemctl. -ENOENT: no such unit, or it runs no program; -ENOTCONN: no systemd. */
int unit_settings_read(struct unit_settings *u, const struct root *r, const char *unit,
		       struct err *e);
void unit_settings_clear(struct unit_settings *u);

static inline void cleanup_unit_settings(struct unit_settings *u)
{
	unit_settings_clear(u);
}

#endif
