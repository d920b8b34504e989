#include "parse/sysctl_d.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "parse/cmdline.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "/a//b/./c/" to "a/b/c", in place. */
static void simplify(char *path)
{
	char *to = path, *from = path;
	size_t n;

	while (*(from += strspn(from, "/"))) {
		n = strcspn(from, "/");
		if (n != 1 || *from != '.') {
			if (to != path)
				*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	*to = '\0';
}

static void swap_separators(char *p)
{
	for (; *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
}

char *sysctl_path(const char *key)
{
	char *path = strdup(key);

	if (path && key[strcspn(key, "./")] == '.')
		swap_separators(path);
	if (path)
		simplify(path);
	return path;
}

char *sysctl_key(const char *path)
{
	char *key;

	/* In dots such a name would be read as two. */
	if (path[strcspn(path, "./")] == '.')
		return str_format("/%s", path);
	key = strdup(path);
	if (key)
		swap_separators(key);
	return key;
}

static bool word_eq(const char *a, size_t a_len, const char *b, size_t b_len)
{
	char *end_a, *end_b;
	long long x, y;

	if (a_len == b_len && memcmp(a, b, a_len) == 0)
		return true;
	x = strtoll(a, &end_a, 0);
	y = strtoll(b, &end_b, 0);
	return a_len && b_len && end_a == a + a_len && end_b == b + b_len && x == y;
}

bool sysctl_value_eq(const char *a, const char *b)
{
	static const char blanks[] = " \t\n";
	size_t n, m;

	if (!a || !b)
		return a == b;
	do {
		a += strspn(a, blanks);
		b += strspn(b, blanks);
		n = strcspn(a, blanks);
		m = strcspn(b, blanks);
		if (!word_eq(a, n, b, m))
			return false;
		a += n;
		b += m;
	} while (n);
	return true;
}

char *sysctl_proc(const char *key)
{
	CLEANUP_FREE char *path = sysctl_path(key);

	return path ? str_format("/proc/sys/%s", path) : NULL;
}

bool sysctl_path_is_glob(const char *path)
{
	return strpbrk(path, "*?[");
}

enum { MAX_PATTERN = 512, MAX_ALTERNATIVES = 256 };

static bool matches(const char *pattern, const char *path, bool braces, unsigned *left);

/* The end of the alternative at P: its ',' or the closing '}'; NULL: never closed. */
static const char *alternative_end(const char *p)
{
	unsigned depth = 0;

	for (; *p; p++) {
		if (!depth && (*p == ',' || *p == '}'))
			return p;
		depth += *p == '{';
		depth -= *p == '}';
	}
	return NULL;
}

static const char *closing_brace(const char *p)
{
	while ((p = alternative_end(p)) && *p != '}')
		p++;
	return p;
}

/* PATTERN with a brace at OPEN, closed at CLOSE: one of its alternatives will do. */
static bool any_matches(const char *pattern, const char *open, const char *close,
			const char *path, unsigned *left)
{
	const char *from = open + 1, *to;
	char one[MAX_PATTERN];
	int n;

	for (;; from = to + 1) {
		to = alternative_end(from);
		n = snprintf(one, sizeof(one), "%.*s%.*s%s", (int)(open - pattern),
			     pattern, (int)(to - from), from, close + 1);
		if (n < (int)sizeof(one) && matches(one, path, true, left))
			return true;
		if (to == close)
			return false;
	}
}

/* LEFT bounds how many patterns a line of braces may come to. */
static bool matches(const char *pattern, const char *path, bool braces, unsigned *left)
{
	const char *open = braces ? strchr(pattern, '{') : NULL;
	const char *close = open ? closing_brace(open + 1) : NULL;

	if (!*left)
		return false;
	--*left;
	return close ? any_matches(pattern, open, close, path, left)
		     : fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0;
}

bool sysctl_line_is_for(const struct sysctl_line *l, const char *path, bool braces)
{
	unsigned left = MAX_ALTERNATIVES;

	return l->glob ? matches(l->path, path, braces, &left)
		       : strcmp(l->path, path) == 0;
}

/* KEY without its '-'. */
static int add(struct sysctl_file *out, const char *key, const char *value, bool may_fail,
	       unsigned line)
{
	struct sysctl_line *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *l;

	if (!v)
		return -ENOMEM;
	out->v = v;
	l = &v[out->n++];
	l->may_fail = may_fail;
	l->path = sysctl_path(key);
	l->glob = l->path && sysctl_path_is_glob(l->path);
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
	return add(out, str_trim(s + (*s == '-')), eq ? str_trim(eq + 1) : NULL,
		   *s == '-', line);
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

/* The kernel takes every '.' for a separator and refuses an empty value. */
static int one_argument(struct sysctl_file *out, const struct cmdline_arg *a)
{
	CLEANUP_FREE char *key = NULL;
	CLEANUP_FREE char *value = NULL;
	char *p;

	if (a->name_len < 8 || !a->value_len || strncmp(a->name, "sysctl", 6) != 0 ||
	    !strchr("./", a->name[6]))
		return 0;
	key = strndup(a->name + 7, a->name_len - 7);
	value = strndup(a->value, a->value_len);
	if (!key || !value)
		return -ENOMEM;
	for (p = key; *p; p++)
		if (*p == '.')
			*p = '/';
	return add(out, key, value, false, (unsigned)out->n + 1);
}

int sysctl_cmdline_parse(struct sysctl_file *out, const char *cmdline)
{
	struct sysctl_file found = { NULL, 0, 0 };
	const char *end = cmdline + strlen(cmdline);
	struct cmdline_arg a;
	int err = 0;

	/* What follows "--" is for the first program. */
	while (!err && cmdline_next(&cmdline, end, &a) && !cmdline_is_end(&a))
		err = one_argument(&found, &a);
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
