#include "findings.h"

#include "base/cleanup.h"

#include <string.h>

static const struct column columns[] = {
	{ "status", "STATUS", COL_STATUS },
	{ "id", "CHECK", 0 },
	{ "found", "FOUND", 0 },
	{ "want", "wanted", COL_DETAIL },
	{ "want_by", "by", COL_DETAIL },
	{ "why", "why", COL_DETAIL },
	{ "fix", "mend", COL_DETAIL },
	{ "evidence", "evidence", COL_DETAIL },
};

bool findings_open(const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].status == CHECK_UNKNOWN && f->v[i].required)
			return findings_ready(f);
	return false;
}

bool findings_ready(const struct findings *f)
{
	return f->count[CHECK_FAIL] == 0;
}

static bool counts(const struct finding *f, const struct fail_on *fail_on)
{
	switch (f->status) {
	case CHECK_FAIL:
		return true;
	case CHECK_WARN:
		return fail_on && fail_on->warn;
	case CHECK_UNKNOWN:
		return f->named || (fail_on && fail_on->unknown);
	default:
		return false;
	}
}

int findings_exit_code(const struct findings *f, const struct fail_on *fail_on)
{
	int code = EXIT_YES;
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (!counts(&f->v[i], fail_on))
			continue;
		if (f->v[i].status != CHECK_UNKNOWN)
			return EXIT_NO;
		code = EXIT_FAILED;
	}
	return code;
}

int cmd_select(const struct opt_list *options, struct check_select *out, struct err *e)
{
	static const struct {
		const char *option;
		enum check_mark mark;
	} marks[] = {
		{ "only", CHECK_ONLY },
		{ "skip", CHECK_LEAVE },
		{ "ignore", CHECK_LENIENT },
	};
	size_t i, k;
	int err = 0;

	for (i = 0; i < options->n && !err; i++)
		for (k = 0; k < ARRAY_SIZE(marks) && !err; k++)
			if (strcmp(marks[k].option, options->v[i].option) == 0)
				err = check_select(out, marks[k].mark, marks[k].option,
						   options->v[i].value, e);
	return err;
}

void cmd_show_findings(struct ctx *c, const struct findings *f,
		       const struct fail_on *fail_on, bool terse)
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
		node_bool(row, "counts", counts(one, fail_on));
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
	if (findings_open(f))
		node_null(root, "ready");
	else
		node_bool(root, "ready", findings_ready(f));
	report_results(c->report, list);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), "No checks.",
		     terse ? "status" : NULL, "PASS");
}
