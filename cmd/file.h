/* file: the caller's own files; the only place that opens them. */
#ifndef CMD_FILE_H
#define CMD_FILE_H

#include "base/err.h"

/* The whole of PATH, the caller's to free. */
int file_read(const char *path, char **out, struct err *e);
/* Open PATH to write to, made if missing; a descriptor to close. ROOT is --root's argument
 * (NULL: none): a file inside it is refused, for the tree is written by transactions
 * only. */
int file_open(const char *path, const char *root, struct err *e);
/* The same for another option than --output, which messages name. */
int file_open_for(const char *option, const char *path, const char *root, struct err *e);
/* Make TEXT all that FD, opened from PATH, holds. */
int file_write(int fd, const char *path, const char *text, struct err *e);

#endif
