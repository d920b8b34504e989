/* What the renderers see of a report. */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include "report/report.h"

#include <json.h>

enum item_type {
	ITEM_FIELD,
	ITEM_SAY,
	ITEM_SECTION,
	ITEM_TABLE,
	ITEM_LINES,
	ITEM_PASTE,
	ITEM_RESULTS
};

/* One thing a person reads, in order; or a list that was marked as results. */
struct item {
	enum item_type type;
	char *text; /* label, title, sentence or prefix */
	char *key;
	json_object *node; /* lent by the tree */
	const struct column *cols;
	size_t n_cols;
	char *empty, *terse_key, *terse_value;
	size_t most; /* rows of a table that are shown; 0: all */
};

struct report {
	json_object *root;
	struct item *items;
	size_t n;
	bool oom;
};

/* A row per format. */
struct renderer {
	const char *name;
	bool results;  /* shows results and nothing else */
	bool failures; /* a failure is said in this format, too, not on stderr alone */
	int (*render)(const struct report *r, const struct report_look *look,
		      struct str *out, struct err *e);
	int (*exit_code)(const struct report *r, int code); /* NULL: CODE stays */
};

/* The value of O's KEY; NULL: null or not there. */
json_object *report_member(json_object *o, const char *key);
/* Append V in words, and so that it can do nothing to a terminal; NULL as the word NONE. */
void report_value(struct str *out, json_object *v, const char *none);

/* One row of a list that report_results marked. */
struct result {
	json_object *row;
	enum {
		RESULT_PASS,
		RESULT_WARN,
		RESULT_FAIL,
		RESULT_UNKNOWN,
		RESULT_SKIP,
		RESULT_KINDS
	} status;
	bool required;
	bool counts; /* makes the exit code other than 0 */
};

/* The Ith row of all marked lists; false behind the last. */
bool report_result(const struct report *r, size_t i, struct result *out);
const char *report_status_name(const struct result *r); /* "PASS" */
/* Append the row's KEY in words; a null appends nothing. */
void report_result_text(struct str *out, const struct result *r, const char *key);
/* Append "label: value" for whatever the row says beside what was found, each behind
 * SEPARATOR. */
void report_result_details(struct str *out, const struct result *r,
			   const char *separator);
/* The error of a report that report_fail made; NULL: it is none. */
json_object *report_error(const struct report *r);

/* A format: a file here that ends in its row, and its name in this list. */
#define RENDERERS(X)                                                                     \
	X(text)                                                                          \
	X(json)                                                                          \
	X(tap)                                                                           \
	X(junit)                                                                         \
	X(github)                                                                        \
	X(nagios)

#define X(name) extern const struct renderer renderer_##name;
RENDERERS(X)
#undef X

#endif
