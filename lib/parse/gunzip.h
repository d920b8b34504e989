/* gunzip: unpack a gzip file held in memory (/proc/config.gz). */
#ifndef PARSE_GUNZIP_H
#define PARSE_GUNZIP_H

#include <stddef.h>

/* The unpacked bytes, NUL terminated besides, the caller's to free. -EINVAL: not gzip or
 * cut short; -EFBIG: longer than MAX. */
int gunzip(const char *packed, size_t len, size_t max, char **out, size_t *out_len);
/* What it begins with: some WANT bytes, or all of it; whether the rest is sound is not
 * known. */
int gunzip_start(const char *packed, size_t len, size_t want, char **out,
		 size_t *out_len);

#endif
