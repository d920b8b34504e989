#include "parse/proc.h"

#include "base/str.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t";

/* The word at TEXT, which ends at a blank, a line's end or the text's. */
static int64_t number_at(const char *text)
{
	size_t n = strcspn(text, " \t\r\n");
	char word[24];
	int64_t v;

	if (n >= sizeof(word))
		return -1;
	memcpy(word, text, n);
	word[n] = '\0';
	return str_to_i64(word, 0, INT64_MAX, &v) < 0 ? -1 : v;
}

int64_t proc_first_number(const char *text)
{
	return number_at(text + strspn(text, blanks));
}

int64_t proc_number(const char *text)
{
	const char *word = text + strspn(text, blanks), *rest;

	rest = word + strcspn(word, " \t\r\n");
	return rest[strspn(rest, " \t\r\n")] ? -1 : number_at(word);
}

int64_t proc_named(const char *text, const char *name)
{
	const char *cur = text, *end = text + strlen(text), *line;
	size_t n, m = strlen(name);

	while ((line = str_line(&cur, end, &n)))
		if (n > m && memcmp(line, name, m) == 0 && strchr(blanks, line[m]))
			return number_at(line + m + strspn(line + m, blanks));
	return -1;
}

/* Behind "GROUP:" when LINE begins so, else NULL. */
static const char *in_group(const char *line, size_t n, const char *group)
{
	size_t m = strlen(group);

	return n > m && memcmp(line, group, m) == 0 && line[m] == ':' ? line + m + 1
								      : NULL;
}

/* To the next word of a line; false at its end. */
static bool next_word(const char **cur, const char *end)
{
	while (*cur < end && strchr(blanks, **cur))
		++*cur;
	return *cur < end;
}

static size_t word_length(const char *word, const char *end)
{
	size_t n = strcspn(word, blanks);

	return n < (size_t)(end - word) ? n : (size_t)(end - word);
}

int64_t proc_netstat(const char *text, const char *group, const char *name)
{
	const char *cur = text, *all = text + strlen(text), *names, *values, *end, *stop;
	size_t n, m;

	while ((names = str_line(&cur, all, &n))) {
		stop = names + n;
		values = str_line(&cur, all, &m);
		names = in_group(names, n, group);
		if (!values || !names)
			continue;
		end = values + m;
		values = in_group(values, m, group);
		if (!values)
			return -1;
		while (next_word(&names, stop) && next_word(&values, end)) {
			n = word_length(names, stop);
			if (n == strlen(name) && memcmp(names, name, n) == 0)
				return number_at(values);
			names += n;
			values += word_length(values, end);
		}
	}
	return -1;
}

/* What a sum comes to with V; -1 for good where one is no number or it is too much. */
static int64_t add(int64_t sum, int64_t v)
{
	return sum < 0 || v < 0 || sum > INT64_MAX - v ? -1 : sum + v;
}

int64_t proc_named_sum(const char *text, const char *prefix)
{
	const char *cur = text, *end = text + strlen(text), *line, *value, *stop;
	int64_t sum = 0;
	bool any = false;
	size_t n, m = strlen(prefix);

	while ((line = str_line(&cur, end, &n))) {
		if (n <= m || memcmp(line, prefix, m) != 0)
			continue;
		stop = line + n;
		value = line + word_length(line, stop);
		sum = add(sum, next_word(&value, stop) ? number_at(value) : -1);
		any = true;
	}
	return any ? sum : -1;
}

int64_t proc_sockstat(const char *text, const char *group, const char *name)
{
	const char *cur = text, *all = text + strlen(text), *line, *at, *end;
	size_t n;

	while ((line = str_line(&cur, all, &n))) {
		at = in_group(line, n, group);
		end = line + n;
		while (at && next_word(&at, end)) {
			n = word_length(at, end);
			line = at;
			at += n;
			if (!next_word(&at, end))
				break;
			if (n == strlen(name) && memcmp(line, name, n) == 0)
				return number_at(at);
			at += word_length(at, end);
		}
		if (at)
			return -1;
	}
	return -1;
}

static int64_t hex_at(const char *word, size_t n)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < n && i < 15; i++) {
		const char *digits = "0123456789abcdef";
		const char *d = memchr(digits, word[i], 16);

		if (!d)
			return -1;
		v = v * 16 + (d - digits);
	}
	return n && i == n ? v : -1;
}

int64_t proc_hex_column(const char *text, unsigned column)
{
	const char *cur = text, *all = text + strlen(text), *line, *end;
	int64_t sum = 0;
	bool any = false;
	unsigned i;
	size_t n;

	while ((line = str_line(&cur, all, &n))) {
		end = line + n;
		for (i = 0; i < column && next_word(&line, end); i++)
			line += word_length(line, end);
		sum = add(sum, next_word(&line, end)
				       ? hex_at(line, word_length(line, end))
				       : -1);
		any = true;
	}
	return any ? sum : -1;
}

int64_t proc_tasks(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash ? number_at(slash + 1) : -1;
}

int64_t proc_swaps(const char *text)
{
	const char *cur = text, *end = text + strlen(text);
	int64_t lines = -1;
	size_t n;

	while (str_line(&cur, end, &n))
		lines++;
	return lines;
}
