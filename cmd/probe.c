/* probe: what the running kernel offers of io_uring, and what denies it. */
#include "cmd.h"
#include "gates.h"
#include "offers.h"
#include "seccomp.h"
#include "subject.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"
#include "uring/names.h"
#include "uring/need.h"

#include <errno.h>
#include <string.h>

struct options {
	const char *require, *since;
	const char *write_seccomp, *base;
	struct subject_options subject;
};

static const struct opt rows[] = {
	{ "require", 0, OPT_TEXT, offsetof(struct options, require), "WHAT,..",
	  "exit 1 unless all of this is here and usable", 0, 0, NULL },
	{ "since", 0, OPT_TEXT, offsetof(struct options, since), "RELEASE",
	  "list what mainline RELEASE (6.1) would add here", 0, 0, NULL },
	{ "write-seccomp", 0, OPT_TEXT, offsetof(struct options, write_seccomp), "FILE",
	  "ask nothing: write --base with io_uring let through", 0, 0, NULL },
	{ "base", 0, OPT_TEXT, offsetof(struct options, base), "PROFILE",
	  "the seccomp profile that --write-seccomp begins with", 0, 0, NULL },
	SUBJECT_ROWS(struct options, subject),
};

static const struct column require_columns[] = {
	{ "status", "STATUS", 0 },
	{ "what", "REQUIRED", 0 },
	{ "found", "FOUND", 0 },
};

/* How many are missing and unknown, of the words of LIST. */
struct tally {
	unsigned missing, unknown;
};

static int require_one(struct ctx *c, const char *word, struct node *list,
		       struct tally *t)
{
	const struct uring_answers *a = &c->host->uring;
	struct uring_need need;
	struct node *row;
	enum uring_met met;
	int err = uring_need_parse(word, &need, &c->err);

	if (err < 0)
		return err_wrap(&c->err, err, "--require");
	met = uring_need_met(a, &need);
	/* What the kernel has is of no use where no ring can be made. */
	if (met == URING_MET && uring_level(a) == URING_NONE)
		met = URING_MISSING;
	if (met == URING_MET && c->host->subject.filter == SUBJECT_FILTER_CLOSED)
		met = URING_MISSING;
	else if (met == URING_MET && host_subject_doubt(&c->host->subject))
		met = URING_MET_UNKNOWN;
	t->missing += met == URING_MISSING;
	t->unknown += met == URING_MET_UNKNOWN;
	row = node_object(list, NULL);
	node_text(row, "what", word);
	node_text(row, "status",
		  met == URING_MET	 ? "PASS"
		  : met == URING_MISSING ? "FAIL"
					 : "UNKNOWN");
	if (need.is_level)
		node_textf(row, "found", "level %s", uring_level_name(uring_level(a)));
	else if (met == URING_MET_UNKNOWN)
		node_text(row, "found", "cannot tell");
	else if (uring_has(a, need.kind, need.number))
		node_text(row, "found",
			  met == URING_MET ? "here" : "here, but no ring can be made");
	else
		node_text(row, "found", "not here");
	return 0;
}

static int require_all(struct ctx *c, const char *list, struct tally *t)
{
	struct node *rows_of = node_list(report_root(c->report), "required");
	CLEANUP_FREE char *copy = strdup(list);
	char *word, *rest = copy;
	int err = 0;

	if (!copy)
		return err_set(&c->err, -ENOMEM, "out of memory");
	while (!err && (word = strsep(&rest, ",")))
		err = require_one(c, word, rows_of, t);
	report_table(c->report, rows_of, require_columns, ARRAY_SIZE(require_columns),
		     NULL, NULL, NULL);
	return err;
}

static void show(struct ctx *c)
{
	const struct uring_answers *a = &c->host->uring;
	struct node *uring = node_object(report_root(c->report), "uring");

	cmd_show_subject(c);
	cmd_show_gates(c, uring);
	cmd_show_offers(c, uring, a);
}

static int write_seccomp(struct ctx *c, const struct options *o)
{
	if (!o->write_seccomp)
		return err_set(&c->err, EXIT_USAGE,
			       "--base %s: goes with --write-seccomp FILE", o->base);
	if (!o->base)
		return err_set(
			&c->err, EXIT_USAGE,
			"--write-seccomp %s: goes with --base PROFILE, the one that "
			"the runtime has now",
			o->write_seccomp);
	if (o->require || o->since)
		return err_set(
			&c->err, EXIT_USAGE,
			"--write-seccomp %s: does not go with --require or --since",
			o->write_seccomp);
	return cmd_write_seccomp(c, o->write_seccomp, o->base);
}

static int ask(struct ctx *c, const struct options *o)
{
	struct tally t = { 0, 0 };
	int err;

	if (host_need(c->host, HOST_KERNEL | HOST_URING_WHOLE, &c->err) < 0)
		return EXIT_FAILED;
	if (o->require) {
		err = require_all(c, o->require, &t);
		if (err < 0)
			return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	} else if (o->since) {
		cmd_show_additions(c, &c->host->uring, o->since);
	} else {
		show(c);
	}
	c->have_report = true;
	return t.missing ? EXIT_NO : t.unknown ? EXIT_FAILED : EXIT_YES;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct subject_options subject;
	int code, failed;

	(void)argc;
	(void)argv;
	if (o->write_seccomp || o->base)
		return write_seccomp(c, o);
	if (o->since && !uring_since(o->since))
		return err_set(&c->err, EXIT_USAGE,
			       "--since %s: expected a release such as 6.1", o->since);
	if (!c->host->live)
		return err_set(&c->err, EXIT_USAGE,
			       "probe asks the running kernel, not files (%s): see "
			       "uringprep check",
			       root_not_live_reason(c->root));
	subject = o->subject;
	code = cmd_subject(c, &subject);
	if (code)
		return code;
	code = ask(c, o);
	failed = cmd_record(c, &subject, c->have_report);
	c->have_report &= !failed;
	return failed ? failed : code;
}

const struct command cmd_probe = {
	.name = "probe",
	.operands = "",
	.summary = "ask the kernel all that it offers of io_uring, and what denies it",
	.help = "Nothing is inferred from the release. HAS is yes, no, or - where the\n"
		"kernel could not be asked.\n\n"
		"  uringprep probe\n"
		"  uringprep probe --require level:network,multishot_recv,op:send_zc\n"
		"  uringprep probe --since 6.12\n"
		"  uringprep probe --write-seccomp uring.json --base "
		"/usr/share/containers/seccomp.json\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.run = run,
};
