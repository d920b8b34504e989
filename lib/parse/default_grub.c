#include "parse/default_grub.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A word of shell as its text: quotes and backslashes taken off. -EINVAL: it would be
 * expanded, or goes on over the end of the line. */
static int plain_word(const char *s, char **out)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	char quote = '\0';

	for (; *s && (quote || (*s != ' ' && *s != '\t' && *s != ';')); s++) {
		if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? '\0' : *s;
			continue;
		}
		if (quote != '\'' && (*s == '$' || *s == '`'))
			return -EINVAL;
		if (quote != '\'' && *s == '\\') {
			if (!s[1])
				return -EINVAL;
			if (quote && !strchr("$`\"\\", s[1]))
				str_addc(&text, '\\');
			s++;
		}
		str_addc(&text, *s);
	}
	if (quote)
		return -EINVAL;
	*out = str_take(&text);
	return *out ? 0 : -ENOMEM;
}

int default_grub_get(const char *text, size_t len, const char *name, char **out)
{
	CLEANUP_FREE char *value = NULL;
	const char *cur = text, *line;
	size_t n, m = strlen(name);
	int err = 0;

	while ((line = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);
		char *p;

		if (!copy)
			return -ENOMEM;
		p = str_trim(copy);
		if (str_has_prefix(p, "export "))
			p = str_trim(p + strlen("export "));
		if (strncmp(p, name, m) != 0 || p[m] != '=')
			continue;
		free(value);
		value = NULL;
		err = plain_word(p + m + 1, &value);
		if (err == -ENOMEM)
			return err;
	}
	if (err < 0)
		return err;
	if (!value)
		return 0;
	*out = TAKE_PTR(value);
	return 1;
}
