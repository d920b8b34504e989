/* osrelease: os-release(5), the file in which a distribution names itself. */
#ifndef PARSE_OSRELEASE_H
#define PARSE_OSRELEASE_H

#include <stddef.h>

struct osrelease {
	/* Owned; NULL where the file does not say. */
	char *name, *id, *id_like, *version_id, *pretty_name;
};

/* Of two assignments the later one counts; one that a shell would expand says nothing.
 * 0 or -ENOMEM. */
int osrelease_parse(struct osrelease *out, const char *text, size_t len);
void osrelease_clear(struct osrelease *o);

static inline void cleanup_osrelease(struct osrelease *o)
{
	osrelease_clear(o);
}

#endif
