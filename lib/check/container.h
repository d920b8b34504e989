/* container: what cannot be judged from where we are, or of whom. */
#ifndef CHECK_CONTAINER_H
#define CHECK_CONTAINER_H

#include "check/check.h"

/* Is check F->check not for here: the host's alone, seen from a container, or about another
 * network namespace than the subject's? Then F says so. 1: so it is, 0: judge, -ENOMEM. */
int check_not_here(const struct check_on *on, struct finding *f);

#endif
