/* require: what `probe --require` answers, and the gates as results for other formats. */
#ifndef CMD_REQUIRE_H
#define CMD_REQUIRE_H

#include "cmd.h"

/* Judge the words of LIST ("op:accept,level:network") into the report, as its results; what
 * is offered counts only where a ring can be made. An exit code. Needs HOST_URING_WHOLE. */
int cmd_require(struct ctx *c, const char *list);

/* The gates as results, of which none counts: probe only tells. */
void cmd_gate_results(struct ctx *c);

#endif
