/* apply PROFILE: host × profile → plan → transaction. */
#include "change_cmd.h"
#include "file.h"
#include "profile/profile.h"

#include "base/cleanup.h"
#include "change/plan.h"
#include "change/reviewed.h"

#include <errno.h>

struct options {
	struct ask_options ask; /* first: see ASK_ROWS */
	const char *plan;
};

static const struct opt rows[] = {
	ASK_ROWS,
	{ "plan", 0, OPT_TEXT, offsetof(struct options, plan), "FILE",
	  "apply what --dry-run --format json wrote, if it is still so", 0, 0, NULL },
};

/* What the call asks for: its own words, or those of the file. */
static int read_words(struct ctx *c, const struct options *o, int argc, char **argv,
		      struct reviewed *out)
{
	CLEANUP_FREE char *text = NULL;
	int err;

	if (!o->plan && !argc)
		return err_set(&c->err, -EINVAL, "PROFILE... is missing");
	if (!o->plan) {
		out->only_useful = o->ask.only_useful;
		err = cmd_operands(&out->profiles, argc, argv);
		if (!err)
			err = cmd_accepted(&out->accept, &o->ask.accept);
		return err ? err_set(&c->err, err, "out of memory") : 0;
	}
	if (argc || o->ask.accept.n || o->ask.only_useful)
		return err_set(&c->err, -EINVAL,
			       "--plan %s: holds what is asked for: no %s beside it",
			       o->plan,
			       argc		 ? argv[0]
			       : o->ask.accept.n ? "--accept"
						 : "--only-useful");
	err = file_read(o->plan, &text, &c->err);
	return err < 0 ? err_wrap(&c->err, err, "--plan")
		       : reviewed_read(out, o->plan, text, &c->err);
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	CLEANUP(cleanup_reviewed) struct reviewed words = { .name = NULL };
	struct profile_ask ask = { &words.accept, false };
	CLEANUP(cleanup_plan) struct plan plan;
	CLEANUP_FREE char *again = NULL;
	unsigned id;
	int err;

	plan_init(&plan, "profile");
	err = read_words(c, o, argc, argv, &words);
	if (err < 0)
		return cmd_plan_failed(err);
	ask.only_useful = words.only_useful;
	err = cmd_plan_profiles(c, &words.profiles, &ask, &plan, &id);
	if (err)
		return err;
	err = o->plan ? reviewed_compare(&words, &plan, &c->err) : 0;
	if (err < 0)
		return cmd_plan_failed(err);
	if (!o->ask.dry_run && !o->ask.yes && plan.n) {
		err = cmd_ask(c, &plan, plan.subject);
		if (err)
			return err;
	}
	again = cmd_again(c, "apply", &words.profiles, &ask);
	return cmd_apply_plan(c, &plan, id, o->ask.dry_run, again);
}

const struct command cmd_apply = {
	.name = "apply",
	.operands = "[PROFILE...]",
	.summary = "tune this host as profiles say, in order, as one transaction",
	.help = "Profiles: server, storage, lockdown, article, and what is in\n"
		"/etc/uringprep/profiles. Live values are set and kept in\n"
		"/etc/sysctl.d/99-uringprep.conf; with --root or --offline only the file "
		"is\n"
		"written. All of it is done, or none. `uringprep revert` undoes it.\n"
		"A security switch (kernel.io_uring_disabled) is loosened only with "
		"--accept KEY,\n"
		"no further than needed; --accept KEY=N allows N.\n\n"
		"  uringprep apply server --dry-run\n"
		"  uringprep apply server mine --dry-run --format json --output "
		"plan.json\n"
		"  uringprep apply --plan plan.json\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.max_args = MAX_PROFILES,
	.run = run,
};
