/* reviewed: a plan that was written to a file, looked at by somebody, and is to be applied
 * only if it is still the same. */
#ifndef CHANGE_REVIEWED_H
#define CHANGE_REVIEWED_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

struct json_object;
struct plan;

struct reviewed {
	char *name; /* the file's, for messages */
	struct strv profiles, accept;
	bool only_useful;
	struct json_object *plan; /* its rows */
};

/* TEXT is what `apply --dry-run --format json` wrote to the file NAME. -EINVAL says what is
 * wrong with it. */
int reviewed_read(struct reviewed *out, const char *name, const char *text,
		  struct err *e);
void reviewed_clear(struct reviewed *v);
/* Is P, made anew, the same? 0, or -EEXIST with the first difference. Who set a value and
 * the evidence may differ: they are counters, and time has passed. */
int reviewed_compare(const struct reviewed *v, const struct plan *p, struct err *e);

static inline void cleanup_reviewed(struct reviewed *v)
{
	reviewed_clear(v);
}

#endif
