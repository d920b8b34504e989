/* What the renderers see of a report. */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include "report/report.h"

#include <json.h>

enum item_type { ITEM_FIELD, ITEM_SAY, ITEM_SECTION, ITEM_TABLE, ITEM_LINES };

/* One thing a person reads, in order. */
struct item {
	enum item_type type;
	char *text; /* label, title, sentence or prefix */
	char *key;
	json_object *node; /* lent by the tree */
	const struct column *cols;
	size_t n_cols;
	char *empty, *terse_key, *terse_value;
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
	int (*render)(const struct report *r, struct str *out, struct err *e);
};

/* A format: a file here that ends in its row, and its name in this list. */
#define RENDERERS(X)                                                                     \
	X(text)                                                                          \
	X(json)

#define X(name) extern const struct renderer renderer_##name;
RENDERERS(X)
#undef X

#endif
