/* settle: journal, profile and host joined into a plan. */
#ifndef JOB_SETTLE_H
#define JOB_SETTLE_H

#include "base/err.h"

struct host;
struct plan;
struct profile_ask;
struct root;
struct strv;

/* Plan the profiles NAMES, in order, over what is active on R. ID: of the transaction it
 * would be. -ENOENT and -EINVAL: no such profile; -EBADMSG: one with a mistake in it;
 * -ENOTSUP, -EEXIST: refused. */
int job_plan_profile(struct host *h, const struct root *r, const struct strv *names,
		     const struct profile_ask *ask, struct plan *plan, unsigned *id,
		     struct err *e);

#endif
