/* verify_cmd: the comparison, for `verify` and for `prepare`. */
#ifndef CMD_VERIFY_CMD_H
#define CMD_VERIFY_CMD_H

#include "cmd.h"

/* Run self-test and comparison and put them into the report. The exit code. */
int cmd_verify_into(struct ctx *c, bool quick);

#endif
