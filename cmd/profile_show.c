/* profile show: what profiles come to, and which line says so. */
#include "profile.h"

#include "base/cleanup.h"
#include "change_cmd.h"
#include "host/host.h"

#include <string.h>

struct options {
	bool text;
};

static const struct opt rows[] = {
	{ "text", 0, OPT_FLAG, offsetof(struct options, text), NULL,
	  "show the profile's own file, to be copied", 0, 0, NULL },
};

static const struct column setting_columns[] = {
	{ "key", "KEY", 0 },	 { "value_text", "VALUE", 0 },	{ "unit", "UNIT", 0 },
	{ "where", "WHERE", 0 }, { "what", "WHAT IT DOES", 0 },
};

static const struct column limit_columns[] = {
	{ "limit", "LIMIT", 0 },
	{ "value_text", "VALUE", 0 },
	{ "unit", "UNIT", 0 },
	{ "where", "WHERE", 0 },
};

static const struct column need_columns[] = {
	{ "need", "REQUIRED", 0 },
	{ "where", "WHERE", 0 },
};

static const struct column source_columns[] = {
	{ "file", "FILE", 0 },
	{ "from", "FROM", 0 },
};

static void put_settings(struct ctx *c, const struct profile *p)
{
	static const char *const rules[] = { "exact", "raise", "lower" };
	struct node *list = node_list(report_root(c->report), "settings"), *values;
	size_t k;
	unsigned i;

	for (k = 0; k < TUNABLE_COUNT; k++) {
		const struct setting *s = profile_setting(p, k);
		CLEANUP_FREE char *text = s ? setting_text(s) : NULL;
		struct node *row = s ? node_object(list, NULL) : NULL;

		if (!s)
			continue;
		node_text(row, "key", s->tunable->key);
		node_text(row, "rule", rules[s->rule]);
		values = node_list(row, "value");
		for (i = 0; i < s->value.n; i++)
			node_u64(values, NULL, s->value.v[i]);
		node_text(row, "value_text", text);
		node_text(row, "unit", *s->tunable->unit ? s->tunable->unit : NULL);
		node_text(row, "where", s->where);
		node_text(row, "what", s->tunable->what);
	}
	report_table(c->report, list, setting_columns, ARRAY_SIZE(setting_columns),
		     "No values.", NULL, NULL);
}

static void put_limits(struct ctx *c, const struct profile *p)
{
	static const char *const units[] = { "bytes", "descriptors" };
	struct node *list = node_list(report_root(c->report), "limits"), *names;
	size_t k;

	for (k = 0; k < LIMIT_COUNT; k++) {
		const struct limit_setting *l = &p->limits[k];
		CLEANUP_FREE char *text = limit_text(l);
		struct node *row = l->where ? node_object(list, NULL) : NULL;

		if (!l->where)
			continue;
		node_text(row, "limit", limit_name((enum profile_limit)k));
		if (l->value == UINT64_MAX)
			node_null(row, "value");
		else
			node_u64(row, "value", l->value);
		node_text(row, "value_text", text);
		node_text(row, "unit", l->value == UINT64_MAX ? NULL : units[k]);
		node_text(row, "where", l->where);
	}
	names = node_list(report_root(c->report), "units");
	for (k = 0; k < p->units.n; k++)
		node_text(names, NULL, p->units.v[k]);
	if (node_count(list)) {
		report_section(c->report, NULL);
		report_table(c->report, list, limit_columns, ARRAY_SIZE(limit_columns),
			     NULL, NULL, NULL);
	}
	report_lines(c->report, names, "for logins, and for ");
}

