/* grubquote: text made safe for GRUB's script language. The one place where it is done: a
 * title is data, and what is written here is run before the kernel. */
#ifndef PARSE_GRUBQUOTE_H
#define PARSE_GRUBQUOTE_H

#include "base/err.h"
#include "base/str.h"

/* Append TEXT as one word that GRUB reads as exactly TEXT. -EINVAL for control characters
 * (a line end could not be written on one line). */
int grub_quote(struct str *out, const char *text, struct err *e);

/* Append one level of a menu path: TITLE with each '>' doubled (GRUB's
 * normal/menu.c, menuentry_eq). */
void grub_escape_title(struct str *out, const char *title);

#endif
