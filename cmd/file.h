/* file: the caller's own files; the only place that opens them. */
#ifndef CMD_FILE_H
#define CMD_FILE_H

#include "base/err.h"

/* The whole of PATH, the caller's to free. */
int file_read(const char *path, char **out, struct err *e);
/* Write TEXT to PATH, made or truncated. ROOT is --root's argument (NULL: none): a file
 * inside it is refused, for the tree is written by transactions only. */
int file_write(const char *path, const char *root, const char *text, struct err *e);

#endif
