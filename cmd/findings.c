#include "findings.h"

#include "base/cleanup.h"

static const struct column columns[] = {
	{ "status", "STATUS", 0 },	 { "id", "CHECK", 0 },
	{ "found", "FOUND", 0 },	 { "want", "wanted", COL_DETAIL },
	{ "want_by", "by", COL_DETAIL }, { "why", "why", COL_DETAIL },
	{ "fix", "mend", COL_DETAIL },	 { "evidence", "evidence", COL_DETAIL },
};

bool findings_ready(const struct findings *f)
{
	return f->count[CHECK_FAIL] == 0;
}

void cmd_show_findings(struct ctx *c, const struct findings *f, bool terse)
{
	struct node *root = report_root(c->report), *summary;
	struct node *list = node_list(root, "findings");
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct finding *one = &f->v[i];
		struct node *row = node_object(list, NULL);

		node_text(row, "id", one->check->id);
		node_text(row, "status", check_status_name(one->status));
		node_bool(row, "required", one->required);
		node_text(row, "title", one->check->title);
		node_text(row, "found", one->found);
		node_text(row, "want", one->want);
		node_text(row, "want_by", one->want_by);
		node_text(row, "why", one->why);
		node_text(row, "fix", one->fix);
		node_text(row, "evidence", one->evidence);
	}
	summary = node_object(root, "summary");
	node_u64(summary, "pass", f->count[CHECK_PASS]);
	node_u64(summary, "warn", f->count[CHECK_WARN]);
	node_u64(summary, "fail", f->count[CHECK_FAIL]);
	node_u64(summary, "unknown", f->count[CHECK_UNKNOWN]);
	node_u64(summary, "skip", f->count[CHECK_SKIP]);
	node_bool(root, "ready", findings_ready(f));
	report_table(c->report, list, columns, ARRAY_SIZE(columns), "No checks.",
		     terse ? "status" : NULL, "PASS");
}
