#include "require.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "uring/gate.h"
#include "uring/need.h"

#include <errno.h>
#include <string.h>

static const struct column columns[] = {
	{ "status", "STATUS", COL_STATUS },
	{ "id", "REQUIRED", 0 },
	{ "found", "FOUND", 0 },
};

/* How many of the words are missing and unknown. */
struct tally {
	unsigned missing, unknown;
};

/* What the kernel has is of no use where no ring can be made. */
static enum uring_met usable(const struct uring_answers *a, const struct uring_need *need,
			     bool available)
{
	if (a->asked && !available)
		return URING_MISSING;
	return uring_need_met(a, need);
}

static int require_one(struct ctx *c, const char *word, bool available, struct node *list,
		       struct tally *t)
{
	static const char *const status[] = { "PASS", "FAIL", "UNKNOWN" };
	static const char *const found[] = { "here", "not here", "cannot tell" };
	const struct uring_answers *a = &c->host->uring;
	const char *doubt = host_subject_doubt(&c->host->subject);
	struct uring_need need;
	struct node *row;
	enum uring_met met;
	int err = uring_need_parse(word, &need, &c->err);

	if (err < 0)
		return err_wrap(&c->err, err, "--require");
	met = usable(a, &need, available);
	if (met == URING_MET && doubt)
		met = URING_MET_UNKNOWN;
	t->missing += met == URING_MISSING;
	t->unknown += met == URING_MET_UNKNOWN;
	row = result_add(list, word, status[met], true);
	if (a->asked && !available)
		node_text(row, "found", "no ring can be made");
	else if (doubt)
		node_text(row, "found", doubt);
	else if (need.is_level && a->asked)
		node_textf(row, "found", "level %s", uring_level_name(uring_level(a)));
	else
		node_text(row, "found", found[met]);
	return 0;
}

int cmd_require(struct ctx *c, const char *list)
{
	const struct host *h = c->host;
	struct uring_verdict v = uring_verdict(&h->uring, &h->uring_facts);
	struct node *rows = node_list(report_root(c->report), "results");
	CLEANUP_FREE char *copy = strdup(list);
	char *word, *rest = copy;
	struct tally t = { 0, 0 };
	int err = 0;

	if (!copy)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	while (!err && (word = strsep(&rest, ",")))
		err = require_one(c, word, v.available, rows, &t);
	if (err < 0)
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	report_say(c->report, "verdict", "%s", v.line);
	report_section(c->report, NULL);
	report_table(c->report, rows, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	report_results(c->report, rows);
	return t.missing ? EXIT_NO : t.unknown ? EXIT_FAILED : EXIT_YES;
}

void cmd_gate_results(struct ctx *c)
{
	static const char *const status[] = { "PASS", "WARN", "UNKNOWN" };
	struct node *list = node_list(report_root(c->report), "results");
	struct uring_gate gates[URING_GATES];
	size_t i;

	uring_gates(&c->host->uring, &c->host->uring_facts, gates);
	for (i = 0; i < URING_GATES; i++) {
		struct node *row;
		char id[32];

		snprintf(id, sizeof(id), "gate.%s", gates[i].name);
		/* Where nothing could be asked, that is the answer. */
		row = result_add(list, id, status[gates[i].state], !c->host->uring.asked);
		node_text(row, "title", gates[i].name);
		node_textf(row, "found", "%s: %s", uring_gate_state_name(gates[i].state),
			   gates[i].evidence);
		node_text(row, "fix",
			  gates[i].state == URING_GATE_CLOSED ? gates[i].opens : NULL);
	}
	report_results(c->report, list);
}
