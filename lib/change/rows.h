/* rows: a plan as it is shown, a row a step and a row a line of a file of ours. */
#ifndef CHANGE_ROWS_H
#define CHANGE_ROWS_H

#include "change/plan.h"

struct plan_row {
	const char *step;		/* a type's name, or "line" */
	char *before, *after;		/* a value, or "208 bytes"; NULL: absent */
	const char *text_before, *text; /* of a file or block; NULL: absent, or a value */
	const struct step *of;		/* target and the like; lent, as the texts are */
};

struct plan_rows {
	struct plan_row *v;
	size_t n;
};

int plan_rows(const struct plan *p, struct plan_rows *out); /* 0 or -ENOMEM */
void plan_rows_clear(struct plan_rows *r);

static inline void cleanup_plan_rows(struct plan_rows *r)
{
	plan_rows_clear(r);
}

#endif
