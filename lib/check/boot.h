/* boot: what the checks of the default entry begin with. */
#ifndef CHECK_BOOT_H
#define CHECK_BOOT_H

#include "check/check.h"

struct boot_entry;

/* The default entry; NULL: F says why there is none, and *ERR (0 or -ENOMEM) what came of
 * that. */
const struct boot_entry *check_default_entry(const struct check_on *on, struct finding *f,
					     int *err);

#endif
