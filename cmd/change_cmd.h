/* change_cmd: what every command that changes something does alike. */
#ifndef CMD_CHANGE_CMD_H
#define CMD_CHANGE_CMD_H

#include "cmd.h"

#include "base/str.h"

#include <stdbool.h>

struct plan;
struct profile_ask;

/* What apply and prepare ask of a plan. Their options begin with it, their tables with
 * these rows. */
struct ask_options {
	bool dry_run, yes, only_useful;
	struct opt_list accept;
};

#define ASK_ROWS                                                                         \
	{ "dry-run", 'n',                                                                \
	  OPT_FLAG,  offsetof(struct ask_options, dry_run),                              \
	  NULL,	     "show what would be changed and change nothing",                    \
	  0,	     0,                                                                  \
	  NULL },                                                                        \
		{ "yes", 'y',	       OPT_FLAG, offsetof(struct ask_options, yes),      \
		  NULL,	 "do not ask", 0,	 0,                                      \
		  NULL },                                                                \
		{ "accept",  0,                                                          \
		  OPT_LIST,  offsetof(struct ask_options, accept),                       \
		  "KEY[=N]", "loosen this security switch; again for others",            \
		  0,	     0,                                                          \
		  NULL },                                                                \
	{                                                                                \
		"only-useful", 0, OPT_FLAG, offsetof(struct ask_options, only_useful),   \
			NULL, "leave out what this host shows no need of", 0, 0, NULL    \
	}

/* The words of --accept as a list. 0 or -ENOMEM. */
int cmd_accepted(struct strv *out, const struct opt_list *accept);

/* Plan the profiles NAMES, and put what was asked into the report ("profiles", "accept",
 * "only_useful"). 0, or the exit code. */
int cmd_plan_profiles(struct ctx *c, const struct strv *names,
		      const struct profile_ask *ask, struct plan *plan, unsigned *id);

/* "uringprep --root DIR COMMAND NAMES --accept KEY": this call without --dry-run, to be
 * typed; the caller's to free. NULL: no memory. */
char *cmd_again(const struct ctx *c, const char *command, const struct strv *names,
		const struct profile_ask *ask);

/* The steps and warnings of P into the report, under "plan" and "warnings". 0, or the exit
 * code. */
int cmd_show_plan(struct ctx *c, const struct plan *p);

/* Show P; then, unless DRY_RUN, apply it as transaction ID. AGAIN (may be NULL) is what to
 * type after a dry run. Fills the report ("transaction", "state", "undo"; of profiles
 * "reboot_required") and returns the exit code. */
int cmd_apply_plan(struct ctx *c, const struct plan *p, unsigned id, bool dry_run,
		   const char *again);

/* More profiles than anybody puts one over another. */
enum { MAX_PROFILES = 16 };

/* 0, or a refusal (EXIT_NO): where the journal lies is not mounted, and one written or
 * looked for now would be another. */
int cmd_need_var(struct ctx *c);

/* The operands as a list. 0 or -ENOMEM. */
int cmd_operands(struct strv *out, int argc, char **argv);

/* Exit code of an enum txn_outcome. */
int cmd_outcome_code(int outcome);
/* Exit code of an -errno from planning: what was named wrong is 2, what is refused is 1. */
int cmd_plan_failed(int err);
/* Show P on stderr and ask. 0: go on; else the exit code (1: they said no; 2: nobody is
 * there to ask). */
int cmd_ask(struct ctx *c, const struct plan *p, const char *what);

/* The id the next transaction will have. 0 or -errno. */
int cmd_next_id(struct ctx *c, unsigned *id);

#endif
