/* ini: tuned.conf's words, read as tuned reads them: [section], key=value; # and ; begin a
 * comment at the start of a line, # after a blank, too; a line that is indented further than
 * the key before it goes on with that key's value; "..." around a whole value is taken off.
 * The same key again is an entry again: the last one counts. */
#ifndef PARSE_INI_H
#define PARSE_INI_H

#include "base/err.h"

#include <stddef.h>

struct ini_entry {
	char *section, *key, *value;	     /* VALUE: with '\n' where it goes on */
	unsigned line, column, value_column; /* from 1, in bytes */
};

/* A line that is none of it. */
struct ini_mistake {
	unsigned line, column;
	char *text;
};

struct ini {
	struct ini_entry *v;
	size_t n;
	struct ini_mistake *bad;
	size_t n_bad;
};

/* All of TEXT; what is wrong with it is in BAD. 0 or -ENOMEM. Cleared by ini_clear. */
int ini_read(struct ini *out, const char *text, size_t len);
/* The same where a mistake is the end. NAME is for messages: "NAME:line:column: what is
 * wrong". A key outside a section, a line that is neither, a control character: -EINVAL. */
int ini_parse(struct ini *out, const char *name, const char *text, size_t len,
	      struct err *e);
void ini_clear(struct ini *i);

#endif
