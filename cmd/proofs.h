/* proofs: proofs, as `status` shows and `verify --keep` keeps them. */
#ifndef CMD_PROOFS_H
#define CMD_PROOFS_H

#include "cmd.h"

struct txn_log;

/* Every proof that is kept, and whether it still holds. 0 or -errno. */
int cmd_show_proofs(struct ctx *c, const struct txn_log *log);

/* May a proof be kept here? Asked before the work is done. 0 or an exit code. */
int cmd_may_keep(struct ctx *c);
/* Keep a proof of KIND. 0 or an exit code. */
int cmd_keep_proof(struct ctx *c, const char *kind, const char *result, const char *text);

#endif
