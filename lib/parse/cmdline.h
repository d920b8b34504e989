/* cmdline: the kernel's arguments, parted as the kernel does it (lib/cmdline.c,
 * next_arg): at blanks outside double quotes. */
#ifndef PARSE_CMDLINE_H
#define PARSE_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>

/* A word: NAME, or NAME=VALUE. Both point into the text and end where their length says;
 * quotes around the value or the whole word are outside of them. */
struct cmdline_arg {
	const char *name, *value; /* value NULL: no '=' */
	size_t name_len, value_len;
};

/* The next argument of [*CUR, END); false at the end. */
bool cmdline_next(const char **cur, const char *end, struct cmdline_arg *out);
/* Is it "--"? What follows is for init, and the caller's to leave. */
bool cmdline_is_end(const struct cmdline_arg *a);

/* The value of the last NAME= before "--" ('-' and '_' are the same in a name); a copy,
 * the caller's to free. 1 found, 0 not there (or without a value), -ENOMEM. */
int cmdline_get(const char *text, const char *name, char **out);

#endif
