#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool str_grow(struct str *s, size_t more)
{
	size_t want = s->len + more + 1, cap = s->cap ? s->cap : 64;
	char *p;

	if (s->oom || want < more)
		return false;
	if (want <= s->cap)
		return true;
	while (cap < want)
		cap *= 2;
	p = realloc(s->s, cap);
	if (!p) {
		s->oom = true;
		return false;
	}
	s->s = p;
	s->cap = cap;
	return true;
}

void str_addn(struct str *s, const void *bytes, size_t n)
{
	if (!str_grow(s, n))
		return;
	if (n)
		memcpy(s->s + s->len, bytes, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

static void str_addv(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		s->oom = true;
	else if (str_grow(s, (size_t)n)) {
		vsnprintf(s->s + s->len, (size_t)n + 1, fmt, again);
		s->len += (size_t)n;
	}
	va_end(again);
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(s, fmt, ap);
	va_end(ap);
}

void str_clear(struct str *s)
{
	free(s->s);
	*s = (struct str)STR_INIT;
}

const char *str_text(const struct str *s)
{
	return s->s ? s->s : "";
}

char *str_take(struct str *s)
{
	char *p;

	str_addn(s, "", 0);
	p = s->oom ? NULL : s->s;
	if (!p)
		free(s->s);
	*s = (struct str)STR_INIT;
	return p;
}

char *str_vformat(const char *fmt, va_list ap)
{
	struct str s = STR_INIT;

	str_addv(&s, fmt, ap);
	return str_take(&s);
}

char *str_format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = str_vformat(fmt, ap);
	va_end(ap);
	return text;
}

void str_add_word(struct str *s, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+=:,@%";

	if (*text && !text[strspn(text, plain)]) {
		str_add(s, text);
		return;
	}
	str_addc(s, '\'');
	for (; *text; text++)
		if (*text == '\'')
			str_add(s, "'\\''");
		else
			str_addc(s, *text);
	str_addc(s, '\'');
}

static int strv_push(struct strv *l, char *text)
{
	char **v;

	if (!text)
		return -ENOMEM;
	v = realloc(l->v, (l->n + 1) * sizeof(*v));
	if (!v) {
		free(text);
		return -ENOMEM;
	}
	l->v = v;
	l->v[l->n++] = text;
	return 0;
}

int strv_add(struct strv *l, const char *text)
{
	return strv_push(l, strdup(text));
}

int strv_addf(struct strv *l, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = str_vformat(fmt, ap);
	va_end(ap);
	return strv_push(l, text);
}

char *str_squeeze(char *s)
{
	char *from = str_trim(s), *to = s;

	for (; *from; from++)
		if (!strchr(" \t\n", *from))
			*to++ = *from;
		else if (to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	return s;
}

int strv_split(struct strv *l, const char *text, const char *separators)
{
	const char *p = text;
	size_t n;
	int err = 0;

	for (; *(p += strspn(p, separators)) && !err; p += n) {
		n = strcspn(p, separators);
		err = strv_push(l, strndup(p, n));
	}
	return err;
}

char *strv_join(const struct strv *l, const char *between)
{
	struct str text = STR_INIT;
	size_t i;

	for (i = 0; i < l->n; i++)
		str_addf(&text, "%s%s", i ? between : "", l->v[i]);
	return str_take(&text);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

bool strv_has(const struct strv *l, const char *text)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i], text) == 0)
			return true;
	return false;
}

void strv_clear(struct strv *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	const char *p;

	if (!*s)
		return -EINVAL;
	for (p = s; *p; p++)
		if (*p < '0' || *p > '9')
			return -EINVAL;
	for (p = s; *p; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t u;
	int64_t v;
	int r;

	r = str_to_u64(s + negative, 0, (uint64_t)INT64_MAX, &u);
	if (r < 0)
		return r;
	v = negative ? -(int64_t)u : (int64_t)u;
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int str_to_bits(const char *s, uint64_t out[4])
{
	size_t n = strspn(s, "0123456789abcdef"), i;

	if (s[n] || !n || n > 64)
		return -EINVAL;
	memset(out, 0, 4 * sizeof(*out));
	for (i = 0; i < n; i++) {
		char digit = s[n - 1 - i];
		int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;

		out[i / 16] |= (uint64_t)value << (4 * (i % 16));
	}
	return 0;
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

char *str_trim(char *s)
{
	size_t n;

	while (is_blank(*s))
		s++;
	n = strlen(s);
	while (n && is_blank(s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

size_t str_distance(const char *a, const char *b)
{
	size_t n = strnlen(b, STR_WORD_MAX), i, k, row[STR_WORD_MAX + 1];

	for (k = 0; k <= n; k++)
		row[k] = k;
	for (i = 0; i < STR_WORD_MAX && a[i]; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (k = 1; k <= n; k++) {
			size_t best = corner + (a[i] != b[k - 1]);

			corner = row[k];
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			if (row[k] + 1 < best)
				best = row[k] + 1;
			row[k] = best;
		}
	}
	return row[n];
}

const char *str_line(const char **cur, const char *end, size_t *len)
{
	const char *start = *cur, *nl;

	if (start >= end)
		return NULL;
	nl = memchr(start, '\n', (size_t)(end - start));
	*len = (size_t)((nl ? nl : end) - start);
	*cur = nl ? nl + 1 : end;
	return start;
}
