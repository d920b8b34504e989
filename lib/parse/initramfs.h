/* initramfs: what an image begins with. No more is looked at here. */
#ifndef PARSE_INITRAMFS_H
#define PARSE_INITRAMFS_H

#include <stddef.h>

/* Enough of an image for initramfs_kind. */
#define INITRAMFS_HEAD 8

/* The first bytes name an archive or a compression that the kernel unpacks: "cpio",
 * "gzip", "xz", ...; literal. NULL: none of them. */
const char *initramfs_kind(const void *head, size_t len);

#endif
