#include "parse/jsontext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 64, MAX_TEXT = 64 * 1024 * 1024 };

struct reader {
	struct jsontext *j;
	const char *name, *p, *end;
	struct err *e;
};

static int refuse(const struct reader *r, const char *at, const char *what)
{
	const char *line = r->j->text, *p;
	size_t lines = 1;

	for (p = line; p < at; p++)
		if (*p == '\n') {
			lines++;
			line = p + 1;
		}
	return err_set(r->e, -EINVAL, "%s:%zu:%zu: %s", r->name, lines,
		       (size_t)(at - line) + 1, what);
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end &&
	       (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool is_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static bool skip_char(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* The number of "\uXXXX" at P, of which END is the end; -1 when it is none. */
static int32_t unicode_escape(const char *p, const char *end)
{
	int32_t value = 0;
	int i;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (i = 2; i < 6; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static int read_string(struct reader *r)
{
	const char *start = r->p++;

	while (r->p < r->end && *r->p != '"') {
		if ((unsigned char)*r->p < 0x20)
			return refuse(r, r->p, "a control character in a string");
		if (*r->p != '\\') {
			r->p++;
			continue;
		}
		if (unicode_escape(r->p, r->end) >= 0)
			r->p += 6;
		else if (r->end - r->p >= 2 && r->p[1] && strchr("\"\\/bfnrt", r->p[1]))
			r->p += 2;
		else
			return refuse(r, r->p, "no such escape in a string");
	}
	return skip_char(r, '"') ? 0 : refuse(r, start, "a string is not closed");
}

static int read_digits(struct reader *r)
{
	if (!is_digit(r))
		return refuse(r, r->p, "expected a digit");
	while (is_digit(r))
		r->p++;
	return 0;
}

static int read_number(struct reader *r)
{
	int err;

	skip_char(r, '-');
	err = skip_char(r, '0') ? 0 : read_digits(r);
	if (!err && skip_char(r, '.'))
		err = read_digits(r);
	if (!err && r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->p++;
		if (!skip_char(r, '-'))
			skip_char(r, '+');
		err = read_digits(r);
	}
	return err;
}

static int read_word(struct reader *r, enum jsontext_type *type)
{
	static const struct {
		const char *word;
		enum jsontext_type type;
	} words[] = {
		{ "null", JSONTEXT_NULL },
		{ "false", JSONTEXT_FALSE },
		{ "true", JSONTEXT_TRUE },
	};
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if ((size_t)(r->end - r->p) < n || memcmp(r->p, words[i].word, n) != 0)
			continue;
		r->p += n;
		*type = words[i].type;
		return 0;
	}
	return refuse(r, r->p, "expected a JSON value");
}

static int add_value(struct reader *r, enum jsontext_type type)
{
	struct jsontext *j = r->j;

	if (j->n == j->cap) {
		size_t cap = j->cap ? 2 * j->cap : 256;
		struct jsontext_value *v = realloc(j->v, cap * sizeof(*v));

		if (!v)
			return err_set(r->e, -ENOMEM, "out of memory");
		j->v = v;
		j->cap = cap;
	}
	j->v[j->n++] = (struct jsontext_value){ (uint32_t)(r->p - j->text), 0, 0, type };
	return 0;
}

static int read_value(struct reader *r, int depth);

static int read_key(struct reader *r)
{
	size_t at = r->j->n;
	int err = r->p < r->end && *r->p == '"' ? read_value(r, 0)
						: refuse(r, r->p, "expected a key");

	if (err < 0)
		return err;
	r->j->v[at].next = (uint32_t)r->j->n;
	skip_blanks(r);
	return skip_char(r, ':') ? 0 : refuse(r, r->p, "expected ':'");
}

/* What stands between the brackets; r->p is behind the first. */
static int read_members(struct reader *r, bool keys, int depth)
{
	char last = keys ? '}' : ']';
	int err = 0;

	if (depth == DEPTH)
		return refuse(r, r->p - 1, "too deep");
	skip_blanks(r);
	if (skip_char(r, last))
		return 0;
	for (;;) {
		skip_blanks(r);
		if (keys)
			err = read_key(r);
		if (!err)
			err = read_value(r, depth + 1);
		if (err < 0)
			return err;
		skip_blanks(r);
		if (skip_char(r, last))
			return 0;
		if (!skip_char(r, ','))
			return refuse(r, r->p,
				      keys ? "expected ',' or '}'"
					   : "expected ',' or ']'");
	}
}

static int read_value(struct reader *r, int depth)
{
	size_t at = r->j->n;
	enum jsontext_type type = JSONTEXT_NULL;
	char first;
	int err;

	skip_blanks(r);
	if (r->p == r->end)
		return refuse(r, r->p, "ends too early");
	first = *r->p;
	err = add_value(r, type);
	if (err < 0)
		return err;
	if (first == '{' || first == '[') {
		type = first == '{' ? JSONTEXT_OBJECT : JSONTEXT_ARRAY;
		r->p++;
		err = read_members(r, first == '{', depth);
	} else if (first == '"') {
		type = JSONTEXT_STRING;
		err = read_string(r);
	} else if (first == '-' || is_digit(r)) {
		type = JSONTEXT_NUMBER;
		err = read_number(r);
	} else {
		err = read_word(r, &type);
	}
	r->j->v[at].type = type;
	r->j->v[at].to = (uint32_t)(r->p - r->j->text);
	r->j->v[at].next = (uint32_t)r->j->n;
	return err;
}

int jsontext_parse(struct jsontext *j, const char *name, const char *text, size_t len,
		   struct err *e)
{
	struct reader r = { j, name, text, text + len, e };
	int err;

	*j = (struct jsontext){ text, NULL, 0, 0 };
	if (len > MAX_TEXT)
		return err_set(e, -EFBIG, "%s: too large", name);
	err = read_value(&r, 0);
	skip_blanks(&r);
	if (!err && r.p != r.end)
		err = refuse(&r, r.p, "text behind the end");
	if (err < 0)
		jsontext_clear(j);
	return err;
}

void jsontext_clear(struct jsontext *j)
{
	free(j->v);
	*j = (struct jsontext){ NULL, NULL, 0, 0 };
}

static void add_utf8(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		str_addc(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			str_addc(out, (char)(0xe0 | c >> 12));
		} else {
			str_addc(out, (char)(0xf0 | c >> 18));
			str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	str_addc(out, (char)(0x80 | (c & 0x3f)));
}

/* The character of the \u escape(s) at P; how many bytes they take. A half of a pair alone
 * is U+FFFD. */
static size_t add_unicode(struct str *out, const char *p, const char *end)
{
	int32_t c = unicode_escape(p, end), low;

	if (c == 0) {
		str_add(out, "\\u0000");
		return 6;
	}
	low = c >= 0xd800 && c < 0xdc00 ? unicode_escape(p + 6, end) : -1;
	if (low >= 0xdc00 && low < 0xe000) {
		add_utf8(out, 0x10000 + ((uint32_t)(c - 0xd800) << 10) +
				      (uint32_t)(low - 0xdc00));
		return 12;
	}
	add_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : (uint32_t)c);
	return 6;
}

void jsontext_string(const struct jsontext *j, size_t at, struct str *out)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";
	const char *p = j->text + j->v[at].from + 1, *end = j->text + j->v[at].to - 1;

	while (p < end) {
		const char *e;

		if (*p != '\\') {
			str_addc(out, *p++);
			continue;
		}
		if (p[1] == 'u') {
			p += add_unicode(out, p, end);
			continue;
		}
		e = strchr(escapes, p[1]);
		str_addc(out, e ? e[1] : p[1]);
		p += 2;
	}
}

bool jsontext_is(const struct jsontext *j, size_t at, const char *word)
{
	const struct jsontext_value *v = &j->v[at];
	size_t len = v->to - v->from;
	struct str text = STR_INIT;
	bool is;

	if (v->type != JSONTEXT_STRING)
		return false;
	if (!memchr(j->text + v->from, '\\', len))
		return len - 2 == strlen(word) &&
		       memcmp(j->text + v->from + 1, word, len - 2) == 0;
	jsontext_string(j, at, &text);
	is = strcmp(str_text(&text), word) == 0;
	str_clear(&text);
	return is;
}

size_t jsontext_find(const struct jsontext *j, size_t obj, const char *key, size_t *at)
{
	size_t i, found = 0;

	for (i = obj + 1; i < j->v[obj].next; i = j->v[i + 1].next)
		if (jsontext_is(j, i, key)) {
			*at = i + 1;
			found++;
		}
	return found;
}
