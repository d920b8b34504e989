/* check: judge a host; changes nothing. */
#include "findings.h"
#include "job/judge.h"
#include "subject.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>

struct options {
	const char *only, *ignore, *profile, *fail_on;
	bool list, verbose;
	uint64_t rings, entries;
	struct subject_options subject;
};

static const struct opt rows[] = {
	{ "only", 0, OPT_TEXT, offsetof(struct options, only), "ID,..",
	  "these checks alone; one that cannot tell then exits 3", 0, 0, NULL },
	{ "ignore", 0, OPT_TEXT, offsetof(struct options, ignore), "ID,..",
	  "let these warn, not fail", 0, 0, NULL },
	{ "profile", 0, OPT_TEXT, offsetof(struct options, profile), "NAME",
	  "judge by what this profile asks for", 0, 0, NULL },
	{ "fail-on", 0, OPT_TEXT, offsetof(struct options, fail_on), "WHAT",
	  "warn: exit 1 on warnings; unknown: exit 3", 0, 0, "warn|unknown" },
	{ "list", 0, OPT_FLAG, offsetof(struct options, list), NULL,
	  "list the checks and judge nothing", 0, 0, NULL },
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
	{ "title", "TITLE", 0 },
};

static int list_checks(struct ctx *c)
{
	struct node *list = node_list(report_root(c->report), "checks");
	struct check_list all = check_all();
	size_t i;

	for (i = 0; i < all.n; i++) {
		struct node *row = node_object(list, NULL);

		node_text(row, "id", all.v[i]->id);
		node_text(row, "title", all.v[i]->title);
		node_bool(row, "required", all.v[i]->required);
	}
	report_table(c->report, list, list_columns, ARRAY_SIZE(list_columns), NULL, NULL,
		     NULL);
	c->have_report = true;
	return EXIT_YES;
}

static int exit_code(const struct options *o, const struct findings *f)
{
	bool unknown_counts = o->only || (o->fail_on && o->fail_on[0] == 'u');

	if (f->count[CHECK_FAIL])
		return EXIT_NO;
	if (o->fail_on && o->fail_on[0] == 'w' && f->count[CHECK_WARN])
		return EXIT_NO;
	return unknown_counts && f->count[CHECK_UNKNOWN] ? EXIT_FAILED : EXIT_YES;
}

static void add_scope(struct ctx *c)
{
	struct node *root = report_root(c->report);
	CLEANUP_FREE char *where = host_scope_text(c->host);

	if (c->common.facts)
		node_textf(root, "scope", "files of %s, and the kernel recorded in %s",
			   c->common.root ? c->common.root : "/", c->common.facts);
	else
		node_text(root, "scope", where);
	node_text(root, "kernel", c->host->kernel.release);
	report_field(c->report, "scope", root, "scope");
	report_field(c->report, "kernel", root, "kernel");
	cmd_show_subject(c);
	report_section(c->report, NULL);
}

static void add_verdict(struct ctx *c, const struct findings *f)
{
	report_section(c->report, NULL);
	report_say(c->report, "verdict",
		   "%s: %zu passed, %zu warned, %zu failed, %zu unknown, %zu skipped",
		   findings_ready(f) ? "Ready" : "Not ready", f->count[CHECK_PASS],
		   f->count[CHECK_WARN], f->count[CHECK_FAIL], f->count[CHECK_UNKNOWN],
		   f->count[CHECK_SKIP]);
}

static void demand(struct host *h, const struct options *o)
{
	h->demand.stated = o->rings || o->entries;
	h->demand.rings = o->rings ? o->rings : h->demand.rings;
	h->demand.entries = o->entries ? o->entries : h->demand.entries;
}

static int judge(struct ctx *c, const struct options *o)
{
	struct judge_by by = { o->only, o->ignore, o->profile };
	struct findings f;
	int err, code;

	err = job_judge(c->host, &by, &f, &c->err);
	if (err < 0)
		return err == -EINVAL || err == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
	if (host_need(c->host, HOST_KERNEL, &c->err) < 0) {
		findings_clear(&f);
		return EXIT_FAILED;
	}
	add_scope(c);
	cmd_show_findings(c, &f, !o->verbose);
	add_verdict(c, &f);
	code = exit_code(o, &f);
	findings_clear(&f);
	c->have_report = true;
	return code;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	struct options o = *(const struct options *)opts;
	int code, failed;

	(void)argc;
	(void)argv;
	if (o.list)
		return list_checks(c);
	demand(c->host, &o);
	code = cmd_subject(c, &o.subject);
	if (code)
		return code;
	code = judge(c, &o);
	failed = code == EXIT_USAGE ? 0 : cmd_record(c, &o.subject);
	c->have_report &= !failed;
	return failed ? failed : code;
}

const struct command cmd_check = {
	.name = "check",
	.operands = "",
	.summary = "judge this host: kernel, io_uring, limits, sysctls, boot",
	.help = "Exits 1 when a required check fails. uringprep-checks(7) says what each "
		"check\n"
		"asks and why.\n\n"
		"  uringprep check\n"
		"  uringprep check --only uring.available --format json\n"
		"  uringprep --root /mnt/sysimage check --profile server\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.run = run,
};
