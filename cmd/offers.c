#include "offers.h"

#include "base/cleanup.h"
#include "uring/names.h"

#include <errno.h>
#include <string.h>

static const struct column columns[] = {
	{ "supported", "HAS", 0 }, { "number", "NR", COL_RIGHT },
	{ "name", "NAME", 0 },	   { "since", "SINCE", COL_RIGHT },
	{ "what", "WHAT", 0 },
};

static const struct column add_columns[] = {
	{ "kind", "KIND", 0 },
	{ "name", "NAME", 0 },
	{ "since", "SINCE", COL_RIGHT },
	{ "what", "WHAT", 0 },
};

static const struct column unasked_columns[] = {
	{ "kind", "NOT ASKED", 0 },
	{ "why", "WHY", 0 },
};

static const char *source_name(enum uring_source source)
{
	static const char *const names[] = { NULL, "query", "ring", "call" };

	return names[source];
}

static const char *source_words(enum uring_source source)
{
	static const char *const words[] = { NULL, "from QUERY, without a ring",
					     "from a real ring",
					     "from calls made to fail" };

	return words[source];
}

static void add_row(struct node *list, const struct uring_answers *a,
		    enum uring_kind kind, unsigned number, const struct uring_name *v)
{
	struct node *row = node_object(list, NULL);

	node_text(row, "name", v ? v->name : NULL);
	node_u64(row, "number", number);
	node_text(row, "since", v ? v->since : NULL);
	if (uring_knows(a, kind, number))
		node_bool(row, "supported", uring_has(a, kind, number));
	else
		node_null(row, "supported");
	node_text(row, "what", v ? v->what : "newer than this program: known by number");
}

/* All that have a name, and what the kernel has beyond those. */
static void show_kind(struct ctx *c, struct node *uring, const struct uring_answers *a,
		      enum uring_kind kind)
{
	struct node *list = node_list(uring, uring_kind_key(kind));
	CLEANUP(cleanup_str) struct str title = STR_INIT;
	unsigned i, have = 0;

	for (i = 0; i < 256; i++) {
		const struct uring_name *v = uring_name(kind, i);

		have += uring_has(a, kind, i);
		if (v || uring_has(a, kind, i))
			add_row(list, a, kind, i, v);
	}
	if (a->set[kind].source == URING_NOT_ASKED)
		return;
	str_addf(&title, "%s: %u here, %s", uring_kind_title(kind), have,
		 source_words(a->set[kind].source));
	report_section(c->report, str_text(&title));
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
}

static bool knows_all(const struct uring_answers *a, enum uring_kind kind)
{
	unsigned i;

	for (i = 0; uring_name(kind, i); i++)
		if (!uring_knows(a, kind, i))
			return false;
	return true;
}

/* Why some numbers of KIND are not known. */
static const char *why_not(const struct uring_answers *a, enum uring_kind kind)
{
	const struct uring_set *s = &a->set[kind];

	if (!a->asked)
		return "the kernel was not asked";
	if (a->killed)
		return "a seccomp filter kills who asks";
	if (kind == URING_REGISTER_OPS && s->error == -EBADF)
		return "this kernel looks at the descriptor before the number";
	if (kind == URING_REGISTER_OPS && s->source == URING_BY_CALL)
		return "number 32 answers alike whether it is there or a hole (6.13, "
		       "6.14)";
	if ((kind == URING_REGISTER_OPS && a->register_bad != -EBADF) ||
	    (kind == URING_ENTER_FLAGS && a->enter_bad != -EBADF))
		return "the system call itself is denied";
	if (a->setup_null != -EFAULT || a->setup_real < 0)
		return "it takes a ring to ask, and none can be made";
	if (kind == URING_OPS)
		return "the kernel has no PROBE registration (before 5.6)";
	if (s->error)
		return "asking met a limit on memory or descriptors";
	if (kind == URING_OP_FLAGS)
		return "whether the operation itself is there is not known";
	return "this kernel cannot be asked for it";
}

static void show_unasked(struct ctx *c, struct node *uring, const struct uring_answers *a)
{
	struct node *sources = node_object(uring, "sources");
	struct node *list = node_list(uring, "not_asked");
	int kind;

	for (kind = 0; kind < URING_KINDS; kind++) {
		struct node *row;

		node_text(sources, uring_kind_key(kind),
			  source_name(a->set[kind].source));
		if (knows_all(a, kind))
			continue;
		row = node_object(list, NULL);
		node_text(row, "kind", uring_kind_key(kind));
		node_text(row, "why", why_not(a, kind));
	}
	if (node_count(list)) {
		report_section(c->report, NULL);
		report_table(c->report, list, unasked_columns,
			     ARRAY_SIZE(unasked_columns), NULL, NULL, NULL);
	}
}

void cmd_show_offers(struct ctx *c, struct node *uring, const struct uring_answers *a)
{
	int kind;

	for (kind = 0; kind < URING_KINDS; kind++)
		show_kind(c, uring, a, kind);
	show_unasked(c, uring, a);
}

void cmd_show_additions(struct ctx *c, const struct uring_answers *a, const char *release)
{
	struct node *list = node_list(report_root(c->report), "adds");
	struct uring_names all = uring_names_all();
	unsigned limit = uring_since(release);
	size_t i;

	for (i = 0; i < all.n; i++) {
		const struct uring_name *v = &all.v[i];
		struct node *row;

		if (uring_since(v->since) > limit || uring_has(a, v->kind, v->number))
			continue;
		row = node_object(list, NULL);
		node_text(row, "kind", uring_kind_word(v->kind));
		node_text(row, "name", v->name);
		node_u64(row, "number", v->number);
		node_text(row, "since", v->since);
		node_bool(row, "known_missing", uring_knows(a, v->kind, v->number));
		node_text(row, "what", v->what);
	}
	report_table(c->report, list, add_columns, ARRAY_SIZE(add_columns),
		     "Nothing: all of it is here.", NULL, NULL);
}
