#include "parse/bls.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void bls_clear(struct bls *b)
{
	free(b->title);
	free(b->version);
	free(b->kernel);
	free(b->options);
	strv_clear(&b->initrds);
	*b = (struct bls){ .title = NULL };
}

static int take(char **where, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*where);
	*where = copy;
	return 0;
}

/* `initrd` may name several files. */
static int take_words(struct strv *into, char *value)
{
	char *save = NULL, *word;
	int err = 0;

	for (word = strtok_r(value, " \t", &save); !err && word;
	     word = strtok_r(NULL, " \t", &save))
		err = strv_add(into, word);
	return err;
}

static int take_line(struct bls *b, char *line)
{
	char *key = str_trim(line), *value, *joined;

	if (!*key || *key == '#')
		return 0;
	value = key + strcspn(key, " \t");
	if (*value)
		*value++ = '\0';
	value = str_trim(value);
	if (strcmp(key, "title") == 0)
		return take(&b->title, value);
	if (strcmp(key, "version") == 0)
		return take(&b->version, value);
	if (strcmp(key, "linux") == 0)
		return take(&b->kernel, value);
	if (strcmp(key, "initrd") == 0)
		return take_words(&b->initrds, value);
	if (strcmp(key, "options") != 0)
		return 0;
	joined = b->options ? str_format("%s %s", b->options, value) : strdup(value);
	if (!joined)
		return -ENOMEM;
	free(b->options);
	b->options = joined;
	return 0;
}

int bls_parse(struct bls *out, const char *text, size_t len, struct err *e)
{
	const char *cur = text, *line;
	size_t n;
	int err = 0;

	*out = (struct bls){ .title = NULL };
	if (memchr(text, '\0', len) || memchr(text, '\001', len))
		return err_set(e, -EINVAL, "holds bytes that are no text");
	while (!err && (line = str_line(&cur, text + len, &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);

		err = copy ? take_line(out, copy) : -ENOMEM;
	}
	if (err < 0) {
		bls_clear(out);
		return err_set(e, err, "out of memory");
	}
	return 0;
}

/* Versions. */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t run_length(const char *s, bool (*in)(char))
{
	size_t n = 0;

	while (s[n] && in(s[n]))
		n++;
	return n;
}

/* Two runs of the same kind, both at least one long. */
static int compare_runs(const char *a, size_t n, const char *b, size_t m, bool digits)
{
	int order;

	if (digits) {
		while (n && *a == '0')
			a++, n--;
		while (m && *b == '0')
			b++, m--;
		if (n != m)
			return n < m ? -1 : 1;
	}
	order = strncmp(a, b, n < m ? n : m);
	return order ? order : (n > m) - (n < m);
}

static const char *skip_separators(const char *s)
{
	while (*s && !is_digit(*s) && !is_letter(*s) && *s != '~')
		s++;
	return s;
}

int rpm_vercmp(const char *a, const char *b)
{
	for (;;) {
		bool digits;
		size_t n, m;
		int order;

		a = skip_separators(a);
		b = skip_separators(b);
		if (*a == '~' || *b == '~') { /* before everything, even the end */
			if (*a != *b)
				return *a == '~' ? -1 : 1;
			a++;
			b++;
			continue;
		}
		if (!*a || !*b)
			return (*a != '\0') - (*b != '\0');
		digits = is_digit(*a);
		n = run_length(a, digits ? is_digit : is_letter);
		m = run_length(b, digits ? is_digit : is_letter);
		if (!m)
			return digits ? 1 : -1; /* numbers are newer than letters */
		order = compare_runs(a, n, b, m, digits);
		if (order)
			return order < 0 ? -1 : 1;
		a += n;
		b += m;
	}
}

/* The part behind the last '-', which becomes its end; "" without one. */
static const char *cut_last(char *s)
{
	char *dash = strrchr(s, '-');

	if (!dash)
		return "";
	*dash = '\0';
	return dash + 1;
}

int bls_compare(const char *a, const char *b)
{
	CLEANUP_FREE char *x = strdup(a), *y = strdup(b);
	const char *xr, *yr, *xv, *yv;
	int order;

	if (!x || !y)
		return strcmp(a, b);
	xr = cut_last(x);
	yr = cut_last(y);
	xv = cut_last(x);
	yv = cut_last(y);
	order = rpm_vercmp(x, y);
	if (!order)
		order = rpm_vercmp(xv, yv);
	return order ? order : rpm_vercmp(xr, yr);
}
