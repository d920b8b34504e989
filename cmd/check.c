/* check: judge a host; changes nothing. */
#include "findings.h"
#include "gates.h"
#include "job/judge.h"
#include "subject.h"

#include "base/cleanup.h"
#include "check/about.h"
#include "host/host.h"

#include <errno.h>
#include <string.h>

struct options {
	struct opt_list select, fail_on, explain;
	const char *profile;
	bool list, verbose;
	uint64_t rings, entries;
	struct subject_options subject;
};

static const struct opt rows[] = {
	SELECT_OPTIONS(struct options),
	{ "profile", 0, OPT_TEXT, offsetof(struct options, profile), "NAME",
	  "judge by what profiles ask for, in order: NAME,...", 0, 0, NULL },
	{ "fail-on", 0, OPT_LIST, offsetof(struct options, fail_on), "WHAT,..",
	  "warn: exit 1 on warnings; unknown: exit 3", 0, 0, "warn|unknown" },
	{ "list", 0, OPT_FLAG, offsetof(struct options, list), NULL,
	  "list the checks and judge nothing", 0, 0, NULL },
	{ "explain", 0, OPT_LIST, offsetof(struct options, explain), "LIST",
	  "say what these checks ask and why, and judge nothing", 0, 0, NULL },
	{ "verbose", 'v', OPT_FLAG, offsetof(struct options, verbose), NULL,
	  "show the evidence of what passed, too", 0, 0, NULL },
	SUBJECT_ROWS(struct options, subject),
	{ "rings", 0, OPT_U64, offsetof(struct options, rings), "N",
	  "work out locked memory for N rings a user (1)", 1, 1000000, NULL },
	{ "entries", 0, OPT_U64, offsetof(struct options, entries), "M",
	  "of M entries each (4096)", 1, 32768, NULL },
};

static const struct column list_columns[] = {
	{ "id", "CHECK", 0 },
	{ "area", "AREA", 0 },
	{ "required", "REQUIRED", COL_MARK },
	{ "live", "LIVE", COL_MARK },
	{ "title", "TITLE", 0 },
};

/* What is known of a check without judging anything. */
static struct node *add_check(struct node *list, const struct check *check)
{
	struct node *row = node_object(list, NULL);
	char area[64];

	check_area(check, area, sizeof(area));
	node_text(row, "id", check->id);
	node_text(row, "area", area);
	node_text(row, "title", check->title);
	node_bool(row, "required", check->required);
	node_bool(row, "live", check->live);
	return row;
}

static int list_checks(struct ctx *c, const struct check_select *select)
{
	struct node *list = node_list(report_root(c->report), "checks");
	struct check_list all = check_all();
	size_t i;

	for (i = 0; i < all.n; i++)
		if (check_is_selected(select, i))
			add_check(list, all.v[i]);
	report_table(c->report, list, list_columns, ARRAY_SIZE(list_columns), NULL, NULL,
		     NULL);
	c->have_report = true;
	return EXIT_YES;
}

/* A paragraph a line. */
static void add_about(struct node *about, const char *id)
{
	const struct check_about *a = check_abouts;
	const char *at, *line;
	size_t n;

	while (a->id && strcmp(a->id, id) != 0)
		a++;
	at = a->text;
	while (at && (line = str_line(&at, a->text + strlen(a->text), &n))) {
		CLEANUP_FREE char *paragraph = strndup(line, n);

		node_text(about, NULL, paragraph);
	}
}

static int explain(struct ctx *c, const struct opt_list *lists)
{
	struct node *checks = node_list(report_root(c->report), "checks");
	struct check_select select = { .only = false };
	struct check_list all = check_all();
	size_t i;

	for (i = 0; i < lists->n; i++)
		if (check_select(&select, CHECK_ONLY, "explain", lists->v[i].value,
				 &c->err) < 0)
			return EXIT_USAGE;
	for (i = 0; i < all.n; i++) {
		struct node *about;
		char heading[128];

		if (!check_is_selected(&select, i))
			continue;
		about = node_list(add_check(checks, all.v[i]), "about");
		add_about(about, all.v[i]->id);
		snprintf(heading, sizeof(heading), "%s: %s", all.v[i]->id,
			 all.v[i]->title);
		report_section(c->report, heading);
		report_lines(c->report, about, "  ");
	}
	c->have_report = true;
	return EXIT_YES;
}

