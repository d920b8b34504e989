/* foresee: what will hold after the next boot. */
#ifndef PROFILE_FORESEE_H
#define PROFILE_FORESEE_H

#include "base/err.h"

#include <stddef.h>

struct host;
struct plan;

/* -EEXIST: somebody has switched our file off, and we leave it so. */
int profile_may_write(const struct host *h, struct err *e);

/* Our file is to set tunable K to VALUE: what it will be after the next boot is a
 * prediction of OUT, and who would override it a warning, named before anything is
 * written. 0 or -ENOMEM. */
int profile_foresee(const struct host *h, size_t k, const char *value, struct plan *out);

#endif
