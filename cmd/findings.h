/* findings: a list of findings in a report. */
#ifndef CMD_FINDINGS_H
#define CMD_FINDINGS_H

#include "check/check.h"
#include "check/select.h"
#include "cmd.h"

/* What else than a FAIL, and an UNKNOWN that was asked for by its id, makes the exit code
 * other than 0. */
struct fail_on {
	bool warn, unknown;
};

/* "findings", "summary" and "ready" into the report; the findings are its results. FAIL_ON
 * may be NULL. TERSE: details of what passed are left out of the text. */
void cmd_show_findings(struct ctx *c, const struct findings *f,
		       const struct fail_on *fail_on, bool terse);
/* Is there no required check that failed? */
bool findings_ready(const struct findings *f);
/* Is that so, as far as can be told: did no required check fail, and could one not tell? */
bool findings_open(const struct findings *f);
/* EXIT_YES, EXIT_NO or EXIT_FAILED (cannot tell). */
int findings_exit_code(const struct findings *f, const struct fail_on *fail_on);

/* Rows for the options that choose checks, into the struct opt_list SELECT of TYPE. */
#define SELECT_OPTIONS(type)                                                             \
	{ "only",   0,                                                                   \
	  OPT_LIST, offsetof(type, select),                                              \
	  "LIST",   "these checks alone; one named by its id must not stay unknown",     \
	  0,	    0,                                                                   \
	  NULL },                                                                        \
		{ "skip", 0, OPT_LIST, offsetof(type, select), "LIST", "all but these",  \
		  0,	  0, NULL },                                                     \
	{                                                                                \
		"ignore", 0, OPT_LIST, offsetof(type, select), "LIST",                   \
			"let these warn, not fail", 0, 0, NULL                           \
	}
#define SELECT_HELP                                                                      \
	"A LIST has ids (uring.available), areas (uring) and globs ('*.memlock'),\n"     \
	"separated by commas.\n"
int cmd_select(const struct opt_list *options, struct check_select *out, struct err *e);

#endif
