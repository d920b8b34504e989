/* block: our marked lines in somebody else's file.
 *
 *   # uringprep begin
 *   ...
 *   # uringprep end
 *
 * The begin mark also tells how the file was before, where that could not be seen any
 * more, so that taking the block out gives the very bytes back. */
#ifndef PARSE_BLOCK_H
#define PARSE_BLOCK_H

#include "base/str.h"

#include <stddef.h>

/* Where a block is in a text; lent by it. */
struct block {
	const char *begin, *end; /* with its marks */
	const char *from, *to;	 /* between them */
};

/* 1 found, 0 not there, -EINVAL: marks that do not match (somebody edited them). */
int block_find(const char *text, struct block *out);

/* Append to OUT the TEXT (NULL: there is no file) with INNER as our block, in place of
 * what the block held or at the end; INNER NULL: without the block. Is there a file then?
 * 1 yes, 0 no (we had made it); -EINVAL as above, or -ENOMEM. */
int block_put(const char *text, size_t len, const char *inner, struct str *out);

#endif
