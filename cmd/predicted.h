/* predicted: what is said of the next boot, and what it made of that. */
#ifndef CMD_PREDICTED_H
#define CMD_PREDICTED_H

#include "cmd.h"

struct plan;
struct txn_log;

/* What P predicts, into the report: "predicted". Text has it in the plan's warnings. */
void cmd_show_forecasts(struct ctx *c, const struct plan *p);

/* What the open transactions of LOG predicted, and what is, into the report: "booted_since",
 * "predicted". CODE is the exit code so far; EXIT_NO instead of EXIT_YES where a value is
 * another than was predicted. */
int cmd_show_predicted(struct ctx *c, const struct txn_log *log, int code);

#endif
