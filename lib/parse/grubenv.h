/* grubenv: GRUB's environment block, the 1024 bytes that both GRUB and Linux write.
 *
 * "# GRUB Environment Block\n", lines "NAME=VALUE\n", then '#' up to the end. In values
 * only '\' and newline are escaped, with '\' (GRUB's include/grub/lib/envblk.h). */
#ifndef PARSE_GRUBENV_H
#define PARSE_GRUBENV_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

#define GRUBENV_SIZE 1024

/* Is this a block that may be written? Exactly 1024 bytes, the signature, only comments
 * and assignments, '#' to the end. 0 or -EINVAL; the message says what is wrong, without
 * a path. */
int grubenv_check(const char *block, size_t len, struct err *e);

/* The value of NAME, unescaped, the caller's to free: 1 found, 0 not there, -EINVAL when
 * this is no block, -ENOMEM. Any length with the signature will do: GRUB reads such too. */
int grubenv_get(const char *block, size_t len, const char *name, char **out);

/* Call FN with each variable, as GRUB's load_env reads them; a negative answer of FN ends
 * it and is returned. -EINVAL without the signature (GRUB then loads nothing). */
int grubenv_each(const char *block, size_t len,
		 int (*fn)(void *data, const char *name, const char *value), void *data);

/* Append the line "NAME=VALUE", escaped as a block has it. */
void grubenv_append(struct str *s, const char *name, const char *value);

/* Set NAME, or take it out when VALUE is NULL. -EINVAL: no good block, or a NAME that is
 * no name; -ENOSPC: no room. Then nothing is changed, and the message says why. */
int grubenv_set(char block[GRUBENV_SIZE], const char *name, const char *value,
		struct err *e);

#endif
