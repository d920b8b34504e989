/* txn: apply a plan so that nothing is left half done, and take it back. */
#ifndef CHANGE_TXN_H
#define CHANGE_TXN_H

#include "change/plan.h"
#include "change/state.h"

#include <stdbool.h>

struct root;

enum txn_outcome {
	TXN_DONE,      /* or nothing was to be done */
	TXN_REFUSED,   /* nothing was tried: unfinished work, another run, a stale plan */
	TXN_UNCHANGED, /* it failed, and the host is as it was */
	TXN_CHANGED,   /* it failed, and the host is changed: revert names what to do */
	TXN_CONFLICTS, /* undone but for what somebody else had changed */
};

struct txn_result {
	unsigned id;
	size_t conflicts;
	struct strv lines; /* conflicts, and what was left: one sentence each */
};

void txn_result_clear(struct txn_result *r);

/* Apply P as transaction ID (state_next_id when the plan was made). Order: lock; every
 * `before` compared again; plan and originals durable; the steps, each read back; the
 * final state. HUP, INT, TERM and QUIT are held and looked at between steps: then, as
 * after a failed step, everything is rolled back. E says what happened unless TXN_DONE. */
enum txn_outcome txn_apply(const struct root *r, const struct plan *p, unsigned id,
			   struct txn_result *res, struct err *e);

/* Which transaction a revert means. ID 0: txn_first, else the newest open one; refused
 * when open ones of several kinds make that unclear. An older one than the newest of its
 * kind is refused. The record is lent by L; NULL and 0: nothing to revert. */
int txn_choose(const struct txn_log *l, unsigned id, const struct txn_record **out,
	       struct err *e);

/* What becomes of what somebody else has changed since. */
enum txn_others {
	TXN_LEAVE,     /* left; the transaction stays in conflict */
	TXN_KEEP,      /* left, and the transaction is closed */
	TXN_OVERWRITE, /* put back all the same */
};

/* Undo T, three-way: what is `after` becomes `before`, what is `before` stays, what is
 * neither was changed by somebody else: see OTHERS. The log is read again under the lock:
 * refused when T is not the one to undo any more. */
enum txn_outcome txn_revert(const struct root *r, const struct txn_record *t,
			    enum txn_others others, struct txn_result *res,
			    struct err *e);

/* The one that comes before all else: cut off half-way, else in conflict; NULL: none. */
const struct txn_record *txn_first(const struct txn_log *l);
/* Is the unfinished one of L, read without the lock, no crash but another run's, at work or
 * ended since? */
bool txn_is_at_work(const struct root *r, const struct txn_log *l);
/* 0, or -EBUSY with what to do about txn_first. */
int txn_refuse(const struct root *r, const struct txn_log *l, struct err *e);
/* "uringprep --root DIR revert ID", to be typed; the caller's to free. NULL: no memory. */
char *txn_revert_command(const struct root *r, unsigned id);
/* The same of any command: "uringprep --root DIR WORDS". */
char *txn_command(const struct root *r, const char *words);
/* Is the target of step S of transaction AT (a place in L) written by a newer open one? */
bool txn_is_covered(const struct txn_log *l, size_t at, const struct step *s);

/* How what is there now compares with a step. */
enum step_is {
	STEP_IS_AFTER,
	STEP_IS_BEFORE,
	STEP_IS_OTHER,
	STEP_IS_UNREADABLE,
	STEP_IS_UNREACHABLE, /* a live value, and only files are to be looked at */
};
enum step_is txn_step_is(const struct root *r, const struct step *s, struct err *e);

#endif
