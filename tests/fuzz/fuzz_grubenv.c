#include "fuzz.h"

#include "parse/grubenv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"# GRUB Environment Block\nsaved_entry=CentOS Linux (3.10) 7 (Core)\n####",
	"# GRUB Environment Block\n# WARNING: do not "
	"edit\nsaved_entry=0\nkernelopts=root=/x\n#",
	"# GRUB Environment Block\nx=a\\\\b\\\nc\nnext_entry=\n########",
	"# GRUB Environment Block\n",
	NULL,
};

struct seen {
	char names[GRUBENV_SIZE + 1];
	char text[2 * GRUBENV_SIZE + 64];
};

/* All variables but "saved_entry", one after the other. */
static int note(void *data, const char *name, const char *value)
{
	struct seen *s = data;

	if (strcmp(name, "saved_entry") == 0)
		return 0;
	if (strlen(s->text) + strlen(name) + strlen(value) + 3 > sizeof(s->text))
		return -E2BIG;
	strcat(strcat(strcat(strcat(s->text, name), "="), value), "\n");
	return 0;
}

static const char *set_and_get(char *block, const char *value)
{
	struct seen before = { "", "" }, after = { "", "" };
	char copy[GRUBENV_SIZE], *got = NULL;
	const char *wrong = NULL;
	int err;

	memcpy(copy, block, sizeof(copy));
	grubenv_each(block, GRUBENV_SIZE, note, &before);
	err = grubenv_set(block, "saved_entry", value, NULL);
	if (err == -ENOSPC)
		return memcmp(copy, block, sizeof(copy))
			       ? "changed, though there was no room"
			       : NULL;
	if (err < 0)
		return "a good block was refused";
	if (grubenv_check(block, GRUBENV_SIZE, NULL) < 0)
		return "what was set is no block any more";
	grubenv_each(block, GRUBENV_SIZE, note, &after);
	if (strcmp(before.text, after.text) != 0)
		return "other variables were changed";
	err = grubenv_get(block, GRUBENV_SIZE, "saved_entry", &got);
	if (err != (value ? 1 : 0) || (value && strcmp(got, value) != 0))
		wrong = "the value is not read back";
	free(got);
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct seen seen = { "", "" };
	char block[GRUBENV_SIZE], *got = NULL;
	const char *wrong;

	grubenv_check(data, len, NULL);
	grubenv_each(data, len, note, &seen);
	if (grubenv_get(data, len, "saved_entry", &got) == 1)
		free(got);
	memset(block, '#', sizeof(block));
	memcpy(block, data, len < sizeof(block) ? len : sizeof(block));
	if (grubenv_check(block, sizeof(block), NULL) < 0)
		return NULL;
	wrong = set_and_get(block, "Some 'entry' > \\ with\na line");
	return wrong ? wrong : set_and_get(block, NULL);
}
