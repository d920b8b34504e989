#include "parse/accounts.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cuts LINE at its colons; how many fields of at most N there are. */
static size_t split(char *line, char **field, size_t n)
{
	size_t i = 0;
	char *p;

	for (p = line; p && i < n; i++) {
		field[i] = p;
		p = strchr(p, ':');
		if (p)
			*p++ = '\0';
	}
	return i;
}

static bool is_number(const char *text, uint32_t id)
{
	uint64_t v;

	return str_to_u64(text, 0, UINT32_MAX, &v) == 0 && v == id;
}

int accounts_group(const char *group, uint32_t id, char **name, char **members)
{
	const char *cur = group, *end = group + strlen(group), *line;
	char *field[4];
	size_t len;

	while ((line = str_line(&cur, end, &len))) {
		CLEANUP_FREE char *copy = strndup(line, len);

		if (!copy)
			return -ENOMEM;
		if (split(copy, field, 4) < 4 || !is_number(field[2], id))
			continue;
		*name = strdup(field[0]);
		*members = strdup(str_trim(field[3]));
		if (*name && *members)
			return 1;
		free(*name);
		free(*members);
		*name = *members = NULL;
		return -ENOMEM;
	}
	return 0;
}

unsigned accounts_primary(const char *passwd, uint32_t id)
{
	const char *cur = passwd, *end = passwd + strlen(passwd), *line;
	unsigned count = 0;
	char *field[5];
	size_t len;

	while ((line = str_line(&cur, end, &len))) {
		CLEANUP_FREE char *copy = strndup(line, len);

		/* name:password:uid:gid:... */
		count += copy && split(copy, field, 5) == 5 && is_number(field[3], id);
	}
	return count;
}