static struct fail_on fail_on(const struct opt_list *l)
{
	struct fail_on f = { false, false };
	size_t i;

	for (i = 0; i < l->n; i++) {
		f.warn |= strstr(l->v[i].value, "warn") != NULL;
		f.unknown |= strstr(l->v[i].value, "unknown") != NULL;
	}
	return f;
}

static void add_scope(struct ctx *c)
{
	struct node *root = report_root(c->report);
	CLEANUP_FREE char *where = host_scope_text(c->host);

	if (c->common.facts && c->host->no_files)
		node_textf(root, "scope",
			   "the kernel recorded in %s, no files (--root gives those)",
			   c->common.facts);
	else if (c->common.facts)
		node_textf(root, "scope", "files of %s, and the kernel recorded in %s",
			   c->common.root ? c->common.root : "/", c->common.facts);
	else
		node_text(root, "scope", where);
	node_text(root, "distribution", c->host->distribution);
	node_text(root, "kernel", c->host->kernel.release);
	report_field(c->report, "scope", root, "scope");
	report_field(c->report, "distribution", root, "distribution");
	report_field(c->report, "kernel", root, "kernel");
	cmd_show_subject(c);
	report_section(c->report, NULL);
}

static void add_verdict(struct ctx *c, const struct findings *f)
{
	report_section(c->report, NULL);
	report_say(c->report, "verdict",
		   "%s: %zu passed, %zu warned, %zu failed, %zu unknown, %zu skipped",
		   findings_open(f)    ? "Cannot tell"
		   : findings_ready(f) ? "Ready"
				       : "Not ready",
		   f->count[CHECK_PASS], f->count[CHECK_WARN], f->count[CHECK_FAIL],
		   f->count[CHECK_UNKNOWN], f->count[CHECK_SKIP]);
}

static void demand(struct host *h, const struct options *o)
{
	h->demand.stated = o->rings || o->entries;
	h->demand.rings = o->rings ? o->rings : h->demand.rings;
	h->demand.entries = o->entries ? o->entries : h->demand.entries;
}

static int judge(struct ctx *c, const struct options *o,
		 const struct check_select *select)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct judge_by by = { select, &names };
	struct fail_on also = fail_on(&o->fail_on);
	struct findings f;
	int err, code;

	if (o->profile && strv_split(&names, o->profile, ",") < 0)
		return -ENOMEM;
	err = job_judge(c->host, &by, &f, &c->err);
	if (err < 0)
		return err == -EINVAL || err == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
	if (host_need(c->host, HOST_KERNEL | HOST_DISTRO, &c->err) < 0) {
		findings_clear(&f);
		return EXIT_FAILED;
	}
	/* The answer that most come for, first. */
	if (c->host->live && c->host->have & HOST_URING)
		cmd_show_first_line(c);
	add_scope(c);
	cmd_show_findings(c, &f, &also, !o->verbose);
	add_verdict(c, &f);
	code = findings_exit_code(&f, &also);
	findings_clear(&f);
	c->have_report = true;
	return code;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	struct options o = *(const struct options *)opts;
	struct check_select select = { .only = false };
	int code, failed;

	(void)argc;
	(void)argv;
	if (o.explain.n)
		return explain(c, &o.explain);
	if (cmd_select(&o.select, &select, &c->err) < 0)
		return EXIT_USAGE;
	if (o.list)
		return list_checks(c, &select);
	demand(c->host, &o);
	code = cmd_subject(c, &o.subject);
	if (code)
		return code;
	code = judge(c, &o, &select);
	failed = cmd_record(c, &o.subject, c->have_report);
	c->have_report &= !failed;
	return failed ? failed : code;
}

const struct command cmd_check = {
	.name = "check",
	.operands = "",
	.summary = "judge this host: kernel, io_uring, limits, sysctls, boot",
	.help = "Exits 1 when a required check fails. --explain, and "
		"uringprep-checks(7), "
		"say what\n"
		"each check asks and why.\n" SELECT_HELP "\n"
		"  uringprep check\n"
		"  uringprep check --only uring.available --format json\n"
		"  uringprep check --format text --format junit --output report.xml\n"
		"  uringprep --root /mnt/sysimage check --profile server\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.results = true,
	.run = run,
};
