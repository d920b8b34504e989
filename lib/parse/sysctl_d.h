/* sysctl_d: the lines of a sysctl.d file (sysctl.d(5), sysctl.conf(5)). */
#ifndef PARSE_SYSCTL_D_H
#define PARSE_SYSCTL_D_H

#include <stdbool.h>
#include <stddef.h>

struct sysctl_line {
	char *path;  /* below /proc/sys: "net/core/somaxconn"; may hold globs */
	char *value; /* NULL: "-key" alone, which keeps KEY out of globs */
	unsigned line;
	bool may_fail; /* led by '-' */
	bool glob;     /* path is a pattern */
};

struct sysctl_file {
	struct sysctl_line *v;
	size_t n;
	unsigned bad_line; /* the first line that is no assignment; 0: none */
};

/* systemd-sysctl and procps go on after a line they don't understand; so do we, and say
 * which. 0 or -ENOMEM. */
int sysctl_d_parse(struct sysctl_file *out, const char *text, size_t len);
void sysctl_file_clear(struct sysctl_file *f);

/* Is it PATH that the line is for? BRACES: "{a,b}" of a pattern are alternatives
 * (systemd-sysctl), not letters (procps). */
bool sysctl_line_is_for(const struct sysctl_line *l, const char *path, bool braces);

/* The sysctl arguments of a kernel command line, as lines 1 to n: "sysctl.KEY=VALUE" or
 * "sysctl/KEY=VALUE", set by the kernel itself before the first program runs (5.8 and
 * later). 0 or -ENOMEM. */
int sysctl_cmdline_parse(struct sysctl_file *out, const char *cmdline);

/* "net.core.somaxconn" or "net/core/somaxconn" to the path; of '.' and '/' the first met
 * is the separator and the other one is literal (sysctl.d(5)). Needless slashes go. NULL:
 * out of memory. */
char *sysctl_path(const char *key);
/* Where a kernel has KEY: "/proc/sys/net/core/somaxconn". NULL: out of memory. */
char *sysctl_proc(const char *key);
bool sysctl_path_is_glob(const char *path);
/* The other way: the dotted key by which people call PATH. NULL: out of memory. */
char *sysctl_key(const char *path);

/* Are two values the same to the kernel, which reads numbers as C does (0x10, 020) and
 * takes blanks for one? NULL is no value. */
bool sysctl_value_eq(const char *a, const char *b);

#endif
