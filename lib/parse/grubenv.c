#include "parse/grubenv.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char signature[] = "# GRUB Environment Block\n";
#define SIGNATURE_LEN (sizeof(signature) - 1)

static bool has_signature(const char *block, size_t len)
{
	return len >= SIGNATURE_LEN && memcmp(block, signature, SIGNATURE_LEN) == 0;
}

/* The end of the line that starts at P: its '\n', or END. '\' hides the byte after it,
 * but not in a comment, where it means nothing to us and the line simply ends. */
static const char *line_end(const char *p, const char *end)
{
	bool comment = p < end && *p == '#';

	for (; p < end && *p != '\n'; p++)
		if (*p == '\\' && !comment && p + 1 < end)
			p++;
	return p;
}

static size_t name_length(const char *p, const char *end)
{
	const char *s = p;

	while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			   *p == '_' || (p > s && *p >= '0' && *p <= '9')))
		p++;
	return (size_t)(p - s);
}

int grubenv_check(const char *block, size_t len, struct err *e)
{
	const char *end = block + len, *p, *stop;

	if (len != GRUBENV_SIZE)
		return err_set(e, -EINVAL, "%zu bytes long, not %d", len, GRUBENV_SIZE);
	if (!has_signature(block, len))
		return err_set(e, -EINVAL,
			       "does not start with \"# GRUB Environment Block\"");
	if (memchr(block, '\0', len))
		return err_set(e, -EINVAL, "holds a zero byte");
	for (p = block + SIGNATURE_LEN; p < end; p = stop + 1) {
		size_t name = name_length(p, end);

		stop = line_end(p, end);
		if (stop == end) {
			while (p < end && *p == '#')
				p++;
			if (p == end)
				break;
			return err_set(e, -EINVAL, "is not padded with # to its end");
		}
		if (*p != '#' && (!name || p[name] != '='))
			return err_set(e, -EINVAL,
				       "byte %zu begins a line that sets nothing",
				       (size_t)(p - block));
	}
	return 0;
}

static char *unescape(const char *p, const char *end)
{
	struct str out = STR_INIT;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		str_addc(&out, *p);
	}
	return str_take(&out);
}

int grubenv_each(const char *block, size_t len,
		 int (*fn)(void *data, const char *name, const char *value), void *data)
{
	const char *end = block + len, *p, *stop;

	if (!has_signature(block, len))
		return -EINVAL;
	for (p = block + SIGNATURE_LEN; p < end; p = stop + 1) {
		CLEANUP_FREE char *name = NULL, *value = NULL;
		const char *eq;
		int err;

		stop = line_end(p, end);
		eq = *p == '#' ? NULL : memchr(p, '=', (size_t)(stop - p));
		if (!eq)
			continue;
		name = strndup(p, (size_t)(eq - p));
		value = unescape(eq + 1, stop);
		if (!name || !value)
			return -ENOMEM;
		err = fn(data, name, value);
		if (err < 0)
			return err;
	}
	return 0;
}

struct wanted {
	const char *name;
	char *value;
};

static int take_wanted(void *data, const char *name, const char *value)
{
	struct wanted *w = data;

	if (strcmp(name, w->name) != 0)
		return 0;
	free(w->value); /* the last one holds, as when GRUB loads them in turn */
	w->value = strdup(value);
	return w->value ? 0 : -ENOMEM;
}

int grubenv_get(const char *block, size_t len, const char *name, char **out)
{
	struct wanted w = { name, NULL };
	int err = grubenv_each(block, len, take_wanted, &w);

	if (err < 0) {
		free(w.value);
		return err;
	}
	if (!w.value)
		return 0;
	*out = w.value;
	return 1;
}

void grubenv_append(struct str *s, const char *name, const char *value)
{
	str_addf(s, "%s=", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '\n')
			str_addc(s, '\\');
		str_addc(s, *value);
	}
	str_addc(s, '\n');
}

int grubenv_set(char block[GRUBENV_SIZE], const char *name, const char *value,
		struct err *e)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	const char *end = block + GRUBENV_SIZE, *p, *stop;
	size_t n = strlen(name);
	bool done = !value;
	int err = grubenv_check(block, GRUBENV_SIZE, e);

	if (err < 0)
		return err;
	if (!n || name_length(name, name + n) != n)
		return err_set(e, -EINVAL, "\"%s\" is no name of a variable", name);
	str_addn(&text, signature, SIGNATURE_LEN);
	for (p = block + SIGNATURE_LEN; p < end; p = stop + 1) {
		stop = line_end(p, end);
		if (stop == end)
			break; /* the padding */
		if ((size_t)(stop - p) <= n || memcmp(p, name, n) != 0 || p[n] != '=') {
			str_addn(&text, p, (size_t)(stop + 1 - p));
		} else if (!done) {
			grubenv_append(&text, name, value);
			done = true;
		}
	}
	if (!done)
		grubenv_append(&text, name, value);
	if (text.oom)
		return err_set(e, -ENOMEM, "out of memory");
	if (text.len > GRUBENV_SIZE)
		return err_set(e, -ENOSPC,
			       "no room for %s: %zu bytes are used, %d are there", name,
			       text.len, GRUBENV_SIZE);
	memcpy(block, text.s, text.len);
	memset(block + text.len, '#', GRUBENV_SIZE - text.len);
	return 0;
}
