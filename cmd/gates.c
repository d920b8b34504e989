#include "gates.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "subject.h"
#include "uring/gate.h"

#include <stdio.h>

static const struct column gate_columns[] = {
	{ "state", "STATE", 0 },
	{ "name", "GATE", 0 },
	{ "evidence", "EVIDENCE", 0 },
};

static const struct column change_columns[] = {
	{ "gate", "OPEN", 0 },
	{ "do", "DO", 0 },
	{ "elsewhere", "or", COL_DETAIL },
	{ "gives_away", "gives away", COL_DETAIL },
};

static void show_gates(struct ctx *c, struct node *uring,
		       const struct uring_gate gates[URING_GATES])
{
	struct node *list = node_list(uring, "gates");
	size_t i;

	for (i = 0; i < URING_GATES; i++) {
		struct node *row = node_object(list, NULL);

		node_text(row, "name", gates[i].name);
		node_text(row, "state", uring_gate_state_name(gates[i].state));
		node_bool(row, "suspected", gates[i].suspected);
		node_text(row, "evidence", gates[i].evidence);
		node_text(row, "opens", gates[i].opens);
	}
	report_section(c->report, NULL);
	report_table(c->report, list, gate_columns, ARRAY_SIZE(gate_columns), NULL, NULL,
		     NULL);
}

static void show_changes(struct ctx *c, struct node *uring,
			 const struct uring_gate gates[URING_GATES])
{
	const struct host *h = c->host;
	struct uring_change v[URING_GATES];
	size_t n = uring_changes(&h->uring, &h->uring_facts, v), i;
	struct node *list = node_list(uring, "changes");

	for (i = 0; i < n; i++) {
		struct node *row = node_object(list, NULL);

		node_text(row, "gate", gates[v[i].gate].name);
		node_text(row, "do", v[i].command);
		node_text(row, "elsewhere", v[i].elsewhere[0] ? v[i].elsewhere : NULL);
		node_text(row, "gives_away", v[i].gives_away);
	}
	if (!n)
		return;
	report_section(c->report, NULL);
	report_table(c->report, list, change_columns, ARRAY_SIZE(change_columns), NULL,
		     NULL, NULL);
}

static struct uring_verdict verdict_of(const struct host *h)
{
	struct uring_verdict v = uring_verdict(&h->uring, &h->uring_facts);

	if (h->subject.not_asked)
		snprintf(v.line, sizeof(v.line), "%.*s", URING_LINE,
			 h->subject.not_asked);
	return v;
}

void cmd_show_first_line(struct ctx *c)
{
	report_say(c->report, "first_line", "%s", verdict_of(c->host).line);
}

void cmd_show_gates(struct ctx *c, struct node *uring)
{
	const struct host *h = c->host;
	struct uring_verdict v = verdict_of(h);
	enum uring_level level = v.available ? uring_level(&h->uring) : URING_NONE;
	struct uring_gate gates[URING_GATES];
	struct node *behind;
	size_t i;

	uring_gates(&h->uring, &h->uring_facts, gates);
	if (h->uring.asked)
		node_bool(uring, "available", v.available);
	else
		node_null(uring, "available");
	node_text(uring, "cause", v.cause);
	behind = node_list(uring, "behind_it");
	for (i = 0; i < v.n_behind; i++)
		node_text(behind, NULL, gates[v.behind[i]].name);
	node_text(uring, "confidence", v.sure ? "high" : "low");
	node_text(uring, "level", h->uring.asked ? uring_level_name(level) : NULL);
	node_text(uring, "first_line", v.line);
	report_say(c->report, "verdict", "%s", v.line);
	cmd_show_subject(c);
	if (!v.available || v.n_behind)
		report_section(c->report, NULL);
	if (!v.available)
		report_field(c->report, "confidence", uring, "confidence");
	if (v.n_behind)
		report_field(c->report, "behind it", uring, "behind_it");
	show_gates(c, uring, gates);
	show_changes(c, uring, gates);
}
