#include "boot/boot.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

/* How a selector may fit: each is tried on all entries before the next one is. */
static bool is_release(const struct boot_entry *e, const char *s)
{
	return str_eq(e->release, s);
}

static bool is_title(const struct boot_entry *e, const char *s)
{
	return strcmp(e->title, s) == 0;
}

static bool is_path(const struct boot_entry *e, const char *s)
{
	return strcmp(e->path, s) == 0 || strcmp(e->id_path, s) == 0;
}

static bool begins_release(const struct boot_entry *e, const char *s)
{
	return *s && e->release && str_has_prefix(e->release, s);
}

static int by_number(const struct boot *b, const char *selector, struct err *e)
{
	uint64_t i;

	if (b->n && str_to_u64(selector, 0, b->n - 1, &i) == 0)
		return (int)i;
	if (!b->n)
		return err_set(e, -ENOENT, "%s: no such entry: there are none", selector);
	return err_set(e, -ENOENT,
		       "%s: no such entry: there are 0 to %zu (see uringprep boot list)",
		       selector, b->n - 1);
}

static int ambiguous(const struct boot *b, const char *selector,
		     bool (*fits)(const struct boot_entry *, const char *), struct err *e)
{
	CLEANUP(cleanup_str) struct str list = STR_INIT;
	size_t i;

	for (i = 0; i < b->n; i++)
		if (fits(&b->v[i], selector))
			str_addf(&list, "%s%zu (%s)", list.len ? ", " : "", i,
				 b->v[i].path);
	return err_set(e, -ENOTUNIQ, "%s: fits several entries, name one: %s", selector,
		       str_text(&list));
}

int boot_select(const struct boot *b, const char *selector, struct err *e)
{
	static bool (*const ways[])(const struct boot_entry *, const char *) = {
		is_release,
		is_title,
		is_path,
		begins_release,
	};
	size_t i, w;

	if (*selector && !selector[strspn(selector, "0123456789")])
		return by_number(b, selector, e);
	for (w = 0; w < ARRAY_SIZE(ways); w++) {
		int found = -1;

		for (i = 0; i < b->n; i++) {
			if (!ways[w](&b->v[i], selector))
				continue;
			if (found >= 0)
				return ambiguous(b, selector, ways[w], e);
			found = (int)i;
		}
		if (found >= 0)
			return found;
	}
	return err_set(e, -ENOENT, "\"%s\": no such entry (see uringprep boot list)",
		       selector);
}
