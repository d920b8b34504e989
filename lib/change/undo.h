/* undo: what a revert would come to, worked out without doing it. */
#ifndef CHANGE_UNDO_H
#define CHANGE_UNDO_H

#include "change/txn.h"

#include <stdbool.h>

struct root;

enum undo_what {
	UNDO_BACK,	  /* goes back to what it was */
	UNDO_IS_BACK,	  /* is back already */
	UNDO_OVER,	  /* put back over somebody else's change */
	UNDO_LEFT,	  /* somebody else's change is left */
	UNDO_UNREACHABLE, /* a live value, and only files are looked at */
	UNDO_UNREADABLE,  /* what is there, or was, cannot be read */
	UNDO_NOT_REACHED, /* a newer transaction stays in conflict, and comes first */
};

struct undo_step {
	const struct txn_record *txn; /* both lent by the log */
	const struct step *step;
	enum undo_what what;
	char *why; /* UNDO_UNREADABLE; else NULL */
};

/* In the order in which a revert does them. */
struct undo {
	struct undo_step *v;
	size_t n;
};

/* Undo ONLY, or with NULL all that is not undone yet, newest first: each step compared
 * with what the ones before it leave. 0 or -ENOMEM. */
int undo_foresee(const struct root *r, const struct txn_log *l,
		 const struct txn_record *only, enum txn_others others, struct undo *out);
void undo_clear(struct undo *u);

#endif
