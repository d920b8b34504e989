/* lock: one changing command at a time. */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/err.h"

#include <stdbool.h>

struct root;

/* flock PATH (made if missing, its folder must exist) and write our pid and start time
 * into it. A descriptor to close, or -EWOULDBLOCK with the holder named in E. The kernel
 * lets go of it when we die. */
int lock_take(const struct root *r, const char *path, struct err *e);

/* Does another process hold it? Nothing is made or written. */
bool lock_is_held(const struct root *r, const char *path);

#endif
