/* drift: what our open transactions made, compared with what is there now, and who it may
 * have been. */
#ifndef JOB_DRIFT_H
#define JOB_DRIFT_H

#include "base/str.h"
#include "change/txn.h"

#include <stddef.h>

struct host;
struct root;

enum drift_is {
	DRIFT_NONE, /* as it was made */
	DRIFT_CHANGED,
	DRIFT_GONE,
	DRIFT_UNKNOWN, /* it cannot be read */
	DRIFT_UNSEEN,  /* a live value, and only files are looked at */
};

struct drift {
	const struct txn_record *txn; /* both lent by the log */
	const struct step *step;
	enum drift_is is;
	char *id;	  /* "sysctl:net.core.somaxconn" */
	char *target;	  /* for people */
	char *want;	  /* what it should be */
	char *found;	  /* what it is */
	char *title;	  /* both as one sentence */
	char *set_by;	  /* who made it so, where a file says it; else NULL */
	char *difference; /* of a file: the first line that differs; else NULL */
	char *fix;	  /* what to type; NULL where nothing drifted */
};

struct drifts {
	struct drift *v;
	size_t n;
};

/* Each step that is in force, the newest transaction's first. 0 or -ENOMEM. Needs
 * HOST_SYSCTL. */
int job_drift(const struct host *h, const struct root *r, const struct txn_log *log,
	      struct drifts *out);
void drifts_clear(struct drifts *d);

/* T, which was applied to files alone, is undone: of each key that is live as our file had
 * it a sentence, what it will be after the next boot. H is the host as it is now; needs
 * HOST_SYSCTL. 0 or -ENOMEM. */
int job_still_live(const struct host *h, const struct txn_record *t, struct strv *out);

#endif
