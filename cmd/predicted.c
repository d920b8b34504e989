#include "predicted.h"

#include "base/cleanup.h"
#include "change/plan.h"
#include "change/state.h"
#include "host/host.h"
#include "job/predicted.h"

#include <string.h>

static const struct column columns[] = {
	{ "key", "KEY", 0 },
	{ "predicted", "PREDICTED", 0 },
	{ "actual", "ACTUAL", 0 },
	{ "who", "WHO", 0 },
};

static const struct column next_columns[] = {
	{ "key", "KEY", 0 },
	{ "predicted", "PREDICTED", 0 },
	{ "next_boot", "NEXT BOOT", 0 },
	{ "next_boot_by", "WHO", 0 },
};

void cmd_show_forecasts(struct ctx *c, const struct plan *p)
{
	struct node *list, *row;
	size_t i;

	if (strcmp(p->kind, "profile") != 0)
		return;
	list = node_list(report_root(c->report), "predicted");
	for (i = 0; i < p->n_predicted; i++) {
		row = node_object(list, NULL);
		node_text(row, "key", p->predicted[i].key);
		node_text(row, "value", p->predicted[i].value);
		node_text(row, "by", p->predicted[i].by);
	}
}

static void add_row(struct node *list, const struct came_true *one)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "key", one->key);
	node_text(row, "predicted", one->predicted);
	node_text(row, "by", one->by);
	node_text(row, "actual", one->actual);
	node_bool(row, "differs", one->differs);
	node_text(row, "who",
		  one->differs && !one->who ? "at run time, or by a program" : one->who);
}

/* Rows of what differs alone; that all is well is one line. */
static void say(struct ctx *c, const struct prediction *p, struct node *list)
{
	report_section(c->report, NULL);
	if (p->differ)
		report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL,
			     NULL);
	else
		report_say(c->report, "since_boot",
			   "After the boot since transaction %u: as predicted.", p->id);
}

/* A table has all rows of its list: one of its own. */
static void say_moved(struct ctx *c, const struct prediction *p)
{
	struct node *list = node_list(report_root(c->report), "overridden"), *row;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (!p->v[i].next)
			continue;
		row = node_object(list, NULL);
		node_text(row, "key", p->v[i].key);
		node_text(row, "predicted", p->v[i].predicted);
		node_text(row, "next_boot", p->v[i].next);
		node_text(row, "next_boot_by", p->v[i].next_by);
	}
	report_section(c->report, NULL);
	report_table(c->report, list, next_columns, ARRAY_SIZE(next_columns), NULL, NULL,
		     NULL);
}

int cmd_show_predicted(struct ctx *c, const struct txn_log *log, int code)
{
	struct node *root = report_root(c->report), *list;
	const char *first = NULL, *moved = NULL;
	struct prediction p;
	size_t i;

	if (job_predicted(c->host, log, &p) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (p.booted >= 0)
		node_bool(root, "booted_since", p.booted);
	else
		node_null(root, "booted_since");
	list = node_list(root, "predicted");
	for (i = 0; p.booted == 1 && i < p.n; i++) {
		add_row(list, &p.v[i]);
		first = p.v[i].differs && !first ? p.v[i].key : first;
	}
	for (i = p.n; i-- > 0;)
		moved = p.v[i].next ? p.v[i].key : moved;
	if (p.booted == 1)
		say(c, &p, list);
	if (p.moved)
		say_moved(c, &p);
	if (p.differ && code == EXIT_YES)
		code = err_set(&c->err, EXIT_NO,
			       "%zu value%s other than was predicted for this boot: see "
			       "uringprep explain %s",
			       p.differ, p.differ > 1 ? "s are" : " is", first);
	if (p.moved && code == EXIT_YES)
		code = err_set(&c->err, EXIT_NO,
			       "%zu value%s will be other than applied after the next "
			       "boot: see uringprep explain %s",
			       p.moved, p.moved > 1 ? "s" : "", moved);
	prediction_clear(&p);
	return code;
}
