/* file: the caller's own files; the only place that opens them. */
#ifndef CMD_FILE_H
#define CMD_FILE_H

#include "base/err.h"

#include <stdbool.h>

/* The whole of PATH, a text (no NUL in it), the caller's to free. */
int file_read(const char *path, char **out, struct err *e);
/* Open PATH to write to, made if missing (*MADE says so); a descriptor to close. ROOT is
 * --root's argument (NULL: none): a file inside it is refused, for the tree is written by
 * transactions only. */
int file_open(const char *path, const char *root, bool *made, struct err *e);
/* The same for another option than --output, which messages name. */
int file_open_for(const char *option, const char *path, const char *root, bool *made,
		  struct err *e);
/* Are both descriptors of one ordinary file? */
bool file_is_same(int a, int b);
/* Take back what file_open made of PATH. */
void file_unmake(int fd, const char *path);
/* Make TEXT all that FD, opened from PATH, holds. */
int file_write(int fd, const char *path, const char *text, struct err *e);
/* Make a file of TEXT: complete, or not there. 1; 0 when PATH holds just that already;
 * -EEXIST when it is there and something else, which is never overwritten; -EINVAL inside
 * ROOT. */
int file_create(const char *path, const char *root, const char *text, struct err *e);

#endif
