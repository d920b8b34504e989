/* accounts: lines of /etc/group and /etc/passwd. */
#ifndef PARSE_ACCOUNTS_H
#define PARSE_ACCOUNTS_H

#include <stdint.h>
#include <sys/types.h>

/* The first group with the number ID: its name and its members ("a,b", may be empty),
 * both the caller's to free. 1: found, 0: none has it, -ENOMEM. */
int accounts_group(const char *group, uint32_t id, char **name, char **members);
/* How many accounts of a passwd file have it as their own (primary) group. */
unsigned accounts_primary(const char *passwd, uint32_t id);

/* The number of the account or group NAME in a passwd or group file, and an account's own
 * group (*GID; NULL: not asked). 1: found, 0: there is none, -ENOMEM. */
int accounts_number(const char *file, const char *name, uint32_t *id, uint32_t *gid);
/* Append to *GIDS the groups whose members name ACCOUNT. 0 or -ENOMEM. */
int accounts_groups_of(const char *group, const char *account, gid_t **gids, size_t *n);

#endif
