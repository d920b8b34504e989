#include "parse/ini.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct ini *out;
	unsigned line;
	const char *start; /* of the line, for the column */
	char *section;	   /* NULL: before the first */
	size_t indent;	   /* of the last line that was a key or a section */
	bool open;	   /* lines further in go on with the last entry's value */
	unsigned empty;	   /* lines since that value */
};

static int bad(struct reader *r, const char *at, const char *text)
{
	struct ini *o = r->out;
	struct ini_mistake *v = realloc(o->bad, (o->n_bad + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	o->bad = v;
	v[o->n_bad] = (struct ini_mistake){ r->line, (unsigned)(at - r->start) + 1,
					    strdup(text) };
	return v[o->n_bad++].text ? 0 : -ENOMEM;
}

static int add(struct reader *r, const char *key, const char *value, const char *at)
{
	struct ini *o = r->out;
	struct ini_entry *v = realloc(o->v, (o->n + 1) * sizeof(*v)), *i;

	if (!v)
		return -ENOMEM;
	o->v = v;
	i = &v[o->n++];
	*i = (struct ini_entry){ strdup(r->section),
				 strdup(key),
				 strdup(value),
				 r->line,
				 (unsigned)(key - r->start) + 1,
				 (unsigned)(at - r->start) + 1 };
	r->open = true;
	return i->section && i->key && i->value ? 0 : -ENOMEM;
}

/* The line is more of the last entry's value. */
static int go_on(struct reader *r, const char *text)
{
	struct ini_entry *i = &r->out->v[r->out->n - 1];
	CLEANUP(cleanup_str) struct str value = STR_INIT;
	char *whole;

	str_add(&value, i->value);
	for (; r->empty; r->empty--)
		str_addc(&value, '\n');
	str_addc(&value, '\n');
	str_add(&value, text);
	whole = str_take(&value);
	if (!whole)
		return -ENOMEM;
	free(i->value);
	i->value = whole;
	return 0;
}

static int add_section(struct reader *r, char *s)
{
	char *end = strchr(s, ']');

	r->open = false;
	if (!end || end[1] || end == s + 1 || s[1] == ' ' || s[1] == '\t' ||
	    end[-1] == ' ' || end[-1] == '\t')
		return bad(r, s, "expected [section], and nothing else on the line");
	*end = '\0';
	free(r->section);
	r->section = strdup(s + 1);
	return r->section ? 0 : -ENOMEM;
}

static int add_key(struct reader *r, char *s)
{
	char *eq = strchr(s, '='), *value;

	r->open = false;
	if (!eq)
		return bad(r, s, "expected key=value");
	*eq = '\0';
	value = str_trim(eq + 1);
	if (!*str_trim(s))
		return bad(r, eq, "a key is missing before '='");
	if (!r->section)
		return bad(r, s, "a key before the first [section]");
	return add(r, s, value, *value ? value : eq + 1);
}

/* The first character that tuned takes for the end of a line, or for a blank; or NULL. */
static const char *control(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t' &&
		    !(line[i] == '\r' && i + 1 == n))
			return &line[i];
	return NULL;
}

/* What follows a comment's sign is cut off. Is there one? */
static bool cut_comment(char *line)
{
	char *p = line + strspn(line, " \t");

	if (*p != ';')
		while (*p && !(*p == '#' && (p == line || p[-1] == ' ' || p[-1] == '\t')))
			p++;
	if (!*p)
		return false;
	*p = '\0';
	return true;
}

static int one_line(struct reader *r, char *line)
{
	size_t indent = strspn(line, " \t");
	bool comment = cut_comment(line);
	char *s = str_trim(line);

	r->start = line;
	if (!*s) {
		r->empty += !comment;
		return 0;
	}
	if (r->open && indent > r->indent)
		return go_on(r, s);
	r->indent = indent;
	r->empty = 0;
	return *s == '[' ? add_section(r, s) : add_key(r, s);
}

/* "..." off a whole value. */
static void unquote(char *value)
{
	size_t n = strlen(value);

	if (n < 2 || value[0] != '"' || value[n - 1] != '"' || strchr(value, '\n'))
		return;
	memmove(value, value + 1, n - 2);
	value[n - 2] = '\0';
}

int ini_read(struct ini *out, const char *text, size_t len)
{
	struct ini found = { NULL, 0, NULL, 0 };
	struct reader r = { .out = &found };
	const char *cur = text, *line, *at;
	size_t n, i;
	int err = 0;

	while (!err && (line = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);

		r.line++;
		r.start = line;
		at = control(line, n);
		if (!copy)
			err = -ENOMEM;
		else if (at)
			err = bad(&r, at, *at ? "a control character" : "a NUL byte");
		else
			err = one_line(&r, copy);
	}
	for (i = 0; i < found.n && !err; i++)
		unquote(found.v[i].value);
	free(r.section);
	if (err < 0) {
		ini_clear(&found);
		return err;
	}
	*out = found;
	return 0;
}

int ini_parse(struct ini *out, const char *name, const char *text, size_t len,
	      struct err *e)
{
	int err = ini_read(out, text, len);

	if (err < 0)
		return err_set(e, err, "out of memory");
	if (!out->n_bad)
		return 0;
	err_set(e, 0, "%s:%u:%u: %s", name, out->bad[0].line, out->bad[0].column,
		out->bad[0].text);
	ini_clear(out);
	return -EINVAL;
}

void ini_clear(struct ini *i)
{
	size_t k;

	for (k = 0; k < i->n; k++) {
		free(i->v[k].section);
		free(i->v[k].key);
		free(i->v[k].value);
	}
	for (k = 0; k < i->n_bad; k++)
		free(i->bad[k].text);
	free(i->v);
	free(i->bad);
	*i = (struct ini){ NULL, 0, NULL, 0 };
}
