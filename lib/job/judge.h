/* judge: the facts that the chosen checks need, read, and the checks run. */
#ifndef JOB_JUDGE_H
#define JOB_JUDGE_H

#include "base/err.h"
#include "base/str.h"

struct check_select;
struct findings;
struct host;

struct judge_by {
	const struct check_select *select; /* NULL: every check */
	const struct strv *profiles;	   /* in order; NULL or empty: none */
};

/* -EINVAL, -ENOENT: no check is left, no such profile; -EBADMSG: a mistake in the profile. */
int job_judge(struct host *h, const struct judge_by *by, struct findings *out,
	      struct err *e);

#endif
