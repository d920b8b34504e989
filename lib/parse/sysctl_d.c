#include "parse/sysctl_d.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *sysctl_path(const char *key)
{
	size_t first = strcspn(key, "./");
	char *path = strdup(key), *p;

	if (!path || key[first] != '.')
		return path;
	for (p = path; *p; p++)
		if (*p == '.')
			*p = '/';
		else if (*p == '/')
			*p = '.';
	return path;
}

bool sysctl_path_is_glob(const char *path)
{
	return strpbrk(path, "*?[");
}

static int add(struct sysctl_file *out, char *key, const char *value, unsigned line)
{
	struct sysctl_line *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *l;

	if (!v)
		return -ENOMEM;
	out->v = v;
	l = &v[out->n++];
	l->may_fail = *key == '-';
	l->path = sysctl_path(key + l->may_fail);
	l->value = value ? strdup(value) : NULL;
	l->line = line;
	return l->path && (l->value || !value) ? 0 : -ENOMEM;
}

static int one_line(struct sysctl_file *out, char *text, unsigned line)
{
	char *s = str_trim(text), *eq = strchr(s, '=');

	if (!*s || *s == '#' || *s == ';')
		return 0;
	if (eq)
		*eq = '\0';
	if (!*str_trim(s) || (!eq && *s != '-')) {
		if (!out->bad_line)
			out->bad_line = line;
		return 0;
	}
	return add(out, str_trim(s), eq ? str_trim(eq + 1) : NULL, line);
}

int sysctl_d_parse(struct sysctl_file *out, const char *text, size_t len)
{
	struct sysctl_file found = { NULL, 0, 0 };
	const char *cur = text, *start;
	unsigned line = 0;
	size_t n;
	int err = 0;

	while (!err && (start = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(start, n);

		err = copy ? one_line(&found, copy, ++line) : -ENOMEM;
	}
	if (err) {
		sysctl_file_clear(&found);
		return err;
	}
	*out = found;
	return 0;
}

void sysctl_file_clear(struct sysctl_file *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct sysctl_file){ NULL, 0, 0 };
}
