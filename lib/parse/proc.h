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
/* The sum of NAME... in such lines: "allocstall" (before 4.10), "allocstall_dma", ... */
int64_t proc_named_sum(const char *text, const char *prefix);
/* NAME in the line "GROUP: name value ..." of /proc/net/sockstat. */
int64_t proc_sockstat(const char *text, const char *group, const char *name);
/* The sum of a column, from 0 on, of hexadecimal numbers (/proc/net/softnet_stat). */
int64_t proc_hex_column(const char *text, unsigned column);
/* All tasks of /proc/loadavg: "... 1/52 145". */
int64_t proc_tasks(const char *text);
/* Devices of /proc/swaps: lines behind the first. */
int64_t proc_swaps(const char *text);

#endif
