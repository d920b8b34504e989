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

/* "net.core.somaxconn" or "net/core/somaxconn" to the path; of '.' and '/' the first met
 * is the separator and the other one is literal (sysctl.d(5)). NULL: out of memory. */
char *sysctl_path(const char *key);
bool sysctl_path_is_glob(const char *path);

#endif
