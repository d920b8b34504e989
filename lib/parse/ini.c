#include "parse/ini.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct where {
	const char *name;
	unsigned line;
	const char *start; /* of the line, for the column */
};

static int bad(const struct where *w, const char *at, struct err *e, const char *what)
{
	return err_set(e, -EINVAL, "%s:%u:%u: %s", w->name, w->line,
		       (unsigned)(at - w->start) + 1, what);
}

static int add(struct ini *out, const char *section, const char *key, const char *value,
	       unsigned line)
{
	struct ini_entry *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *i;

	if (!v)
		return -ENOMEM;
	out->v = v;
	i = &v[out->n++];
	i->section = strdup(section);
	i->key = strdup(key);
	i->value = strdup(value);
	i->line = line;
	return i->section && i->key && i->value ? 0 : -ENOMEM;
}

/* Cut a comment that follows blanks off an unquoted value, or the quotes off a quoted
 * one. VALUE is trimmed already. */
static int plain_value(const struct where *w, char *value, const char *at, char **out,
		       struct err *e)
{
	char *p;

	*out = value;
	if (*value == '"' || *value == '\'') {
		p = strchr(value + 1, *value);
		if (!p)
			return bad(w, at, e, "a quote is not closed");
		*p = '\0';
		p = str_trim(p + 1);
		if (*p && *p != '#' && *p != ';')
			return bad(w, at, e, "text after the closing quote");
		*out = value + 1;
		return 0;
	}
	for (p = value; *p; p++)
		if ((*p == '#' || *p == ';') &&
		    (p == value || p[-1] == ' ' || p[-1] == '\t')) {
			*p = '\0';
			break;
		}
	*out = str_trim(value);
	return 0;
}

static int one_line(struct ini *out, struct where *w, char *line, char **section,
		    struct err *e)
{
	char *s = str_trim(line), *eq, *value;
	const char *at;
	int err;

	if (!*s || *s == '#' || *s == ';')
		return 0;
	w->start = line;
	if (*s == '[') {
		char *end = strchr(s, ']');

		if (!end || end[1] || end == s + 1)
			return bad(w, s, e, "expected [section]");
		*end = '\0';
		free(*section);
		*section = strdup(str_trim(s + 1));
		return *section ? 0 : -ENOMEM;
	}
	eq = strchr(s, '=');
	if (!eq)
		return bad(w, s, e, "expected key=value");
	*eq = '\0';
	at = eq + 1;
	if (!*str_trim(s))
		return bad(w, s, e, "a key is missing before '='");
	if (!*section)
		return bad(w, s, e, "a key before the first [section]");
	err = plain_value(w, str_trim(eq + 1), at, &value, e);
	return err < 0 ? err : add(out, *section, str_trim(s), value, w->line);
}

int ini_parse(struct ini *out, const char *name, const char *text, size_t len,
	      struct err *e)
{
	CLEANUP_FREE char *section = NULL;
	struct where w = { name, 0, NULL };
	const char *cur = text, *line;
	struct ini found = { NULL, 0 };
	size_t n;
	int err = 0;

	while (!err && (line = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);

		w.line++;
		if (!copy)
			err = -ENOMEM;
		else if (memchr(line, '\0', n))
			err = err_set(e, -EINVAL, "%s:%u:1: a NUL byte", name, w.line);
		else
			err = one_line(&found, &w, copy, &section, e);
	}
	if (err) {
		ini_clear(&found);
		return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
	}
	*out = found;
	return 0;
}

void ini_clear(struct ini *i)
{
	size_t k;

	for (k = 0; k < i->n; k++) {
		free(i->v[k].section);
		free(i->v[k].key);
		free(i->v[k].value);
	}
	free(i->v);
	*i = (struct ini){ NULL, 0 };
}
