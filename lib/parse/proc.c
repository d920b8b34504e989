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

int64_t proc_swaps(const char *text)
{
	const char *cur = text, *end = text + strlen(text);
	int64_t lines = -1;
	size_t n;

	while (str_line(&cur, end, &n))
		lines++;
	return lines;
}
