/* foresee: what will hold after the next boot. */
#ifndef PROFILE_FORESEE_H
#define PROFILE_FORESEE_H

#include <stddef.h>

struct host;
struct plan;

/* Our file is to set tunable K to VALUE: who would override it is a warning of OUT, named
 * before anything is written. 0 or -ENOMEM. */
int profile_foresee(const struct host *h, size_t k, const char *value, struct plan *out);

#endif
