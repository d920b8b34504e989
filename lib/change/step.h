/* step: how each type of step is read and written. Reading back, undoing and telling
 * drift are the same for all of them. */
#ifndef CHANGE_STEP_H
#define CHANGE_STEP_H

#include "change/plan.h"

struct root;

/* What is there now, in the form of the step's before and after. */
int step_now(const struct root *r, const struct step *s, struct blob *now, struct err *e);
/* Make it WANT. */
int step_put(const struct root *r, const struct step *s, const struct blob *want,
	     struct err *e);
/* Take away what a killed step_put left beside its target. */
int step_clean(const struct root *r, const struct step *s, struct err *e);
/* Make durable what is there: a killed step_put may not have come to that. */
int step_sync(const struct root *r, const struct step *s, struct err *e);
/* Add to FOLDERS those that doing S will make. 0 or -errno. */
int step_folders(const struct root *r, const struct step *s, struct strv *folders);
/* "/etc/sysctl.d/99-uringprep.conf", "net.core.somaxconn", "saved_entry in /boot/..":
 * for messages. NULL when memory ran out; the caller's to free. */
char *step_describe(const struct step *s);

#endif
