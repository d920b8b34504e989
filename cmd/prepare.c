/* prepare: check, plan, ask, apply, verify, and how to undo it: the other commands in the
 * order in which a person would type them. */
#include "change_cmd.h"
#include "findings.h"
#include "job/judge.h"
#include "profile/profile.h"
#include "verify_cmd.h"

#include "base/cleanup.h"
#include "change/plan.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>

struct options {
	struct ask_options ask; /* first: see ASK_ROWS */
	bool require_ready, no_verify;
};

static const struct opt rows[] = {
	ASK_ROWS,
	{ "require-ready", 0, OPT_FLAG, offsetof(struct options, require_ready), NULL,
	  "exit 1 when the host is not ready in the end", 0, 0, NULL },
	{ "no-verify", 0, OPT_FLAG, offsetof(struct options, no_verify), NULL,
	  "do not run the echo comparison at the end", 0, 0, NULL },
};

/* The findings as they are now: after the change, facts are read anew. */
static int judge(struct ctx *c, const struct strv *profiles, bool *ready)
{
	struct judge_by by = { .profiles = profiles };
	struct host *fresh = NULL;
	struct findings f;
	int err;

	if (c->common.facts)
		err = job_judge(c->host, &by, &f, &c->err);
	else {
		err = host_new(&fresh, c->root, &c->err);
		if (!err)
			err = job_judge(fresh, &by, &f, &c->err);
		host_free(fresh);
	}
	if (err < 0)
		return err;
	*ready = findings_ready(&f);
	cmd_show_findings(c, &f, NULL, true);
	findings_clear(&f);
	return 0;
}

/* The last lines: what is true now, and what to type. */
static void summarize(struct ctx *c, const char *profile, bool planned, bool changed,
		      bool ready)
{
	const char *why = root_not_live_reason(c->root);

	report_section(c->report, NULL);
	if (!ready)
		report_say(c->report, "result",
			   "Not ready: a required check failed; \"mend\" above says what "
			   "to do.");
	else if (changed && why)
		report_say(c->report, "result",
			   "Prepared for profile %s: takes effect at the next boot.",
			   profile);
	else if (changed)
		report_say(c->report, "result", "Prepared for profile %s.", profile);
	else
		report_say(c->report, "result", "%s for profile %s.",
			   planned ? "Would be prepared" : "Ready", profile);
}

static int go(struct ctx *c, const struct options *o, const struct strv *profiles,
	      const struct plan *plan, unsigned id, const char *again)
{
	bool ready = false, changed, live = root_is_live(c->root);
	int code, verified = EXIT_YES;

	report_section(c->report, "Plan");
	code = cmd_apply_plan(c, plan, id, o->ask.dry_run, again);
	changed = code == EXIT_YES && plan->n && !o->ask.dry_run;
	if (code != EXIT_YES)
		return code;
	report_section(c->report, o->ask.dry_run ? "Checks, as things are" : "Checks");
	if (judge(c, profiles, &ready) < 0) {
		c->have_report = false;
		return EXIT_FAILED; /* main says that the transaction stays applied */
	}
	if (!o->ask.dry_run && !o->no_verify && live) {
		report_section(c->report, "Verify");
		verified = cmd_verify_into(c, true);
	}
	if (verified > EXIT_NO) {
		c->have_report = false;
		return verified;
	}
	summarize(c, plan->subject, plan->n, changed, ready);
	c->err.msg[0] = '\0';
	return o->require_ready && (!ready || verified) ? EXIT_NO : EXIT_YES;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	CLEANUP(cleanup_strv) struct strv accept = { NULL, 0 };
	struct profile_ask ask = { &accept, o->ask.only_useful };
	CLEANUP_FREE char *again = NULL;
	CLEANUP(cleanup_plan) struct plan plan;
	unsigned id;
	int err;

	err = argc ? cmd_operands(&names, argc, argv) : strv_add(&names, "server");
	plan_init(&plan, "profile");
	if (!err)
		err = cmd_accepted(&accept, &o->ask.accept);
	if (err < 0)
		return err;
	err = cmd_plan_profiles(c, &names, &ask, &plan, &id);
	if (err)
		return err;
	if (!o->ask.dry_run && !o->ask.yes && plan.n) {
		err = cmd_ask(c, &plan, plan.subject);
		if (err)
			return err;
	}
	node_text(report_root(c->report), "profile", plan.subject);
	report_field(c->report, "profile", report_root(c->report), "profile");
	again = cmd_again(c, "prepare", &names, &ask);
	return go(c, o, &names, &plan, id, again);
}

const struct command cmd_prepare = {
	.name = "prepare",
	.operands = "[PROFILE...]",
	.summary = "check, plan, apply and verify, in one go (profile: server)",
	.help = "Typed twice, the second run has nothing to change. With --root, "
		"--offline or in\n"
		"a chroot no live value is judged or set and nothing is launched: fit "
		"for a\n"
		"kickstart %post step.\n\n"
		"  uringprep prepare server --dry-run\n"
		"  uringprep --root /mnt/sysimage prepare server --yes\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.max_args = MAX_PROFILES,
	.run = run,
};
