/* menu: the target's GRUB configuration, evaluated with its own files or with some of them
 * as they would be. Private to lib/boot. */
#ifndef BOOT_MENU_H
#define BOOT_MENU_H

#include "boot/boot.h"
#include "parse/grubscript.h"

/* A kind of loader: what differs between GRUBs, as data. */
enum boot_naming { NAMED_BY_TITLE, NAMED_BY_ID, NAMED_BY_NUMBER };

struct boot_ops {
	const char *name;
	/* "4.18" is a name, only "4" a number (RHEL 8 and later); else GRUB takes the
	 * number a name begins with and forgets the rest. */
	bool whole_numbers;
	/* How the system's own tools write the default: first what they understand best. */
	enum boot_naming naming[3];
};

/* The files GRUB would find, with two of them in another state. */
struct boot_view {
	const struct host *h;
	const char *env; /* NULL: there is none */
	size_t env_len;
	const char *custom; /* likewise */
	size_t custom_len;
};

/* The environment block without what holds for one boot only, and with saved_entry
 * SAVED instead of its own (NULL: its own). Not padded: for evaluation alone. NULL in OUT:
 * there is none, or GRUB would not read it. 0 or -ENOMEM. */
int boot_durable_env(const struct host *h, const char *saved, char **out);

int boot_evaluate(const struct boot_view *view, struct grub_menu *out, struct err *e);

/* Where GRUB's path is inside the root: an enum boot_look through LOOK, or -errno (then
 * OUT is where it would be expected). 0 or -ENOMEM. */
int boot_locate(const struct host *h, const char *grub_path, char **out, int *look);

/* What the menu's default resolves to. */
struct boot_choice {
	char *grub_path; /* "1>0"; NULL: unknown, or there are no entries */
	bool by_name;	 /* at every level */
	bool no_match;	 /* at some level nothing fitted: the first was taken */
	struct str why_unknown;
};

int boot_resolve(const struct grub_menu *m, bool whole_numbers, struct boot_choice *out);
void boot_choice_clear(struct boot_choice *c);

#endif
