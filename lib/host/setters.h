/* setters: who sets a sysctl: files of sysctl.d in the order in which they are loaded, and
 * which line holds in the end. */
#ifndef HOST_SETTERS_H
#define HOST_SETTERS_H

#include "parse/sysctl_d.h"

#include <stdbool.h>
#include <stddef.h>

struct host;

/* Who loads a line. */
enum sysctl_loader {
	SYSCTL_KERNEL = 1, /* the kernel, from its own command line (5.8) */
	SYSCTL_BOOT = 2,   /* systemd-sysctl, after it */
	SYSCTL_SYSTEM = 4, /* `sysctl --system`, when somebody runs it */
	/* tuned, behind its own values (reapply_sysctl): files of /run and /etc, lines that
	 * name the key and may not fail, as its plugin has it. */
	SYSCTL_TUNED = 8,
};

/* A file, in load order: /proc/cmdline, sysctl.d sorted by name (a hidden file behind the
 * one that hides it), /etc/sysctl.conf. */
struct sysctl_source {
	char *path;
	unsigned loaders;
	char *hidden_by; /* a file of its name in an earlier folder; NULL: none */
	bool masked;	 /* that is a link to /dev/null */
	int error;	 /* why it could not be read: it may hold anything */
	struct sysctl_file file;
};

struct sysctl_sources {
	struct sysctl_source *v;
	size_t n;
	bool own_masked;    /* HOST_OWN_SYSCTL is a link to /dev/null */
	char *unlisted;	    /* "folder: why" of one that could not be read; NULL: none */
	char *boot_unclear; /* why systemd-sysctl may not load them at boot; NULL: it does */
};

/* A line that is for one key. */
struct sysctl_setter {
	const char *path;  /* lent by the host, as are the other texts */
	unsigned line;	   /* an argument's number on /proc/cmdline */
	const char *value; /* NULL: "-key" alone, which keeps it unset or out of globs */
	const char *glob;  /* the pattern; NULL: it names the key itself */
	unsigned loaders;  /* enum sysctl_loader: who loads it ... */
	unsigned wins;	   /* ... and of these, after whom its value is what holds */
	bool may_fail;	   /* led by '-' */
	size_t after;	   /* how many sources are loaded before it, its own among them */
	const struct sysctl_source *from; /* NULL: a line that is only thought of */
};

struct sysctl_setters {
	struct sysctl_setter *v;
	size_t n;
};

/* Every line that is for KEY (dots or slashes; any key), in load order. Needs HOST_SYSCTL.
 * 0 or -ENOMEM; V is the caller's to free. */
int host_sysctl_setters(const struct host *h, const char *key,
			struct sysctl_setters *out);
/* The same, with lines of hidden files, which none but tuned may load. */
int host_sysctl_lines(const struct host *h, const char *key, struct sysctl_setters *out);
/* That as if our own file had one line for it, VALUE (lent; NULL: none). */
int host_sysctl_setters_if(const struct host *h, const char *key, const char *value,
			   struct sysctl_setters *out);
/* The one whose value holds after LOADER; NULL: none. Lines of the file WITHOUT (may be
 * NULL) are left out. Pure. */
const struct sysctl_setter *sysctl_winner(const struct sysctl_setters *s,
					  enum sysctl_loader loader, const char *without);

/* Why what WINNER (NULL: nobody) comes to after LOADER may not be so: a file that could
 * not be read, and may say otherwise. Lent; NULL: it is so. */
const char *host_sysctl_unseen(const struct host *h, const struct sysctl_setter *winner,
			       enum sysctl_loader loader);

/* For sysctl.c. 0 or -ENOMEM. */
int host_read_sources(struct host *h);
void host_clear_sources(struct host *h);

#endif
