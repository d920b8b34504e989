/* grubscript: what GRUB makes of its configuration: a menu, and what it boots by itself.
 *
 * Pure: files are asked for through callbacks. Three-valued: what depends on the machine
 * (a module that loads or not, the firmware) is neither true nor false, and what hangs on
 * it is unknown, with the line that made it so. */
#ifndef PARSE_GRUBSCRIPT_H
#define PARSE_GRUBSCRIPT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Stands in a text for "something, unknown what". Refused in what is read. */
#define GRUB_UNKNOWN '\001'

/* PATH is GRUB's, without the device: "/boot/grub2/grubenv", "/vmlinuz-5.4". */
struct grub_files {
	void *data;
	/* The bytes, the caller's to free. -ENOENT: it is not there; else unknown. */
	int (*read)(void *data, const char *path, char **out, size_t *len);
	/* 0 an empty file, 1 a file, 2 a folder; -ENOENT; else unknown. */
	int (*look)(void *data, const char *path);
	/* Names in a folder. -ENOENT; else unknown. */
	int (*list)(void *data, const char *path, struct strv *names);
};

/* A variable that is there from the start; VALUE NULL: unknown. */
struct grub_fact {
	const char *name, *value;
};

struct grub_entry {
	char *title, *id; /* the id is the title where none was given */
	char *where;	  /* "PATH:LINE" */
	bool submenu;
	bool maybe;	      /* there only under a condition that is unknown */
	struct grub_entry *v; /* a submenu's own */
	size_t n;
	char *problem; /* why the following, or a submenu's entries, are not known; or NULL */
	char *kernel; /* GRUB's path with its device; NULL: boots no Linux */
	char *args;
	struct strv initrds;
	/* Private to the evaluation. */
	const struct grub_cmd *body;
	const char *body_path;
	struct strv params;
};

struct grub_menu {
	struct grub_entry *v;
	size_t n;
	char *unknown; /* why entries or default could not be decided; NULL: they were */
	char *default_value; /* of the variable default; NULL: unset. May be unknown */
	char *default_where; /* "PATH:LINE" that set it; NULL: nothing did */
	char *default_via;   /* the variable it was taken from: "saved_entry"; or NULL */
	char *default_why;   /* when it is unknown: why */
	bool used_bls;
};

/* Evaluate the configuration TEXT at PATH; FACTS must name prefix. What cannot be
 * understood is no error but OUT's unknown. Only -ENOMEM fails. */
int grub_evaluate(struct grub_menu *out, const char *path, const char *text, size_t len,
		  const struct grub_files *files, const struct grub_fact *facts,
		  size_t n_facts, struct err *e);
void grub_menu_clear(struct grub_menu *m);

/* Does a value hold something unknown? NULL does not. */
bool grub_is_unknown(const char *value);

#endif
