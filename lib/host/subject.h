/* subject: who is to use io_uring: this process, another one (--pid) or a systemd unit
 * (--unit). My shell's limits and rights say nothing about a service. */
#ifndef HOST_SUBJECT_H
#define HOST_SUBJECT_H

#include "base/err.h"
#include "uring/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct host;

enum subject_kind { SUBJECT_SELF, SUBJECT_PID, SUBJECT_UNIT };

enum subject_namespace {
	SUBJECT_MNT,
	SUBJECT_NET,
	SUBJECT_USER,
	SUBJECT_PIDS,
	SUBJECT_NS
};
extern const char *const subject_namespaces[SUBJECT_NS]; /* "mnt", "net", ... */

/* What seccomp filters of the subject's say to io_uring's calls. */
enum subject_filter {
	SUBJECT_FILTER_OPEN,   /* it has none, or those it has let all three pass */
	SUBJECT_FILTER_CLOSED, /* one of the three is denied: `filter_why` */
	SUBJECT_FILTER_UNKNOWN,
};

/* With SUBJECT_SELF all else is zero. Texts are owned; NULL: not known or none. */
struct host_subject {
	enum subject_kind kind;
	char *name;	 /* "pid 812 (nginx)", "nginx.service": for sentences */
	pid_t pid;	 /* 0: the unit does not run */
	bool is_running; /* else what follows is from the unit's settings */

	bool known_user; /* uid, gid and groups are known */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t n_groups;
	uint64_t caps; /* that count on this host: 0 in another user namespace */
	bool known_limits;
	uint64_t memlock_soft, memlock_hard, nofile_soft, nofile_hard;

	int seccomp;	  /* of /proc: 0 none, 2 filters; -1 not known */
	int no_new_privs; /* 0, 1; -1 not known */
	enum subject_filter filter;
	char *filter_why;

	int same[SUBJECT_NS]; /* the namespaces are ours: 1, 0; -1 not known */
	char *label;	      /* of the security module */
	char *cgroup;
	char *unit_file;
	int rings;	    /* descriptors of rings: 1 or more proves it; -1 not known */
	int64_t locked_kib; /* locked or pinned by this process so far; -1 not known */

	/* Why the kernel could not be asked as this subject; NULL: it was, or nobody asked
	 * yet. */
	char *not_asked;
};

/* Judge PID from now on. Before the first host_need. -ESRCH: there is no such process. */
int host_subject_pid(struct host *h, pid_t pid, struct err *e);

/* Judge a unit. -ENOENT: no such unit, or it is none that runs a program; -ENOTCONN: no
 * systemd to ask. */
int host_subject_unit(struct host *h, const char *unit, struct err *e);

/* Who the kernel is to be asked as. False: not known well enough. AS borrows from S. */
bool host_subject_as(const struct host_subject *s, struct uring_as *as);

/* Ask the kernel as the subject, into h->uring. What cannot be asked is no failure: then
 * not_asked says why. */
int host_subject_ask(struct host *h, enum uring_depth depth, struct err *e);

void host_subject_clear(struct host_subject *s);

/* A sentence that is true of the answers beside what they say: what could not be put on of
 * the subject's. NULL: nothing. Static or owned by S. */
const char *host_subject_doubt(const struct host_subject *s);

#endif
