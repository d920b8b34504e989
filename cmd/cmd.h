/* cmd: what a subcommand is, and what it is given. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/err.h"
#include "base/ui.h"
#include "opt.h"
#include "out.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdio.h>

struct root;
struct host;

enum exit_code {
	EXIT_YES = 0,	  /* yes, done, nothing to do */
	EXIT_NO = 1,	  /* the answer is no: not ready, differs, refused */
	EXIT_USAGE = 2,	  /* wrong call */
	EXIT_FAILED = 3,  /* failed or could not be found out; host unchanged */
	EXIT_CHANGED = 4, /* failed, and the host is changed */
};

/* Options every command has. */
struct common {
	const char *root;     /* --root DIR; NULL: / */
	const char *facts;    /* --facts FILE */
	bool offline;	      /* --offline */
	struct opt_list outs; /* --format and --output, in order */
};

/* A run of a command. ROOT and HOST are opened by main before run, unless no_host. */
struct ctx {
	struct common common;
	struct root *root;
	struct host *host;
	struct report *report; /* filled by the command */
	bool have_report;      /* print it; else an error says all */
	struct ui ui;
	unsigned applied; /* a transaction that this run has finished; 0: none */
	struct outs outs; /* where the report goes; opened before anything is done */
	struct err err;	  /* why the code is not 0: one line on stderr */
};

/* RUN returns an exit code (0..4) or -errno, which is 3. OPTS points to OPTS_SIZE bytes,
 * zeroed, that the rows of OPTIONS were parsed into. ARGV holds the ARGC operands; main
 * has checked MIN_ARGS <= ARGC <= MAX_ARGS. */
struct command {
	const char *name;     /* "check", "boot list" */
	const char *operands; /* "PROFILE", "[SELECTOR]" or "" */
	const char *summary;  /* one line, no full stop */
	const char *help;     /* some lines with an example; shown under the options */
	const struct opt *options;
	size_t n_options;
	size_t opts_size;
	int min_args, max_args;
	bool no_host; /* needs neither root nor host (serve) */
	bool results; /* marks results: there are formats for those alone */
	bool silent;  /* prints nothing: the exit code says all */
	int (*run)(struct ctx *c, const void *opts, int argc, char **argv);
};

/* A new command: a file here that ends in its row, and one word in this list. */
#define COMMANDS(X)                                                                      \
	X(check)                                                                         \
	X(is_ready)                                                                      \
	X(probe)                                                                         \
	X(compare)                                                                       \
	X(explain)                                                                       \
	X(apply)                                                                         \
	X(status)                                                                        \
	X(revert)                                                                        \
	X(profile_list)                                                                  \
	X(profile_show)                                                                  \
	X(profile_diff)                                                                  \
	X(profile_check)                                                                 \
	X(boot_list)                                                                     \
	X(boot_default)                                                                  \
	X(boot_fallback)                                                                 \
	X(verify)                                                                        \
	X(serve)                                                                         \
	X(prepare)                                                                       \
	X(profile_import)

#define X(name) extern const struct command cmd_##name;
COMMANDS(X)
#undef X

#endif
