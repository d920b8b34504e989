#include "parse/block.h"

#include <errno.h>
#include <string.h>

#define END "# uringprep end\n"

/* How the file was: ended in a whole line, ended without a newline, was empty. */
static const char *const begins[] = {
	"# uringprep begin\n",
	"# uringprep begin (after a line without an end)\n",
	"# uringprep begin (in an empty file)\n",
};

enum { WHOLE, JOINED, EMPTY, KINDS };

static const char *find_begin(const char *text, int *kind)
{
	const char *found = NULL;

	for (*kind = 0; *kind < KINDS && !found; ++*kind)
		found = strstr(text, begins[*kind]);
	--*kind;
	return found;
}

static int find(const char *text, struct block *b, int *kind)
{
	const char *begin = find_begin(text, kind), *end = strstr(text, END);
	int other;

	if (!begin && !end)
		return 0;
	if (!begin || !end || end < begin || (begin > text && begin[-1] != '\n') ||
	    end[-1] != '\n' || find_begin(begin + 1, &other) || strstr(end + 1, END))
		return -EINVAL;
	b->begin = begin;
	b->from = begin + strlen(begins[*kind]);
	b->to = end;
	b->end = end + strlen(END);
	return 1;
}

int block_find(const char *text, struct block *out)
{
	int kind;

	return find(text, out, &kind);
}

/* What stands before the block: of a line without an end the newline is ours. */
static size_t head_length(const char *text, const struct block *b, int kind)
{
	size_t n = (size_t)(b->begin - text);

	return kind == JOINED && n ? n - 1 : n;
}

int block_put(const char *text, size_t len, const char *inner, struct str *out)
{
	struct block b = { .begin = NULL };
	int kind, ignored, found = text ? find(text, &b, &kind) : 0;
	size_t head = len, tail = 0, start = out->len;
	bool file;

	if (found < 0)
		return found;
	if (found) {
		head = head_length(text, &b, kind);
		tail = len - (size_t)(b.end - text);
	} else {
		kind = !text || (len && text[len - 1] == '\n') ? WHOLE
		       : len				       ? JOINED
							       : EMPTY;
	}
	if (text)
		str_addn(out, text, head);
	if (inner)
		str_addf(out, "%s%s%s%s", kind == JOINED ? "\n" : "", begins[kind], inner,
			 END);
	if (tail)
		str_addn(out, b.end, tail);
	/* A mark at the very end, its newline cut off, becomes whole by what follows. */
	if (inner && !out->oom && find(out->s + start, &b, &ignored) != 1)
		return -EINVAL;
	file = inner || head || tail || kind == EMPTY;
	return out->oom ? -ENOMEM : file;
}
