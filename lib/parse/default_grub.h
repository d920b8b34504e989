/* default_grub: one setting of /etc/default/grub or /etc/sysconfig/kernel. These are shell
 * scripts; only plain assignments are understood. */
#ifndef PARSE_DEFAULT_GRUB_H
#define PARSE_DEFAULT_GRUB_H

#include <stddef.h>

/* The value of the last NAME=value, quotes taken off, the caller's to free: 1 found, 0 not
 * there, -EINVAL when its value is more than a plain text ($x, `command`), -ENOMEM. */
int default_grub_get(const char *text, size_t len, const char *name, char **out);

#endif
