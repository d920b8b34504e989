/* state: all that lies under /var/lib/uringprep: the lock and one folder a transaction.
 *
 *   txn/0003/plan.json   what was planned: kind, title, steps with before and after
 *   txn/0003/0.before    a FILE step's original, as it was (and 0.after)
 *   txn/0003/state       a word and the time it became so, padded, overwritten in place: a
 *                        full disk can't stop it
 *   txn/0003/why         why it was rolled back, where that could be written
 *
 * Originals are copied with no more rights than the file had. A folder without `state` never began: it is not listed, and used again. */
#ifndef CHANGE_STATE_H
#define CHANGE_STATE_H

#include "change/plan.h"

#include <stdbool.h>

struct root;

enum txn_state {
	TXN_APPLYING, /* killed half-way, or at work */
	TXN_APPLIED,
	TXN_REVERTING, /* the same on the way back */
	TXN_REVERTED,
	TXN_ROLLED_BACK, /* failed, and undone at once */
	TXN_CONFLICT,	 /* reverted but for what somebody else had changed since */
};

struct txn_record {
	unsigned id;
	enum txn_state state;
	bool live;     /* live values were changed too */
	char *created; /* UTC */
	char *changed; /* when it came to its state; NULL: not known */
	char *why;     /* it was rolled back; NULL: it was not, or not known */
	char *kind;    /* plan.kind points here */
	struct plan plan;
	struct strv folders; /* made for its files, the topmost first */
};

struct txn_log {
	struct txn_record *v; /* by id, oldest first */
	size_t n;
};

const char *txn_state_name(enum txn_state s);
bool txn_is_open(const struct txn_record *t);	    /* applied, not undone */
bool txn_is_unfinished(const struct txn_record *t); /* needs a revert before all else */

/* Every transaction. Nothing there is an empty log. A journal that cannot be understood
 * is an error that names it: what it changed is not known. */
int state_read(const struct root *r, struct txn_log *out, struct err *e);
void state_clear(struct txn_log *l);
/* The id the next transaction will have. */
unsigned state_next_id(const struct txn_log *l);
/* What KEY was before the first open transaction of KIND changed it; NULL: none did. */
const struct step *state_base(const struct txn_log *l, const char *kind,
			      enum step_type type, const char *target);
/* The undone transaction that the first line of TEXT, one of our files, names: revert --keep
 * leaves such a file. NULL: none. */
const struct txn_record *state_left_by(const struct txn_log *l, const char *text);

/* Take the lock, making the folder where missing. A descriptor to close. On a live root
 * refused (-EPERM) when others than root may write to the folder: what a revert puts back
 * comes from there. */
int state_lock(const struct root *r, struct err *e);
/* Does another run hold the lock? */
bool state_is_locked(const struct root *r);
/* Make transaction ID durable, in state TXN_APPLYING. FOLDERS: those that are missing and
 * will be made for its files. */
int state_begin(const struct root *r, unsigned id, const struct plan *p,
		const struct strv *folders, struct err *e);
int state_set(const struct root *r, unsigned id, enum txn_state from, enum txn_state to,
	      struct err *e);
/* For people, before a state_set: why transaction ID is rolled back. */
int state_why(const struct root *r, unsigned id, const char *why, struct err *e);

#endif
