/* offers: what the kernel offers of io_uring, in a report. */
#ifndef CMD_OFFERS_H
#define CMD_OFFERS_H

#include "cmd.h"
#include "uring/probe.h"

/* Into the object URING: a list for each kind ("opcodes", "setup_flags", ...), "sources"
 * and "not_asked"; and as tables into the text. */
void cmd_show_offers(struct ctx *c, struct node *uring, const struct uring_answers *a);

/* "adds": what mainline RELEASE ("6.1") has and this kernel has not, or may not have. */
void cmd_show_additions(struct ctx *c, const struct uring_answers *a,
			const char *release);

#endif
