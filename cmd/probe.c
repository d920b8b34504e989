/* probe: what the running kernel offers of io_uring, and what denies it. */
#include "cmd.h"
#include "gates.h"
#include "offers.h"
#include "require.h"
#include "seccomp.h"
#include "subject.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"
#include "uring/names.h"

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

static void show(struct ctx *c)
{
	const struct uring_answers *a = &c->host->uring;
	struct node *uring = node_object(report_root(c->report), "uring");

	cmd_show_gates(c, uring);
	cmd_show_offers(c, uring, a);
	cmd_gate_results(c);
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
	/* Before anything is written: it has no findings. */
	if (outs_check(&c->outs, "--write-seccomp", false, false, &c->err) < 0)
		return EXIT_USAGE;
	return cmd_write_seccomp(c, o->write_seccomp, o->base);
}

static int ask(struct ctx *c, const struct options *o)
{
	int code = EXIT_YES;

	if (host_need(c->host, HOST_KERNEL | HOST_URING_WHOLE, &c->err) < 0)
		return EXIT_FAILED;
	if (o->require)
		code = cmd_require(c, o->require);
	else if (o->since)
		cmd_show_additions(c, &c->host->uring, o->since);
	else
		show(c);
	if (code == EXIT_YES && !c->host->uring.asked)
		code = EXIT_FAILED; /* it could not be found out */
	/* A wrong word says so on stderr; an answer of any kind is a report. */
	c->have_report = !c->err.msg[0];
	return code;
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
	.results = true,
	.run = run,
};
