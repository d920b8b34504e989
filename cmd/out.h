/* out: where the report goes: at most one format to stdout, others to files. */
#ifndef CMD_OUT_H
#define CMD_OUT_H

#include "base/err.h"
#include "opt.h"
#include "report/report.h"

#include <stdbool.h>

#define OUT_MAX (OPT_LIST_MAX + 1)

struct out {
	const char *format;
	const char *path; /* NULL: stdout */
	int fd;		  /* of the opened path; -1 */
	bool made;	  /* the file was not there before */
};

struct outs {
	struct out v[OUT_MAX];
	size_t n; /* 0 only before outs_pair or outs_guess */
};

/* Pair --format and --output as they were given: a file belongs to the format before it,
 * one that comes first to the format behind it. -EINVAL says what does not pair. */
int outs_pair(struct outs *o, const struct opt_list *words, struct err *e);
/* For a call whose words could not be understood: how it wants to hear of that. */
void outs_guess(struct outs *o, int argc, char **argv);
/* May COMMAND be shown so? RESULTS: it gives findings. SILENT: it prints nothing. */
int outs_check(const struct outs *o, const char *command, bool results, bool silent,
	       struct err *e);
/* Before anything is done: a change whose report cannot be written is no good. -EINVAL: a
 * wrong call. ROOT is --root's argument. */
int outs_open(struct outs *o, const char *root, struct err *e);
void outs_close(struct outs *o);
/* The call is refused: no file is written to, and what may be said in the format of stdout,
 * or in the only one, is said there. */
void outs_to_stdout(struct outs *o);

/* Write REPORT everywhere, complete or not at all; FAILED: it says a failure, which not
 * every format does. CODE is the exit code. */
int outs_write(struct outs *o, struct report *r, bool failed, int code, struct err *e);
/* The exit code, in the format of stdout, or in the only one. */
int outs_exit_code(const struct outs *o, const struct report *r, int code);

/* What the reader of FD sees. */
void out_look(int fd, struct report_look *look);

#endif
