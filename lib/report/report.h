/* report: what a command found, as a tree, and in which order a person reads it.
 *
 * Data go in with node_*; what is shown of them, in text, with report_*. Text never holds
 * what the tree lacks. Built in memory, rendered once. Memory running out is remembered
 * and answered by report_render. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct report;
struct node; /* an object or a list of the tree; lent, lives as long as the report */

/* COMMAND "boot_list" makes the schema uringprep.boot_list/1. */
int report_new(struct report **out, const char *command);
void report_free(struct report *r);
struct node *report_root(struct report *r);

/* Data. KEY is snake_case with its unit; NULL when the parent is a list. */
struct node *node_object(struct node *parent, const char *key);
struct node *node_list(struct node *parent, const char *key);
void node_text(struct node *n, const char *key, const char *value); /* NULL: null */
void node_textf(struct node *n, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void node_u64(struct node *n, const char *key, uint64_t value);
void node_i64(struct node *n, const char *key, int64_t value);
void node_real(struct node *n, const char *key, double value,
	       int decimals); /* NaN: null */
void node_bool(struct node *n, const char *key, bool value);
void node_null(struct node *n, const char *key);
size_t node_count(struct node *list); /* how many a list holds */

/* Text. Called in the order of reading. */

enum column_flags {
	COL_RIGHT = 1,	/* numbers */
	COL_MARK = 2,	/* a boolean: its heading's first letter stands for true */
	COL_DETAIL = 4, /* on a line of its own under the row: "heading: value" */
	COL_STATUS = 8, /* PASS, FAIL, ...: in colour where there are colours */
};

struct column {
	const char *key;
	const char *heading;
	unsigned flags;
};

/* "label: value" of N's KEY; a null is shown as "unknown". Labels of fields in a row are
 * aligned. */
void report_field(struct report *r, const char *label, struct node *n, const char *key);
/* A sentence: goes into the tree under KEY and onto a line of its own. */
void report_say(struct report *r, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* An empty line, and a heading when TITLE is not NULL. */
void report_section(struct report *r, const char *title);
/* LIST's objects, one a row; an empty list shows the line EMPTY (NULL: nothing). COLS is
 * lent and must live as long as the report (make it static const). Details of a row are
 * left out where its TERSE_KEY (may be NULL) reads TERSE_VALUE. */
void report_table(struct report *r, struct node *list, const struct column *cols,
		  size_t n, const char *empty, const char *terse_key,
		  const char *terse_value);
/* Of the table before, text shows ROWS at most and counts the others. */
void report_at_most(struct report *r, size_t rows);
/* LIST's strings, one a line, each after PREFIX. */
void report_lines(struct report *r, struct node *list, const char *prefix);
/* LIST's strings, one a line and never broken: to be pasted. */
void report_paste(struct report *r, struct node *list);

/* LIST's objects are results, which the formats for machines show: id, status (PASS, WARN,
 * FAIL, UNKNOWN, SKIP), required, counts (it makes the exit code other than 0; where it is
 * missing a FAIL does), title, found, want, want_by, why, fix, evidence; of a place in a
 * file of the caller's also file, line, column. Several lists may be marked; text shows nothing of it. */
void report_results(struct report *r, struct node *list);
/* A new one in LIST, with the first four: where it is REQUIRED, all but PASS counts. */
struct node *result_add(struct node *list, const char *id, const char *status,
			bool required);
/* The report is that it failed: MESSAGE, and the exit CODE. */
void report_fail(struct report *r, const char *message, int code);

/* Append TEXT so that it can do nothing to a terminal: control characters as \xNN. */
void report_safe(struct str *out, const char *text);

/* What the reader's side is like. */
struct report_look {
	size_t width; /* columns of the terminal; 0: none, lines are not broken */
	bool colour;
	int code; /* the exit code, for a format whose first word says it */
};

/* The formats there are; the words for messages, lent: "text, json, ...". */
bool report_has_format(const char *format);
const char *report_formats(void);
/* Does FORMAT show results and nothing else? Does it say failures, too? */
bool report_format_needs_results(const char *format);
bool report_format_says_failures(const char *format);
/* The exit code in FORMAT; CODE is ours. */
int report_exit_code(const struct report *r, const char *format, int code);

/* Render; LOOK may be NULL. The text is the caller's to free. -EINVAL: no such format, or
 * it needs results and none are marked. */
int report_render(struct report *r, const char *format, const struct report_look *look,
		  char **out, struct err *e);

#endif
