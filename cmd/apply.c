/* apply PROFILE: host × profile → plan → transaction. */
#include "change_cmd.h"
#include "job/settle.h"
#include "profile/profile.h"

#include "base/cleanup.h"
#include "change/plan.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>

struct options {
	bool dry_run, yes;
};

static const struct opt rows[] = {
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct options, dry_run), NULL,
	  "show what would be changed and change nothing", 0, 0, NULL },
	{ "yes", 'y', OPT_FLAG, offsetof(struct options, yes), NULL, "do not ask", 0, 0,
	  NULL },
};

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	CLEANUP(cleanup_plan) struct plan plan;
	unsigned id;
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct profile_ask ask = { NULL, false };
	int err;

	if (cmd_operands(&names, argc, argv) < 0)
		return -ENOMEM;
	plan_init(&plan, "profile");
	err = job_plan_profile(c->host, c->root, &names, &ask, &plan, &id, &c->err);
	if (err < 0)
		return cmd_plan_failed(err);
	if (!o->dry_run && !o->yes && plan.n) {
		err = cmd_ask(c, &plan, plan.subject);
		if (err)
			return err;
	}
	return cmd_apply_plan(c, &plan, id, o->dry_run);
}

const struct command cmd_apply = {
	.name = "apply",
	.operands = "PROFILE...",
	.summary = "tune this host as profiles say, in order, as one transaction",
	.help = "Profiles: server, storage, lockdown, article, and what is in\n"
		"/etc/uringprep/profiles. Live values are set and kept in\n"
		"/etc/sysctl.d/99-uringprep.conf; with --root or --offline only the file "
		"is\n"
		"written. All of it is done, or none. `uringprep revert` undoes it.\n\n"
		"  uringprep apply server --dry-run\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.min_args = 1,
	.max_args = MAX_PROFILES,
	.run = run,
};
