/* process: what the kernel writes of a process to /proc/N/status, limits and
 * cgroup. */
#ifndef PARSE_PROCESS_H
#define PARSE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a kernel does not write is -1. */
struct proc_status {
	char name[64];
	bool ended; /* a zombie: its parent has not asked for its exit code yet */
	uid_t uid;  /* the real one: memory is charged to it */
	gid_t gid;  /* the effective one: permissions go by it */
	gid_t *groups;
	size_t n_groups;
	uint64_t caps; /* effective */
	int no_new_privs, seccomp, filters;
	int64_t locked_kib, pinned_kib;
};

/* 0, -ENOMEM, or -EBADMSG: no such text. */
int proc_status_parse(struct proc_status *out, const char *text);
void proc_status_clear(struct proc_status *s);

/* A row of /proc/N/limits ("Max locked memory"); UINT64_MAX: unlimited. 0 or -EBADMSG. */
int proc_limit_parse(const char *text, const char *row, uint64_t *soft, uint64_t *hard);

/* /proc/N/cgroup: the path that systemd knows the process by (cgroup 2's, else that of
 * name=systemd), the caller's to free; NULL: only the root of both, or no memory. */
char *proc_cgroup(const char *text);

#endif
