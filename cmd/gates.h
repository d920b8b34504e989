/* gates: who denies io_uring, in a report. */
#ifndef CMD_GATES_H
#define CMD_GATES_H

#include "cmd.h"

/* Into URING, an object of the report: available, cause, behind_it, confidence, level,
 * first_line, gates, changes; first_line also as the report's verdict; and into the text: the first line, the gates, the changes.
 * Needs HOST_URING; the configuration is used where HOST_CONFIG has been read. */
void cmd_show_gates(struct ctx *c, struct node *uring);
/* Its first line alone, as "first_line" of the report. */
void cmd_show_first_line(struct ctx *c);

#endif
