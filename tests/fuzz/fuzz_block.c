#include "fuzz.h"

#include "parse/block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"set timeout=3\nset x=y\n",
	"set timeout=3",
	"# uringprep begin\nset default=1\n# uringprep end\n",
	"before\n# uringprep begin\nset default=1\n# uringprep end\nafter",
	"# uringprep begin (made by us)\n# uringprep end\n# uringprep end\n",
	"\n\n",
	"",
	NULL,
};

/* Our lines into a text that has none, other lines in their place, and out again: the
 * very bytes are back. */
static const char *there_and_back(const char *data, size_t len)
{
	static const char first[] = "set default=\"1\"\n",
			  second[] = "set default=\"22\"\n";
	struct str in = STR_INIT, changed = STR_INIT, out = STR_INIT;
	struct block found;
	const char *wrong = NULL;
	int added = block_put(data, len, first, &in);

	if (added == -EINVAL && !strstr(data, "# uringprep "))
		wrong = "refused, though nothing there looks like ours";
	else if (added != 1)
		wrong = added == -EINVAL ? NULL : "our lines cannot be added";
	else if (block_find(str_text(&in), &found) != 1 ||
		 (size_t)(found.to - found.from) != strlen(first) ||
		 memcmp(found.from, first, strlen(first)) != 0)
		wrong = "our lines are not found again";
	else if (block_put(in.s, in.len, second, &changed) != 1)
		wrong = "our lines cannot be changed";
	else if (block_put(changed.s, changed.len, NULL, &out) != 1)
		wrong = "our lines cannot be taken out";
	else if (out.len != len || memcmp(str_text(&out), data, len) != 0)
		wrong = "the bytes are not as they were";
	str_clear(&in);
	str_clear(&changed);
	str_clear(&out);
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct str out = STR_INIT;
	struct block found;
	int has = memchr(data, '\0', len) ? -EINVAL : block_find(data, &found);

	if (block_put(data, len, NULL, &out) == -ENOMEM)
		return "out of memory";
	str_clear(&out);
	return has == 0 ? there_and_back(data, len) : NULL;
}
