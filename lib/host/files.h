/* files: single files of the target, for those who plan what is to stand in them. */
#ifndef HOST_FILES_H
#define HOST_FILES_H

#include "base/err.h"

#include <stddef.h>

struct host;

/* The whole of PATH as it is now, the caller's to free, NUL terminated besides. -ENOENT:
 * there is none, and E is left alone; else why it cannot be read. */
int host_file(const struct host *h, const char *path, char **out, size_t *len,
	      struct err *e);
/* Where systemd has the file of UNIT ("nginx.service", "getty@tty1.service"): lent for ever
 * as a folder; NULL: in none of them. */
const char *host_unit_folder(const struct host *h, const char *unit);

#endif
