/* is-ready: the answer of check as an exit code, and not a word. */
#include "findings.h"
#include "job/judge.h"

#include "base/cleanup.h"

#include <errno.h>

struct options {
	struct opt_list select;
	const char *profile;
};

static const struct opt rows[] = {
	SELECT_OPTIONS(struct options),
	{ "profile", 0, OPT_TEXT, offsetof(struct options, profile), "NAME",
	  "judge by what profiles ask for, in order: NAME,...", 0, 0, NULL },
};

/* A required check that cannot tell leaves the whole open. */
static int exit_code(const struct findings *f)
{
	size_t i;

	if (!findings_ready(f))
		return EXIT_NO;
	for (i = 0; i < f->n; i++)
		if (f->v[i].status == CHECK_UNKNOWN &&
		    (f->v[i].required || f->v[i].named))
			return EXIT_FAILED;
	return EXIT_YES;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct check_select select = { .only = false };
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct judge_by by = { &select, &names };
	struct findings f;
	int err = cmd_select(&o->select, &select, &c->err), code;

	(void)argc;
	(void)argv;
	if (!err && o->profile)
		err = strv_split(&names, o->profile, ",");
	if (!err)
		err = job_judge(c->host, &by, &f, &c->err);
	if (err < 0)
		return err == -EINVAL || err == -ENOENT ? EXIT_USAGE : EXIT_FAILED;
	code = exit_code(&f);
	findings_clear(&f);
	return code;
}

const struct command cmd_is_ready = {
	.name = "is-ready",
	.operands = "",
	.summary = "exit 0 when this host is ready, 1 when not, 3 when it cannot tell",
	.help = "Prints nothing: `uringprep check` with the same options says "
		"why.\n" SELECT_HELP "\n"
		"  uringprep is-ready --profile server || echo not ready\n"
		"  ExecStartPre=/usr/sbin/uringprep is-ready --only uring\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.silent = true,
	.run = run,
};
