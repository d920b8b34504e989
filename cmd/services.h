/* services: what runs on with what it had before a change. Told, never restarted. */
#ifndef CMD_SERVICES_H
#define CMD_SERVICES_H

#include "cmd.h"

#include "base/str.h"

struct plan;

/* Behind plan P, which is applied or would be: the listening sockets that keep the backlog
 * of the old net.core.somaxconn, and the units that run with other limits than their
 * drop-ins say. Into the report, under "services"; once a report. Nothing where P changes
 * neither, or where no live value is set. */
void cmd_show_services(struct ctx *c, const struct plan *p);

/* Behind plan P that was undone: a sentence for each unit that keeps the limits it was
 * given. 0 or -ENOMEM. */
int cmd_services_left(const struct ctx *c, const struct plan *p, struct strv *lines);

#endif
