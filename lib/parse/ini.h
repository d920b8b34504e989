/* ini: tuned.conf's words: [section], key=value, # and ; comments, quoted values. */
#ifndef PARSE_INI_H
#define PARSE_INI_H

#include "base/err.h"

#include <stddef.h>

struct ini_entry {
	char *section, *key, *value;
	unsigned line;
};

struct ini {
	struct ini_entry *v;
	size_t n;
};

/* NAME is for messages: "NAME:line:column: what is wrong". A key outside a section, a line
 * that is neither, a NUL byte, an unclosed quote: -EINVAL. Cleared by ini_clear. */
int ini_parse(struct ini *out, const char *name, const char *text, size_t len,
	      struct err *e);
void ini_clear(struct ini *i);

#endif
