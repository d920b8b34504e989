/* profile list: what profiles there are, where from, and which are active. */
#include "profile.h"

#include "base/cleanup.h"
#include "change/state.h"
#include "host/host.h"
#include "profile/find.h"

#include <stdlib.h>
#include <string.h>

static const struct column columns[] = {
	{ "name", "NAME", 0 },
	{ "active", "ACTIVE", COL_MARK },
	{ "from", "FROM", 0 },
	{ "summary", "SUMMARY", 0 },
	{ "problem", "not usable", COL_DETAIL },
};

/* The profiles of the newest open transaction. 0 or -errno. */
static int read_active(struct ctx *c, struct strv *out)
{
	struct txn_log log;
	int err = state_read(c->root, &log, &c->err);
	const char *names = NULL;
	size_t i;

	if (err < 0)
		return err;
	for (i = 0; i < log.n; i++)
		if (txn_is_open(&log.v[i]) && strcmp(log.v[i].kind, "profile") == 0)
			names = log.v[i].plan.subject;
	err = names ? strv_split(out, names, " ") : 0;
	state_clear(&log);
	return err;
}

static bool is_built_in(const struct host *h, const char *name)
{
	struct profile_found found = { NULL, 0, NULL, 0 };
	bool is = profile_find(h, NULL, name, TIER_BINARY, &found) > 0;

	free(found.file);
	return is;
}

static void put_from(struct node *row, const struct host *h, const char *name)
{
	const char *path = NULL;
	size_t i;

	for (i = 0; i < h->n_profiles; i++)
		if (strcmp(h->profiles[i].name, name) == 0)
			path = h->profiles[i].path;
	node_bool(row, "built_in", !path);
	node_text(row, "file", path);
	node_textf(row, "from", "%s%s", path ? path : "built in",
		   path && is_built_in(h, name) ? ", over the built-in one" : "");
}

static int put_profile(struct ctx *c, struct node *list, const char *name,
		       const struct strv *active)
{
	CLEANUP(cleanup_profile) struct profile p = { .name = NULL };
	CLEANUP(cleanup_strv) struct strv one = { NULL, 0 };
	struct node *row = node_object(list, NULL);
	struct err why = { "" };
	int err = strv_add(&one, name);

	if (!err)
		err = profile_load(&p, c->host, &one, &why);
	node_text(row, "name", name);
	if (active)
		node_bool(row, "active", strv_has(active, name));
	else
		node_null(row, "active");
	put_from(row, c->host, name);
	node_text(row, "summary", err < 0 ? NULL : p.summary);
	node_text(row, "problem", err < 0 ? why.msg : NULL);
	return 0;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 }, active = { NULL, 0 };
	struct node *root = report_root(c->report), *list;
	int err = host_need(c->host, HOST_PROFILES, &c->err), known;
	size_t i;

	(void)opts;
	(void)argc;
	(void)argv;
	if (err < 0)
		return EXIT_FAILED;
	known = read_active(c, &active);
	if (profile_names(c->host, &names) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	list = node_list(root, "profiles");
	for (i = 0; i < names.n; i++)
		put_profile(c, list, names.v[i], known < 0 ? NULL : &active);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), NULL, NULL, NULL);
	node_text(root, "active_unknown", known < 0 ? c->err.msg : NULL);
	if (known < 0) {
		report_section(c->report, NULL);
		report_field(c->report, "which is active is not known", root,
			     "active_unknown");
	}
	c->have_report = true;
	return EXIT_YES;
}

const struct command cmd_profile_list = {
	.name = "profile list",
	.operands = "",
	.summary = "list profiles, where they come from, and which are active",
	.help = "Those in /etc/uringprep/profiles, and those in the binary.\n\n"
		"  uringprep profile list\n",
	.run = run,
};
