/* subject: what is said of io_uring where another process or a unit is judged. */
#ifndef CHECK_SUBJECT_H
#define CHECK_SUBJECT_H

#include "check/check.h"

/* What the answers alone do not say of the subject: that the kernel could not be asked as
 * it, or what its seccomp filter says. AVAILABLE: by the answers a ring can be made. 1: F
 * says it, 0: the answers stand, -ENOMEM. */
int check_subject_uring(const struct check_on *on, bool available, struct finding *f);

#endif
