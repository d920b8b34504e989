/* accounts: lines of /etc/group and /etc/passwd, asked by a group's number. */
#ifndef PARSE_ACCOUNTS_H
#define PARSE_ACCOUNTS_H

#include <stdint.h>

/* The first group with the number ID: its name and its members ("a,b", may be empty),
 * both the caller's to free. 1: found, 0: none has it, -ENOMEM. */
int accounts_group(const char *group, uint32_t id, char **name, char **members);
/* How many accounts of a passwd file have it as their own (primary) group. */
unsigned accounts_primary(const char *passwd, uint32_t id);

#endif
