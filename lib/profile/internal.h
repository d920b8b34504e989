/* What the files of this folder that make the plan share. */
#ifndef PROFILE_INTERNAL_H
#define PROFILE_INTERNAL_H

#include "profile/profile.h"

/* fs.nr_open unless somebody has changed it: since Linux 2.6.25. */
#define NR_OPEN UINT64_C(1048576)

/* A plan in the making. */
struct settle {
	const struct host *h;
	const struct profile *p;
	const struct profile_base *base;
	const struct profile_ask *ask;
	unsigned id;
	struct plan *out; /* files, and warnings */
	struct plan live; /* live values: done after the files */
	struct strv
		wanted; /* paths of files of ours that it holds, or that are as wanted */
};

/* What the host had before us: the journal knows; else what is live, unless our own file
 * (applied offline, say) put it there; else what the other files say. NULL: unknown. */
const char *settle_base_value(const struct settle *x, size_t k);

/* Who set the value of tunable K that is live, or that the files give where nothing is
 * known to be live; the caller's to free; NULL: no memory. */
char *settle_origin(const struct settle *x, size_t k);

/* Security switches (switch.c). */

/* Every --accept is for a switch that the profile sets, or -EINVAL. */
int switch_check(const struct settle *x, struct err *e);
/* S may be set to *VALUE. 0: yes; *VALUE may have become a tighter one, OPENS (the caller's
 * to free) is what it opens, NULL: nothing. 1: it is left out, a warning says why. -ENOMEM. */
int switch_settle(struct settle *x, const struct setting *s, uint64_t *value,
		  char **opens);

/* Files of ours (files.c). */

/* PATH is to hold BODY (NULL: what it held before us) under a first line that names the
 * transaction. OUT (may be NULL) lends the step, NULL when nothing is to be done. */
int settle_file(struct settle *x, const char *path, const char *body, struct step **out,
		struct err *e);
/* Files of open transactions that this plan does not write: as they were. */
int settle_old_files(struct settle *x, struct err *e);

/* Limits (limits.c): limits.d for logins, a drop-in for each unit. */
int settle_limits(struct settle *x, struct err *e);

#endif
