/* embedded: files of the source tree inside the binary (made by packaging/embed), so that
 * the binary alone does everything. */
#ifndef PROFILE_EMBEDDED_H
#define PROFILE_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char *name; /* the file's, without folder and suffix */
	const char *text; /* NUL terminated besides */
	size_t len;
};

/* profiles/NAME.conf, sorted by file name. */
extern const struct embedded embedded_profiles[];
extern const size_t embedded_profiles_n;

#endif
