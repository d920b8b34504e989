/* proc: tables of /proc. Each answer is -1 when it is not there or no number. */
#ifndef PARSE_PROC_H
#define PARSE_PROC_H

#include <stdint.h>

/* A number alone in its file, blanks around it allowed. */
int64_t proc_number(const char *text);
/* The first word of numbers parted by blanks (fs.file-nr). */
int64_t proc_first_number(const char *text);
/* NAME in lines of "name value" (/proc/vmstat). */
int64_t proc_named(const char *text, const char *name);
/* NAME in GROUP ("TcpExt") of /proc/net/netstat: a line of names, then one of values. */
int64_t proc_netstat(const char *text, const char *group, const char *name);
/* Devices of /proc/swaps: lines behind the first. */
int64_t proc_swaps(const char *text);

#endif
