/* proof: what a proof of this host depends on, and whether it still holds. */
#ifndef JOB_PROOF_H
#define JOB_PROOF_H

#include "base/err.h"
#include "base/str.h"

struct host;
struct proof;
struct root;
struct txn_log;

/* Add what every proof depends on: kernel, its command line, our active profile and what
 * it sets, and this tool. 0 or -errno. */
int job_fingerprint(struct host *h, const struct txn_log *log, struct proof *p,
		    struct err *e);

enum proof_state {
	PROOF_PROVEN,
	PROOF_STALE,
	PROOF_UNKNOWN, /* of a part it is not known what it is now */
};
const char *proof_state_name(enum proof_state s);

/* Does P hold where things are as in NOW? WHY: "kernel: was A, is B", one a part that has
 * changed, or is not known. A state or -ENOMEM. Pure. */
int job_proof_state(const struct proof *p, const struct proof *now, struct strv *why);

#endif
