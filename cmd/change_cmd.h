/* change_cmd: what every command that changes something does alike. */
#ifndef CMD_CHANGE_CMD_H
#define CMD_CHANGE_CMD_H

#include "cmd.h"

#include "base/str.h"

#include <stdbool.h>

struct plan;

/* The steps and warnings of P into the report, under "plan" and "warnings". */
void cmd_show_plan(struct ctx *c, const struct plan *p);

/* Show P; then, unless DRY_RUN, apply it as transaction ID. Fills the report
 * ("transaction", "state", "undo") and returns the exit code. */
int cmd_apply_plan(struct ctx *c, const struct plan *p, unsigned id, bool dry_run);

/* More profiles than anybody puts one over another. */
enum { MAX_PROFILES = 16 };

/* 0, or a refusal (EXIT_NO): where the journal lies is not mounted, and one written or
 * looked for now would be another. */
int cmd_need_var(struct ctx *c);

/* The operands as a list. 0 or -ENOMEM. */
int cmd_operands(struct strv *out, int argc, char **argv);

/* Exit code of an enum txn_outcome. */
int cmd_outcome_code(int outcome);
/* Exit code of an -errno from planning: what was named wrong is 2, what is refused is 1. */
int cmd_plan_failed(int err);
/* Show P on stderr and ask. 0: go on; else the exit code (1: they said no; 2: nobody is
 * there to ask). */
int cmd_ask(struct ctx *c, const struct plan *p, const char *what);

/* The id the next transaction will have. 0 or -errno. */
int cmd_next_id(struct ctx *c, unsigned *id);

#endif
