/* main: words in, one report out, one line on stderr when something is wrong. */
#include "cmd.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "file.h"
#include "host/host.h"
#include "opt.h"
#include "os/root.h"
#include "ui.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
#define X(name) &cmd_##name,
	COMMANDS(X)
#undef X
};

struct words {
	struct common common;
	bool help, version;
	int argc; /* the whole call, as it was typed */
	char **argv;
};

static const struct opt common_rows[] = {
	{ "root", 0, OPT_TEXT, offsetof(struct words, common.root), "DIR",
	  "judge and change the tree in DIR, not this system", 0, 0, NULL },
	{ "offline", 0, OPT_FLAG, offsetof(struct words, common.offline), NULL,
	  "only files count; no live value is judged or set", 0, 0, NULL },
	{ "facts", 0, OPT_TEXT, offsetof(struct words, common.facts), "FILE",
	  "judge the kernel recorded in FILE", 0, 0, NULL },
	{ "format", 0, OPT_LIST, offsetof(struct words, common.outs), "NAME",
	  "text (default), json; of findings also tap, junit, github, nagios", 0, 0,
	  NULL },
	{ "output", 0, OPT_LIST, offsetof(struct words, common.outs), "FILE",
	  "write to FILE, not to stdout; both may be given again, in pairs", 0, 0, NULL },
	{ "help", 'h', OPT_FLAG, offsetof(struct words, help), NULL, "show this", 0, 0,
	  NULL },
	{ "version", 0, OPT_FLAG, offsetof(struct words, version), NULL,
	  "show the version", 0, 0, NULL },
};

static const char intro[] =
	"uringprep gets a server ready for io_uring, and back.\n"
	"Usage: uringprep [OPTIONS] COMMAND ...\n\n"
	"Nothing is changed but by apply, revert, prepare and boot default or fallback;\n"
	"--dry-run shows what they would do.\n\n"
	"Commands:\n";

static const char outro[] =
	"\nExit codes: 0 yes, done, or nothing to do; 1 the answer is no; 2 wrong call;\n"
	"3 failed or could not be found out, and the host is as it was; 4 failed, and "
	"the\n"
	"host is changed. `uringprep COMMAND --help` and uringprep(8) say more.\n";

static void help_all(struct str *out)
{
	size_t i;

	str_add(out, intro);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", commands[i]->name,
			 commands[i]->operands);
		str_addf(out, "  %-26s%s\n", left, commands[i]->summary);
	}
	str_add(out, "\nOptions of every command:\n");
	opt_help(common_rows, ARRAY_SIZE(common_rows), out);
	str_add(out, outro);
}

static void help_one(const struct command *c, struct str *out)
{
	str_addf(out, "Usage: uringprep %s%s%s%s\n\n%s.\n", c->name,
		 c->n_options ? " [OPTIONS]" : "", *c->operands ? " " : "", c->operands,
		 c->summary);
	if (c->n_options) {
		str_add(out, "\nOptions:\n");
		opt_help(c->options, c->n_options, out);
	}
	str_add(out, "\nOptions of every command:\n");
	opt_help(common_rows, ARRAY_SIZE(common_rows), out);
	if (c->help)
		str_addf(out, "\n%s", c->help);
}

/* The command that WORDS begin with; how many words name it through USED. */
static const struct command *find_command(int argc, char **argv, int *used, struct err *e)
{
	CLEANUP(cleanup_str) struct str others = STR_INIT;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *name = commands[i]->name, *space = strchr(name, ' ');

		n = space ? (size_t)(space - name) : strlen(name);
		if (strlen(argv[0]) != n || strncmp(argv[0], name, n) != 0)
			continue;
		*used = space ? 2 : 1;
		if (!space || (argc > 1 && strcmp(argv[1], space + 1) == 0))
			return commands[i];
		/* "boot" alone, or "boot" and an unknown word: name what there is. */
		str_addf(&others, "%s%s", others.len ? ", " : "", name);
	}
	if (others.len)
		err_set(e, -EINVAL, "%s%s%s: no such command; there are %s", argv[0],
			argc > 1 ? " " : "", argc > 1 ? argv[1] : "", others.s);
	else
		err_set(e, -EINVAL, "%s: no such command", argv[0]);
	return NULL;
}

