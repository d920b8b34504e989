/* boot_files: what the boot loader reads, as bytes, found once. Not understood here: that
 * is boot's. A file that cannot be read is kept with its errno. */
#ifndef HOST_BOOT_FILES_H
#define HOST_BOOT_FILES_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

/* Our own folder: journal, lock, recorded fallback. */
#define STATE_DIR "/var/lib/uringprep"

/* Where `boot rollback` goes, in our state folder. */
#define BOOT_FALLBACK_FILE STATE_DIR "/boot/fallback"

struct boot_file {
	char *path; /* inside the root; NULL: no such file is expected here */
	char *data; /* NULL: see error */
	size_t len;
	int error; /* 0, or why data is NULL: -ENOENT, -EACCES, ... */
};

enum host_firmware { FIRMWARE_UNKNOWN, FIRMWARE_BIOS, FIRMWARE_EFI };

struct host_boot {
	struct boot_file cfg;	    /* the grub.cfg that counts */
	struct boot_file env;	    /* the grubenv beside it */
	struct boot_file custom;    /* custom.cfg beside it */
	struct boot_file defaults;  /* /etc/default/grub */
	struct boot_file sysconfig; /* /etc/sysconfig/kernel */
	struct boot_file fallback;  /* BOOT_FALLBACK_FILE */
	struct strv cfg_others;	    /* grub.cfgs that were found and do not count */
	enum host_firmware firmware;
};

/* The group HOST_BOOT. 0 or -ENOMEM. */
int host_read_boot(struct host *h, struct err *e);
void host_boot_clear(struct host_boot *b);

/* What boot needs by name, for only grub.cfg knows the names. PATH is inside the root. */

/* The whole of a file below /boot, at most 1 MiB; the caller's to free. -errno. */
int host_boot_read(const struct host *h, const char *path, char **out, size_t *len);

enum boot_look { LOOK_EMPTY, LOOK_FILE, LOOK_FOLDER, LOOK_OTHER };

/* What PATH is: an enum boot_look (LOOK_FILE is not empty), or -errno. */
int host_boot_look(const struct host *h, const char *path);
/* How many bytes PATH has, or -errno. */
int64_t host_boot_size(const struct host *h, const char *path);
/* The first bytes of PATH: how many, at most SIZE, or -errno. */
int host_boot_head(const struct host *h, const char *path, void *buf, size_t size);
/* What is free in /boot, in bytes; -ENODATA: a recording that does not say; -errno. */
int64_t host_boot_free(const struct host *h);
/* Names in a folder, sorted bytewise. 0 or -errno. */
int host_boot_list(const struct host *h, const char *path, struct strv *names);

#endif
