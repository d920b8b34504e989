/* boot: which entries the boot loader offers, which one it boots, and how to change that.
 *
 * The default is the effective one: what grub.cfg comes to with this grubenv. Whatever
 * cannot be decided from the files is said to be unknown, with the line that made it so. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include "base/err.h"
#include "base/str.h"
#include "change/plan.h"
#include "host/host.h"

#include <stdbool.h>
#include <stddef.h>

enum boot_known { BOOT_NO, BOOT_YES, BOOT_UNKNOWN };

struct boot_entry {
	size_t index;	 /* in this list */
	char *path;	 /* titles, joined by '>'; a '>' in a title is doubled */
	char *grub_path; /* the same by GRUB's numbers: "1>0" */
	char *id_path;	 /* the same by ids, which may not be unique */
	char *title, *id;
	char *release; /* of the kernel; NULL: unknown or no Linux */
	char *kernel;  /* path inside the root; NULL: none, or not decidable */
	char *initrd;  /* the (last) initramfs; NULL: none, or not decidable */
	char *args;  /* the kernel's command line, variables expanded; NULL like kernel */
	char *where; /* "/boot/grub2/grub.cfg:97" or the BLS file */
	char *problem; /* why the kernel is not known; NULL: it is */
	enum boot_known kernel_ok, initrd_ok; /* is it there, not empty? no initrd: yes */
	bool maybe; /* there only under a condition that could not be decided */
	bool running, is_default, fallback;
};

struct boot {
	const struct boot_ops *ops;
	const char *loader; /* "grub2", "grub2-bls"; literal; NULL: none was found */
	struct boot_entry *v;
	size_t n;
	int default_index;    /* -1: unknown */
	char *default_reason; /* a sentence, also when unknown */
	bool default_misses;  /* what is asked for names no entry: GRUB takes the first */
	bool by_name; /* the default is named, not counted: it stays when kernels come */
	char *once;   /* what only the next boot does instead; NULL: nothing else */
	int once_index;	    /* -1: none, or unknown */
	int running_index;  /* -1: unknown, or none of these */
	int fallback_index; /* -1: none recorded, or it is gone */
	char *unknown; /* why the entries themselves are not all known; NULL: they are */
	struct strv warnings;
	struct strv movers; /* those of the warnings that move the default unasked */
	char *follows; /* the package whose newest kernel becomes the default; NULL: none */
};

/* Needs HOST_BOOT (and HOST_KERNEL, for the running entry). Not finding or understanding
 * a loader is no error: N is 0 and UNKNOWN says why. Only lack of memory fails. */
int boot_load(struct boot *out, const struct host *h, struct err *e);
void boot_clear(struct boot *b);

/* The entry a person means: digits only: the index; else a release, a title or a menu
 * path, exactly; else the beginning of one release alone. Its index, -ENOENT, or
 * -ENOTUNIQ with the candidates in the message. */
int boot_select(const struct boot *b, const char *selector, struct err *e);

/* Make INDEX what boots from now on: a step on grubenv where grub.cfg asks for
 * saved_entry, else on custom.cfg. Empty when it is so already. The plan was tried on the
 * files as they would be. -EPERM refused, with the reason. PLAN is initialized here, kind
 * "boot"; the caller clears it, also after a failure. */
int boot_plan_default(const struct host *h, const struct boot *b, size_t index,
		      struct plan *plan, struct err *e);
/* Record INDEX as where a rollback goes. Otherwise as above. */
int boot_plan_fallback(const struct host *h, const struct boot *b, size_t index,
		       struct plan *plan, struct err *e);

static inline void cleanup_boot(struct boot *b)
{
	boot_clear(b);
}

#endif
