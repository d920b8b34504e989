/* flatten: JSON as lines of key and value, so that two reports can be compared: objects by
 * their keys ("kernel.release"), lists of objects by what names each of them
 * ("findings[id=uring.disabled].status"), else by place; a list of scalars is one value. */
#ifndef PARSE_FLATTEN_H
#define PARSE_FLATTEN_H

#include "parse/jsontext.h"

/* TYPE tells "1" from 1; a list is JSONTEXT_ARRAY, its values joined by ", ". KEY and VALUE
 * are lent for the call. < 0 ends it. */
typedef int flatten_take(void *data, const char *key, enum jsontext_type type,
			 const char *value);

/* Members named in WITHOUT (ended by NULL; may be NULL) are left out, at any depth. 0;
 * -E2BIG when a key grows too long; what TAKE returned. */
int flatten(const struct jsontext *j, const char *const *without, flatten_take *take,
	    void *data);

#endif
