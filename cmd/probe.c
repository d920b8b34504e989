/* probe: what the running kernel offers of io_uring, and what denies it. */
#include "cmd.h"
#include "seccomp.h"

#include "base/cleanup.h"

struct options {
	const char *write_seccomp, *base;
};

static const struct opt rows[] = {
	{ "write-seccomp", 0, OPT_TEXT, offsetof(struct options, write_seccomp), "FILE",
	  "write the profile of --base with io_uring allowed", 0, 0, NULL },
	{ "base", 0, OPT_TEXT, offsetof(struct options, base), "FILE",
	  "the container runtime's own seccomp profile", 0, 0, NULL },
};

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;

	(void)argc;
	(void)argv;
	if (!o->write_seccomp)
		return err_set(&c->err, EXIT_USAGE,
			       o->base ? "--base: goes with --write-seccomp FILE"
				       : "--write-seccomp is missing");
	if (!o->base)
		return err_set(&c->err, EXIT_USAGE,
			       "--write-seccomp %s: goes with --base, the runtime's own "
			       "profile",
			       o->write_seccomp);
	return cmd_write_seccomp(c, o->write_seccomp, o->base);
}

const struct command cmd_probe = {
	.name = "probe",
	.operands = "",
	.summary = "ask the kernel all that it offers of io_uring, and what denies it",
	.help = "  uringprep probe --write-seccomp uring.json "
		"--base /usr/share/containers/seccomp.json\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.run = run,
};
