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

static bool to_number(const char *text, uint32_t *out)
{
	uint64_t v;

	if (str_to_u64(text, 0, UINT32_MAX, &v) < 0)
		return false;
	*out = (uint32_t)v;
	return true;
}

int accounts_number(const char *file, const char *name, uint32_t *id, uint32_t *gid)
{
	const char *cur = file, *end = file + strlen(file), *line;
	char *field[5];
	size_t len, n;

	while ((line = str_line(&cur, end, &len))) {
		CLEANUP_FREE char *copy = strndup(line, len);

		if (!copy)
			return -ENOMEM;
		n = split(copy, field, 5);
		if (n >= 3 && strcmp(field[0], name) == 0 && to_number(field[2], id) &&
		    (!gid || (n >= 4 && to_number(field[3], gid))))
			return 1;
	}
	return 0;
}

static bool is_member(char *members, const char *account)
{
	char *word, *rest = NULL;

	for (word = strtok_r(members, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		if (strcmp(str_trim(word), account) == 0)
			return true;
	return false;
}

int accounts_groups_of(const char *group, const char *account, gid_t **gids, size_t *n)
{
	const char *cur = group, *end = group + strlen(group), *line;
	char *field[4];
	size_t len;

	while ((line = str_line(&cur, end, &len))) {
		CLEANUP_FREE char *copy = strndup(line, len);
		uint32_t gid;
		gid_t *more;

		if (!copy)
			return -ENOMEM;
		if (split(copy, field, 4) < 4 || !is_member(field[3], account) ||
		    !to_number(field[2], &gid))
			continue;
		more = realloc(*gids, (*n + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		*gids = more;
		more[(*n)++] = (gid_t)gid;
	}
	return 0;
}
