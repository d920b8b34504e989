#include "fuzz.h"

#include "parse/grubquote.h"
#include "parse/grubscript.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"CentOS Linux (3.10.0-1160.el7.x86_64) 7 (Core)",
	"it's > \"q\" $x ${y} `z` \\ ; # { } | & *?",
	"' }\nreboot\nmenuentry 'x",
	"",
	NULL,
};

static int none(void *data, const char *path, char **out, size_t *len)
{
	(void)data;
	(void)path;
	(void)out;
	(void)len;
	return -ENOENT;
}

static int nothing(void *data, const char *path)
{
	(void)data;
	(void)path;
	return -ENOENT;
}

static int nobody(void *data, const char *path, struct strv *names)
{
	(void)data;
	(void)path;
	(void)names;
	return -ENOENT;
}

/* What was quoted is one word to our reader of GRUB's language, and the same text. */
const char *fuzz_one(const char *data, size_t len)
{
	const struct grub_fact facts[] = { { "prefix", "(hd0)/grub2" } };
	const struct grub_files files = { NULL, none, nothing, nobody };
	struct str script = STR_INIT;
	struct grub_menu menu;
	const char *wrong = NULL;
	struct err e = { "" };

	(void)len; /* a string */
	str_add(&script, "set default=");
	if (!*data || grub_quote(&script, data, &e) < 0) {
		wrong = *data && !e.msg[0] ? "refused without a reason" : NULL;
		str_clear(&script);
		return wrong;
	}
	str_add(&script, "\nmenuentry after {\n  true\n}\n");
	if (grub_evaluate(&menu, "x.cfg", script.s, script.len, &files, facts, 1, &e) < 0)
		return "out of memory";
	if (!menu.default_value || strcmp(menu.default_value, data) != 0)
		wrong = "the text is not read back";
	else if (menu.unknown || menu.n != 1 || strcmp(menu.v[0].title, "after") != 0)
		wrong = "what follows the text is not read as it was";
	grub_menu_clear(&menu);
	str_clear(&script);
	return wrong;
}
