/* findings: a list of findings in a report. */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include "check/check.h"
#include "cmd.h"

/* "findings", "summary" and "ready" into the report. TERSE: details of what passed are
 * left out of the text. */
void cmd_show_findings(struct ctx *c, const struct findings *f, bool terse);
/* Is there no required check that failed? */
bool findings_ready(const struct findings *f);

#endif
