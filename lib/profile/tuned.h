/* tuned: what of a profile of tuned's can be one of ours. */
#ifndef PROFILE_TUNED_H
#define PROFILE_TUNED_H

#include "host/tuned.h"

struct host;

/* A line of tuned's, by its place in the profile's v. */
struct tuned_row {
	bool taken;
	char *why; /* why not; NULL: it is taken */
};

struct tuned_import {
	struct tuned_row *v; /* as many as the profile has lines */
	size_t n;
	size_t n_taken; /* settings; the summary is not counted */
	char *text;	/* a profile of ours */
};

/* P is merged; NAME is what it is called by, a name or a path. The text is read as a profile of ours before it is
 * given out: -EPROTO when that fails, which is our own mistake. */
int tuned_import(struct tuned_import *out, const struct host *h,
		 const struct tuned_profile *p, const char *name, struct err *e);
void tuned_import_clear(struct tuned_import *i);

static inline void cleanup_tuned_import(struct tuned_import *i)
{
	tuned_import_clear(i);
}

#endif
