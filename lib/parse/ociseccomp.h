/* ociseccomp: a container runtime's seccomp profile (docker's and podman's JSON, the
 * linux.seccomp of the OCI runtime specification) with io_uring's three calls let through.
 * Pure. What is not edited stays as it is, to the byte. */
#ifndef PARSE_OCISECCOMP_H
#define PARSE_OCISECCOMP_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

/* A rule that denied some of the calls. */
struct ociseccomp_edit {
	size_t rule;	     /* its place in "syscalls", from 0 */
	const char *action;  /* "SCMP_ACT_ERRNO"; static */
	struct strv removed; /* names taken out of it */
	bool whole;	     /* it named nothing else: the rule is gone */
};

struct ociseccomp {
	char *text;		    /* the profile as it should be */
	const char *default_action; /* static */
	struct strv added;	    /* names in the rule that was added */
	struct ociseccomp_edit *edits;
	size_t n_edits;
};

/* TEXT, of LEN bytes and called NAME in messages, with the calls let through whatever the
 * arguments, capabilities and kernel. Nothing added and no edit: it did so already. What is
 * not recognised as such a profile is refused: -EINVAL. */
int ociseccomp_allow(struct ociseccomp *out, const char *name, const char *text,
		     size_t len, struct err *e);
void ociseccomp_clear(struct ociseccomp *o);

/* For CLEANUP(). */
static inline void cleanup_ociseccomp(struct ociseccomp *o)
{
	ociseccomp_clear(o);
}

#endif
