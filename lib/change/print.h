/* print: a revert as lines for a shell, where the tool is not at hand. */
#ifndef CHANGE_PRINT_H
#define CHANGE_PRINT_H

#include "base/err.h"
#include "base/str.h"

struct root;
struct undo;

/* Append the lines that do what U says, for a POSIX shell of root's: printable ASCII alone,
 * so that a serial console and a terminal's paste bring them through. What U leaves is a
 * comment. Paths are R's. -EIO: something of it cannot be read; E says what. */
int print_undo(const struct root *r, const struct undo *u, struct strv *out,
	       struct err *e);

#endif