/* The name of CMD's schema: "boot_list"; the caller's to free. */
static char *schema_of(const struct command *cmd)
{
	char *name = strdup(cmd ? cmd->name : "uringprep"), *p;

	for (p = name; p && *p; p++)
		if (*p == ' ' || *p == '-')
			*p = '_';
	return name;
}

/* In the formats that say failures, too: the report is that there is none. Its exit code. */
static int put_error(struct ctx *c, const struct command *cmd, int code, struct err *e)
{
	CLEANUP_FREE char *name = schema_of(cmd);
	struct report *r = NULL;
	int err;

	if (!name || report_new(&r, name) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	report_fail(r, c->err.msg, code);
	err = outs_write(&c->outs, r, true, code, e);
	code = outs_exit_code(&c->outs, r, code);
	report_free(r);
	return err < 0 ? err : code;
}

/* One line, whatever bytes a path or a title brought in. */
static void complain(const char *what, const char *a, const char *b, const char *d)
{
	CLEANUP(cleanup_str) struct str line = STR_INIT;

	report_safe(&line, what);
	fprintf(stderr, "uringprep: %s%s%s%s\n", str_text(&line), a, b, d);
}

/* Print what there is to print, all or nothing; the exit code, worse when that failed. */
static int finish(struct ctx *c, const struct command *cmd, int code)
{
	struct err e = { "" };
	int shown = 0;

	ui_end();
	if (c->have_report) {
		shown = outs_write(&c->outs, c->report, false, code, &e);
		if (shown == -EINVAL && code <= EXIT_FAILED) {
			/* No findings in what was asked for. */
			c->have_report = false;
			code = err_set(&c->err, EXIT_USAGE, "%s", e.msg);
		} else if (shown >= 0) {
			shown = outs_exit_code(&c->outs, c->report, code);
		}
	}
	if (!c->have_report)
		shown = code == EXIT_YES ? code : put_error(c, cmd, code, &e);
	if (code == EXIT_USAGE)
		complain(c->err.msg, "; see: uringprep ", cmd ? cmd->name : "",
			 cmd ? " --help" : "--help");
	else if (code != EXIT_YES && c->err.msg[0])
		complain(c->err.msg, "", "", "");
	if (shown >= 0)
		return shown;
	if (shown == -EPIPE && !c->applied && code != EXIT_CHANGED)
		return EXIT_FAILED; /* a reader that has seen enough (head) is no error */
	if (c->applied)
		err_wrap(&e, 0, "transaction %u is done, but", c->applied);
	complain(e.msg, "", "", "");
	return c->applied || code == EXIT_CHANGED ? EXIT_CHANGED : EXIT_FAILED;
}

static int open_host(struct ctx *c)
{
	CLEANUP_FREE char *json = NULL;
	bool none = c->common.facts && !c->common.root && !c->common.offline;
	int err = none ? root_open_none(&c->root, &c->err)
		       : root_open(&c->root, c->common.root, c->common.offline, &c->err);

	if (!err)
		err = host_new(&c->host, c->root, &c->err);
	if (!err && c->common.facts) {
		err = file_read(c->common.facts, &json, &c->err);
		if (!err)
			err = host_record(c->host, c->common.facts, json, &c->err);
	}
	return err;
}

static int run(struct ctx *c, const struct command *cmd, const void *opts, int argc,
	       char **argv)
{
	CLEANUP_FREE char *name = schema_of(cmd);
	int code;

	if (!name || report_new(&c->report, name) < 0)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (!cmd->no_host && open_host(c) < 0)
		return EXIT_FAILED;
	code = cmd->run(c, opts, argc, argv);
	code = code < 0 ? EXIT_FAILED : code;
	if (code != EXIT_FAILED || !c->applied)
		return code;
	return err_wrap(&c->err, EXIT_CHANGED, "transaction %u is applied, but",
			c->applied);
}

static int check_words(struct ctx *c, const struct command *cmd, int operands,
		       char **argv)
{
	if (outs_check(&c->outs, cmd->name, cmd->results, cmd->silent, &c->err) < 0)
		return -EINVAL;
	if (cmd->no_host && (c->common.root || c->common.offline || c->common.facts))
		return err_set(
			&c->err, -EINVAL,
			"%s: runs on this system alone: no --root, --offline or --facts",
			cmd->name);
	if (operands < cmd->min_args)
		return err_set(&c->err, -EINVAL, "%s: %s is missing", cmd->name,
			       cmd->operands);
	if (operands > cmd->max_args)
		return err_set(&c->err, -EINVAL, "%s: one word too many",
			       argv[cmd->max_args]);
	return 0;
}

/* Help goes to stdout, and is a success. */
static int show(const struct command *cmd, const struct words *w)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	if (w->version)
		str_addf(&text, "uringprep %s\n", VERSION);
	else if (cmd)
		help_one(cmd, &text);
	else
		help_all(&text);
	return fputs(str_text(&text), stdout) == EOF || fflush(stdout) == EOF
		       ? EXIT_FAILED
		       : EXIT_YES;
}

