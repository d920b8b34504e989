/* tuned_conf: a tuned.conf as tuned itself reads it, which is Python's configparser: "="
 * alone parts key and value, "#" after a blank begins a comment, an indented line goes on
 * with the value above it. Our own profiles are stricter: ini.h. */
#ifndef PARSE_TUNED_CONF_H
#define PARSE_TUNED_CONF_H

#include "base/err.h"

#include <stddef.h>

struct tuned_option {
	char *section;
	char *key, *value; /* NULL: the line is the section's head */
	unsigned line, column;
};

struct tuned_conf {
	struct tuned_option *v; /* in the file's order; a key may stand there twice */
	size_t n;
};

/* NAME is for messages: "NAME:line:column: what is wrong". What tuned cannot load either is
 * -EINVAL: a line before the first section, one without "=", a NUL byte. */
int tuned_conf_parse(struct tuned_conf *out, const char *name, const char *text,
		     size_t len, struct err *e);
void tuned_conf_clear(struct tuned_conf *c);
void tuned_option_clear(struct tuned_option *o);

#endif
