/* The rows that a command marked as results: read once, for all formats of machines. */
#include "report/internal.h"

#include "base/cleanup.h"

#include <string.h>

static const char *const names[RESULT_KINDS] = { "PASS", "WARN", "FAIL", "UNKNOWN",
						 "SKIP" };

/* What a row says beside its id, status and what was found. */
static const struct {
	const char *key, *label;
} details[] = {
	{ "want", "wanted" }, { "want_by", "by" },	  { "why", "why" },
	{ "fix", "mend" },    { "evidence", "evidence" },
};

json_object *report_error(const struct report *r)
{
	return report_member(r->root, "error");
}

static bool is_true(json_object *row, const char *key)
{
	json_object *v = report_member(row, key);

	return v && json_object_get_boolean(v);
}

static void read_row(json_object *row, struct result *out)
{
	json_object *status = report_member(row, "status");
	const char *name = status ? json_object_get_string(status) : "";
	size_t i;

	*out = (struct result){ .row = row, .status = RESULT_UNKNOWN };
	for (i = 0; i < RESULT_KINDS; i++)
		if (strcmp(names[i], name) == 0)
			out->status = i;
	out->required = is_true(row, "required");
	out->counts = report_member(row, "counts") ? is_true(row, "counts")
						   : out->status == RESULT_FAIL;
}

bool report_result(const struct report *r, size_t i, struct result *out)
{
	size_t k, n;

	for (k = 0; k < r->n; k++) {
		if (r->items[k].type != ITEM_RESULTS)
			continue;
		n = (size_t)json_object_array_length(r->items[k].node);
		if (i < n) {
			read_row(json_object_array_get_idx(r->items[k].node, (int)i),
				 out);
			return true;
		}
		i -= n;
	}
	return false;
}

const char *report_status_name(const struct result *r)
{
	return names[r->status];
}

void report_result_text(struct str *out, const struct result *r, const char *key)
{
	report_value(out, report_member(r->row, key), "");
}

void report_result_details(struct str *out, const struct result *r, const char *separator)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(details); i++) {
		if (!report_member(r->row, details[i].key))
			continue;
		str_addf(out, "%s%s: ", separator, details[i].label);
		report_result_text(out, r, details[i].key);
	}
}

struct node *result_add(struct node *list, const char *id, const char *status,
			bool required)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "id", id);
	node_text(row, "status", status);
	node_bool(row, "required", required);
	node_bool(row, "counts", required && strcmp(status, "PASS") != 0);
	return row;
}