/* The command's own words, behind its name. */
static int call_command(struct ctx *c, const struct command *cmd, struct words *w,
			int argc, char **argv)
{
	CLEANUP_FREE void *opts = calloc(1, cmd->opts_size + 1);
	struct opt_set sets[2] = { { common_rows, ARRAY_SIZE(common_rows), w },
				   { cmd->options, cmd->n_options, opts } };
	int operands, err;

	if (!opts)
		return finish(c, cmd, err_set(&c->err, EXIT_FAILED, "out of memory"));
	operands = opt_parse(sets, 2, argc, argv, false, &c->err);
	c->common = w->common;
	if (operands >= 0 && (w->help || w->version))
		return show(cmd, w);
	if (operands < 0 || outs_pair(&c->outs, &c->common.outs, &c->err) < 0) {
		outs_guess(&c->outs, w->argc, w->argv);
		return finish(c, cmd, EXIT_USAGE);
	}
	err = check_words(c, cmd, operands, argv);
	if (!err)
		err = outs_open(&c->outs, c->common.root, &c->err);
	if (err < 0) {
		outs_to_stdout(&c->outs);
		return finish(c, cmd, err == -EINVAL ? EXIT_USAGE : EXIT_FAILED);
	}
	return finish(c, cmd, run(c, cmd, opts, operands, argv));
}

/* All of a call but its clean-up. */
static int call(struct ctx *c, int argc, char **argv)
{
	CLEANUP_FREE char **typed = calloc((size_t)argc + 1, sizeof(*typed));
	struct words w = { .argc = argc, .argv = typed };
	struct opt_set set = { common_rows, ARRAY_SIZE(common_rows), &w };
	const struct command *cmd = NULL;
	int used, words;

	if (!typed) {
		complain("out of memory", "", "", "");
		return EXIT_FAILED;
	}
	memcpy(typed, argv, (size_t)argc * sizeof(*typed)); /* parsing moves them */
	used = opt_parse(&set, 1, argc, argv, true, &c->err);
	if (used >= 0 && (w.version || (w.help && used == argc)))
		return show(NULL, &w);
	if (used == argc)
		used = err_set(&c->err, -EINVAL, "a command is missing");
	if (used >= 0)
		cmd = find_command(argc - used, argv + used, &words, &c->err);
	if (cmd)
		return call_command(c, cmd, &w, argc - used - words, argv + used + words);
	outs_guess(&c->outs, argc, typed);
	return finish(c, NULL, EXIT_USAGE);
}

/* A descriptor 0, 1 or 2 that the caller closed would be the first file we open. */
static void fill_descriptors(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			_exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
	struct ctx c = { .err = { "" } };
	int code;

	fill_descriptors();
	signal(SIGPIPE, SIG_IGN);
	ui_init(&c.ui);
	code = call(&c, argc > 0 ? argc - 1 : 0, argv + 1);
	host_free(c.host);
	root_free(c.root);
	report_free(c.report);
	outs_close(&c.outs);
	return code;
}
