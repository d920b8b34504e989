#include "parse/cmdline.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's isspace(): also its 0xa0. */
static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

bool cmdline_next(const char **cur, const char *end, struct cmdline_arg *out)
{
	const char *p = *cur, *start, *stop, *equals = NULL;
	bool quoted = false, whole;

	while (p < end && is_blank(*p))
		p++;
	if (p == end)
		return false;
	/* A quote in front of all quotes the whole word; its last one goes, too. */
	whole = *p == '"';
	start = p + whole;
	quoted = whole;
	for (p = start; p < end && (quoted || !is_blank(*p)); p++) {
		if (*p == '=' && !equals && p > start)
			equals = p;
		if (*p == '"')
			quoted = !quoted;
	}
	stop = p;
	*cur = p;
	out->name = start;
	out->value = equals ? equals + 1 : NULL;
	if (out->value && out->value < stop && *out->value == '"') {
		out->value++;
		whole = true;
	}
	if (whole && stop > (out->value ? out->value : start) && stop[-1] == '"')
		stop--;
	out->name_len = (size_t)((equals ? equals : stop) - start);
	out->value_len = out->value ? (size_t)(stop - out->value) : 0;
	return true;
}

bool cmdline_is_end(const struct cmdline_arg *a)
{
	return a->name_len == 2 && !a->value && memcmp(a->name, "--", 2) == 0;
}

static bool same_name(const struct cmdline_arg *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->name_len && name[i]; i++)
		if (a->name[i] != name[i] &&
		    !(strchr("-_", a->name[i]) && strchr("-_", name[i])))
			return false;
	return i == a->name_len && !name[i];
}

int cmdline_get(const char *text, const char *name, char **out)
{
	const char *end = text + strlen(text);
	CLEANUP_FREE char *value = NULL;
	struct cmdline_arg a;

	while (cmdline_next(&text, end, &a)) {
		if (cmdline_is_end(&a))
			break;
		if (!a.value || !same_name(&a, name))
			continue;
		free(value);
		value = strndup(a.value, a.value_len);
		if (!value)
			return -ENOMEM;
	}
	if (!value)
		return 0;
	*out = TAKE_PTR(value);
	return 1;
}
