#include "fuzz.h"

#include "parse/cmdline.h"
#include "parse/release.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"BOOT_IMAGE=/vmlinuz-6.1.0-28-amd64 root=UUID=1 ro quiet panic=5\n",
	"a=\"b c\" \"d=e f\" g=h\"i j\" panic=1 -- panic=2",
	"panic=\"\" \"\" =x =y=z panic=\"",
	"5.14.0-362.8.1.el9_3.x86_64",
	"",
	NULL,
};

/* The words lie in the text, one after another. */
static const char *walk(const char *data, size_t len)
{
	const char *cur = data, *last = data, *end = data + len;
	struct cmdline_arg a;

	while (cmdline_next(&cur, end, &a)) {
		if (a.name < last || a.name + a.name_len > cur || cur > end)
			return "a name outside of its word";
		if (a.value &&
		    (a.value < a.name + a.name_len || a.value + a.value_len > cur))
			return "a value outside of its word";
		if (cur == last)
			return "no way on";
		last = cur;
	}
	return NULL;
}

const char *fuzz_one(const char *data, size_t len)
{
	const char *wrong = walk(data, len);
	struct release r;
	char *value = NULL;

	if (wrong)
		return wrong;
	/* The rest takes text that ends at a NUL, and one follows. */
	if (cmdline_get(data, "panic", &value) == 1 && strlen(value) > len)
		wrong = "more came out than went in";
	free(value);
	if (release_parse(&r, data) && r.major > 99999)
		wrong = "a number of more than five digits";
	return wrong;
}
