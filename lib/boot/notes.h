/* notes: which entry runs, which is the fallback, and what a person should know besides.
 * Private to lib/boot. */
#ifndef BOOT_NOTES_H
#define BOOT_NOTES_H

#include "boot/boot.h"
#include "parse/grubscript.h"

int boot_mark(struct boot *b, const struct host *h);
int boot_note(struct boot *b, const struct host *h, const struct grub_menu *m);

/* The file that records the fallback: comments, then "path=" and "release=". */
char *boot_fallback_text(const struct boot_entry *e);

#endif
