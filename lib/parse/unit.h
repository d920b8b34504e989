/* unit: what `systemctl show` prints of a unit, line by line KEY=VALUE. */
#ifndef PARSE_UNIT_H
#define PARSE_UNIT_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* The value of KEY, the caller's to free; NULL: this systemd prints none. *OOM is set when
 * memory ran out. */
char *unit_property(const char *text, const char *key, bool *oom);

/* "cap_chown cap_ipc_lock": bit N is capability N; an unknown name is skipped, for it is
 * newer than what io_uring asks for. */
uint64_t unit_caps(const char *words);

/* A limit in bytes or pieces; UINT64_MAX: infinity. 0 or -EBADMSG. */
int unit_limit(const char *value, uint64_t *out);

/* What SystemCallFilter= says to io_uring's calls. */
struct unit_filter {
	bool none;	 /* no filter of this kind */
	unsigned denied; /* bit 0 io_uring_setup, 1 io_uring_enter, 2 io_uring_register */
	unsigned unknown; /* likewise: depends on a group that nobody could explain */
};

/* The groups ("@aio") that VALUE names: a recent systemd prints them expanded. */
int unit_filter_groups(const char *value, struct strv *groups);
/* GROUPS is what `systemd-analyze syscall-filter` prints of them, one after another. */
struct unit_filter unit_filter_judge(const char *value, const char *groups);

#endif
