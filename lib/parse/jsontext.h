/* jsontext: JSON as places in its text, for what must be kept to the byte where it is not
 * edited, and for reading many files in little memory. Strict (RFC 8259), no copies. */
#ifndef PARSE_JSONTEXT_H
#define PARSE_JSONTEXT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jsontext_type {
	JSONTEXT_NULL,
	JSONTEXT_FALSE,
	JSONTEXT_TRUE,
	JSONTEXT_NUMBER,
	JSONTEXT_STRING,
	JSONTEXT_ARRAY,
	JSONTEXT_OBJECT,
};

/* A value is text[from..to), a string with its quotes. What it holds follows it: an
 * array's values, an object's keys and values by turns; NEXT is the first value behind. */
struct jsontext_value {
	uint32_t from, to, next;
	enum jsontext_type type;
};

/* v[0] is the document. TEXT is lent. */
struct jsontext {
	const char *text;
	struct jsontext_value *v;
	size_t n, cap;
};

/* 0; -EINVAL with "NAME:line:column: what" in E; -EFBIG over 64 MiB; -ENOMEM. */
int jsontext_parse(struct jsontext *j, const char *name, const char *text, size_t len,
		   struct err *e);
void jsontext_clear(struct jsontext *j);

/* Append string AT as what it means, in UTF-8; a NUL in it as "\u0000". */
void jsontext_string(const struct jsontext *j, size_t at, struct str *out);
bool jsontext_is(const struct jsontext *j, size_t at, const char *word);

/* How often object OBJ has KEY; where the value of the last one is through AT. */
size_t jsontext_find(const struct jsontext *j, size_t obj, const char *key, size_t *at);

/* For CLEANUP(). */
static inline void cleanup_jsontext(struct jsontext *j)
{
	jsontext_clear(j);
}

#endif
