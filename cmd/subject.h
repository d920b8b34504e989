/* subject: --pid, --unit and --record, as check and probe have them. */
#ifndef CMD_SUBJECT_H
#define CMD_SUBJECT_H

#include "cmd.h"

#include <limits.h>

struct subject_options {
	uint64_t pid; /* 0: not given */
	const char *unit, *record;
	int record_fd;	  /* of `record`, from cmd_subject to cmd_record */
	bool record_made; /* by this run */
};

/* Their rows, for a command whose TYPE of options has them as MEMBER. */
#define SUBJECT_ROWS(type, member)                                                       \
	{ "pid",   0,                                                                    \
	  OPT_U64, offsetof(type, member.pid),                                           \
	  "N",	   "judge process N, not this one: its user, limits, filters",           \
	  1,	   INT_MAX,                                                              \
	  NULL },                                                                        \
		{ "unit",   0,                                                           \
		  OPT_TEXT, offsetof(type, member.unit),                                 \
		  "NAME",   "judge this systemd service",                                \
		  0,	    0,                                                           \
		  NULL },                                                                \
	{                                                                                \
		"record", 0, OPT_TEXT, offsetof(type, member.record), "FILE",            \
			"write what was asked to FILE, for --facts", 0, 0, NULL          \
	}

/* Before the first host_need: find the subject, open the recording. 0 or an exit code. */
int cmd_subject(struct ctx *c, struct subject_options *o);
/* Who was judged: "subject" in the report; null for this process. */
void cmd_show_subject(struct ctx *c);
/* Behind a good cmd_subject, on every way out: write the recording, if one is wanted and
 * there was a judgement, and close it. 0 or an exit code. */
int cmd_record(struct ctx *c, struct subject_options *o, bool judged);

#endif
