#include "parse/tuned_conf.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *name;
	struct tuned_conf *out;
	char *section;	  /* NULL: none has begun */
	struct str value; /* of the option at work, as far as it is read */
	bool in_option;
	size_t indent; /* of the last line that went on with nothing */
	unsigned line;
};

static int bad(const struct reader *r, size_t column, struct err *e, const char *what)
{
	return err_set(e, -EINVAL, "%s:%u:%zu: %s", r->name, r->line, column, what);
}

/* How much of LINE is no comment. */
static size_t uncommented(const char *line)
{
	const char *p;
	size_t blank = strspn(line, " \t\r\f\v");

	if (line[blank] == '#' || line[blank] == ';')
		return 0;
	for (p = line; (p = strchr(p, '#')); p++)
		if (p > line && strchr(" \t\r\f\v", p[-1]))
			return (size_t)(p - line);
	return strlen(line);
}

/* The option at work is complete: give it its value. */
static int end_option(struct reader *r)
{
	char *text = r->in_option ? str_take(&r->value) : NULL;

	if (!r->in_option)
		return 0;
	r->in_option = false;
	r->out->v[r->out->n - 1].value = text;
	if (text)
		while (*text && strchr(" \t\r\n\f\v", text[strlen(text) - 1]))
			text[strlen(text) - 1] = '\0';
	return text ? 0 : -ENOMEM;
}

/* KEY NULL: a section's head. */
static int add(struct reader *r, const char *key, size_t column)
{
	struct tuned_conf *c = r->out;
	struct tuned_option *v = realloc(c->v, (c->n + 1) * sizeof(*v)), *o;

	if (!v)
		return -ENOMEM;
	c->v = v;
	o = &v[c->n++];
	*o = (struct tuned_option){ .section = strdup(r->section),
				    .key = key ? strdup(key) : NULL,
				    .line = r->line,
				    .column = (unsigned)column };
	return o->section && (o->key || !key) ? 0 : -ENOMEM;
}

static int begin_section(struct reader *r, char *s, size_t column)
{
	*strrchr(s, ']') = '\0';
	free(r->section);
	r->section = strdup(s + 1);
	return r->section ? add(r, NULL, column) : -ENOMEM;
}

static int begin_option(struct reader *r, char *s, size_t column, struct err *e)
{
	char *eq = strchr(s, '='), *key;
	int err;

	if (!r->section)
		return bad(r, column, e, "a line before the first [section]");
	if (!eq)
		return bad(r, column, e, "expected key=value");
	*eq = '\0';
	key = str_trim(s);
	if (!*key)
		return bad(r, column, e, "a key is missing before '='");
	err = add(r, key, column);
	if (err < 0)
		return err;
	r->in_option = true;
	str_add(&r->value, str_trim(eq + 1));
	return 0;
}

static int one_line(struct reader *r, char *line, struct err *e)
{
	size_t end = uncommented(line), indent = strspn(line, " \t\r\f\v");
	bool comment = line[end];
	char *s, *close;
	int err;

	line[end] = '\0';
	s = str_trim(line);
	if (!*s) {
		/* An empty line belongs to the value, if that goes on behind it. */
		if (!comment && r->in_option)
			str_addc(&r->value, '\n');
		return 0;
	}
	if (r->in_option && indent > r->indent) {
		str_addf(&r->value, "\n%s", s);
		return 0;
	}
	r->indent = indent;
	err = end_option(r);
	if (err < 0)
		return err;
	close = *s == '[' ? strrchr(s, ']') : NULL;
	return close > s + 1 ? begin_section(r, s, indent + 1)
			     : begin_option(r, s, indent + 1, e);
}

int tuned_conf_parse(struct tuned_conf *out, const char *name, const char *text,
		     size_t len, struct err *e)
{
	struct tuned_conf found = { NULL, 0 };
	struct reader r = { .name = name, .out = &found, .value = STR_INIT };
	const char *cur = text, *line;
	size_t n;
	int err = 0, ended;

	while (!err && (line = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);

		r.line++;
		if (!copy)
			err = -ENOMEM;
		else if (memchr(line, '\0', n))
			err = bad(&r, 1, e, "a NUL byte");
		else
			err = one_line(&r, copy, e);
	}
	ended = end_option(&r);
	free(r.section);
	err = err ? err : ended;
	if (err) {
		tuned_conf_clear(&found);
		return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
	}
	*out = found;
	return 0;
}

void tuned_option_clear(struct tuned_option *o)
{
	free(o->section);
	free(o->key);
	free(o->value);
	*o = (struct tuned_option){ 0 };
}

void tuned_conf_clear(struct tuned_conf *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		tuned_option_clear(&c->v[i]);
	free(c->v);
	*c = (struct tuned_conf){ NULL, 0 };
}
