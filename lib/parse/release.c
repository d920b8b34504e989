#include "parse/release.h"

#include "base/str.h"

#include <string.h>

/* A number of at most five digits; NULL: there is none. */
static const char *number(const char *p, unsigned *out)
{
	size_t n = strspn(p, "0123456789"), i;

	if (!n || n > 5)
		return NULL;
	*out = 0;
	for (i = 0; i < n; i++)
		*out = *out * 10 + (unsigned)(p[i] - '0');
	return p + n;
}

static unsigned enterprise_linux(const char *rest)
{
	const char *p = strstr(rest, ".el");
	unsigned el = 0;

	return p && number(p + 3, &el) ? el : 0;
}

/* Marks of distributions that number as stable does and still go their own way. */
static bool has_vendor_mark(const char *rest)
{
	static const char *const marks[] = { "uek",	 ".al7", ".al8",     "amzn",
					     "-default", "-gke", "microsoft" };
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(rest, marks[i]))
			return true;
	return false;
}

bool release_parse(struct release *out, const char *text)
{
	struct release r = { 0, 0, 0, false, false, 0 };
	const char *p = number(text, &r.major);

	if (!p || *p != '.' || !(p = number(p + 1, &r.minor)))
		return false;
	if (*p == '.') {
		const char *patch = number(p + 1, &r.patch);

		if (patch)
			p = patch;
	}
	r.el = enterprise_linux(p);
	r.elrepo = strstr(p, ".elrepo") != NULL;
	/* A mainline release has nothing after its number, or -rcN; with .0 and more it is
	 * somebody's count of their own. */
	r.vendor = !r.elrepo &&
		   (r.el || has_vendor_mark(p) ||
		    (!r.patch && *p && strcmp(p, "+") != 0 && !str_has_prefix(p, "-rc")));
	*out = r;
	return true;
}

bool release_of_debian(struct release *out, const char *text)
{
	const char *p = strstr(text, " Debian ");

	if (!p || !release_parse(out, p + strlen(" Debian ")))
		return false;
	out->vendor = false;
	return true;
}

int release_compare(const struct release *a, unsigned major, unsigned minor,
		    unsigned patch)
{
	if (a->major != major)
		return a->major < major ? -1 : 1;
	if (a->minor != minor)
		return a->minor < minor ? -1 : 1;
	return a->patch < patch ? -1 : a->patch > patch;
}
