/* bls: files of /boot/loader/entries (Boot Loader Specification), as EL8's GRUB reads
 * them. */
#ifndef PARSE_BLS_H
#define PARSE_BLS_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

struct bls {
	char *title, *version, *kernel; /* NULL: no such line. The last one counts */
	char *options;			/* all of them, joined by blanks; NULL: none */
	struct strv initrds;
};

/* -EINVAL for text that is none (NUL bytes), -ENOMEM. Keys we have no use for are
 * skipped, as by the specification. */
int bls_parse(struct bls *out, const char *text, size_t len, struct err *e);
void bls_clear(struct bls *b);

/* How rpm orders two versions: < 0, 0, > 0. */
int rpm_vercmp(const char *a, const char *b);
/* How GRUB's blscfg orders two ids (names of files without .conf): each cut into name,
 * version and release at its last two '-', each compared as rpm does. */
int bls_compare(const char *a, const char *b);

#endif
