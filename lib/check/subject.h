/* subject: what is said of io_uring where another process or a unit is judged. */
#ifndef CHECK_SUBJECT_H
#define CHECK_SUBJECT_H

#include "check/check.h"

/* What the gates alone do not say of the subject: that the kernel could not be asked as it,
 * or that what its filter says is not known. AVAILABLE: by the gates a ring can be made. 1:
 * F says it, 0: the gates stand, -ENOMEM. */
int check_subject_uring(const struct check_on *on, bool available, struct finding *f);
/* Where a unit's SystemCallFilter= is all that denies: what to write into that unit. 0 or
 * -ENOMEM. */
int check_subject_mend(const struct check_on *on, struct finding *f);

#endif