static void put_needs(struct ctx *c, const struct profile *p)
{
	struct node *root = report_root(c->report), *list = node_list(root, "needs"),
		    *row;
	const struct profile_place *at = &p->level_at;
	size_t i;

	node_text(root, "uring", profile_uring_word(p));
	if (p->uring != PROFILE_URING_ANY) {
		row = node_object(list, NULL);
		node_textf(row, "need",
			   p->uring == PROFILE_URING_NONE ? "no io_uring" : "level:%s",
			   profile_uring_word(p));
		node_textf(row, "where", "%s:%u", at->file, at->line);
	}
	for (i = 0; i < p->n_needs; i++) {
		row = node_object(list, NULL);
		node_text(row, "need", p->needs[i].word);
		node_text(row, "where", p->needs[i].where);
	}
	if (!node_count(list))
		return;
	report_section(c->report, NULL);
	report_table(c->report, list, need_columns, ARRAY_SIZE(need_columns), NULL, NULL,
		     NULL);
}

static void put_sources(struct ctx *c, const struct profile *p)
{
	struct node *list = node_list(report_root(c->report), "sources");
	size_t i;

	for (i = 0; i < p->n_sources; i++) {
		const struct profile_source *s = &p->sources[i];
		struct node *row = node_object(list, NULL);

		node_text(row, "name", s->name);
		node_text(row, "file", s->file);
		node_bool(row, "built_in", s->built_in);
		node_text(row, "included_by", s->by);
		node_textf(row, "from", "%s%s%s", s->built_in ? "built in" : "this host",
			   s->by ? ", included by " : "", s->by ? s->by : "");
	}
	report_section(c->report, NULL);
	report_table(c->report, list, source_columns, ARRAY_SIZE(source_columns), NULL,
		     NULL, NULL);
}

/* Tabs as blanks, which mean the same there. */
static int put_text(struct ctx *c, const struct profile *p)
{
	struct node *list = node_list(report_root(c->report), "text");
	const char *text = p->sources[0].text, *cur = text, *line;
	size_t n;

	node_text(report_root(c->report), "file", p->sources[0].file);
	while ((line = str_line(&cur, text + strlen(text), &n))) {
		CLEANUP_FREE char *copy = strndup(line, n);
		char *t;

		if (!copy)
			return err_set(&c->err, EXIT_FAILED, "out of memory");
		if (n && copy[n - 1] == '\r')
			copy[n - 1] = '\0';
		for (t = copy; *t; t++)
			*t = *t == '\t' ? ' ' : *t;
		node_text(list, NULL, copy);
	}
	report_lines(c->report, list, NULL);
	c->have_report = true;
	return EXIT_YES;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	CLEANUP(cleanup_profile) struct profile p = { .name = NULL };
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct node *root = report_root(c->report);
	int err;

	if (o->text && argc > 1)
		return err_set(&c->err, EXIT_USAGE,
			       "--text: shows one profile at a time, not %d", argc);
	if (cmd_operands(&names, argc, argv) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (host_need(c->host, HOST_PROFILES, &c->err) < 0)
		return EXIT_FAILED;
	err = profile_load(&p, c->host, &names, &c->err);
	if (err < 0)
		return profile_failed(err);
	if (o->text)
		return put_text(c, &p);
	node_text(root, "profile", p.name);
	node_text(root, "summary", p.summary);
	report_field(c->report, "profile", root, "profile");
	if (p.summary)
		report_field(c->report, "summary", root, "summary");
	report_section(c->report, NULL);
	put_settings(c, &p);
	put_limits(c, &p);
	put_needs(c, &p);
	put_sources(c, &p);
	c->have_report = true;
	return EXIT_YES;
}

const struct command cmd_profile_show = {
	.name = "profile show",
	.operands = "NAME...",
	.summary = "show what profiles come to, and which line says so",
	.help = "Includes are merged, and of several the later one wins, as apply does "
		"it.\n\n"
		"  uringprep profile show server\n"
		"  uringprep profile show server mine --format json\n"
		"  uringprep profile show server --text "
		">/etc/uringprep/profiles/server.conf\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.min_args = 1,
	.max_args = MAX_PROFILES,
	.run = run,
};
