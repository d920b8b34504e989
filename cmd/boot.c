/* boot list | default | fallback. */
#include "change_cmd.h"

#include "base/cleanup.h"
#include "boot/boot.h"
#include "change/plan.h"
#include "host/host.h"

#include <errno.h>

struct options {
	bool dry_run, args;
};

static const struct opt list_rows[] = {
	{ "args", 0, OPT_FLAG, offsetof(struct options, args), NULL,
	  "show each entry's menu path, files and arguments, too", 0, 0, NULL },
};

static const struct opt change_rows[] = {
	{ "dry-run", 'n', OPT_FLAG, offsetof(struct options, dry_run), NULL,
	  "show what would be changed and change nothing", 0, 0, NULL },
};

static const struct column columns[] = {
	{ "index", "NR", COL_RIGHT },	{ "default", "DEF", COL_MARK },
	{ "running", "RUN", COL_MARK }, { "fallback", "FALL", COL_MARK },
	{ "release", "RELEASE", 0 },	{ "files", "FILES", 0 },
	{ "title", "TITLE", 0 },
};

static const struct column long_columns[] = {
	{ "index", "NR", COL_RIGHT },
	{ "default", "DEF", COL_MARK },
	{ "running", "RUN", COL_MARK },
	{ "fallback", "FALL", COL_MARK },
	{ "release", "RELEASE", 0 },
	{ "files", "FILES", 0 },
	{ "title", "TITLE", 0 },
	{ "path", "path", COL_DETAIL },
	{ "kernel", "kernel", COL_DETAIL },
	{ "initrd", "initrd", COL_DETAIL },
	{ "args", "args", COL_DETAIL },
};

static void put_known(struct node *n, const char *key, enum boot_known k)
{
	if (k == BOOT_UNKNOWN)
		node_null(n, key);
	else
		node_bool(n, key, k == BOOT_YES);
}

/* What a person needs to know of kernel and initramfs in one word. */
static const char *files_word(const struct boot_entry *e)
{
	if (e->problem || e->kernel_ok == BOOT_UNKNOWN || e->initrd_ok == BOOT_UNKNOWN)
		return "unknown";
	if (e->kernel_ok == BOOT_NO)
		return "no kernel";
	return e->initrd_ok == BOOT_NO ? "no initramfs" : "there";
}

static void put_entry(struct node *list, const struct boot_entry *e)
{
	struct node *row = node_object(list, NULL);

	node_u64(row, "index", e->index);
	node_text(row, "path", e->path);
	node_text(row, "title", e->title);
	node_text(row, "release", e->release);
	node_text(row, "kernel", e->kernel);
	put_known(row, "kernel_ok", e->kernel_ok);
	node_text(row, "initrd", e->initrd);
	put_known(row, "initrd_ok", e->initrd_ok);
	node_text(row, "files", files_word(e));
	node_text(row, "args", e->args);
	node_bool(row, "running", e->running);
	node_bool(row, "default", e->is_default);
	node_bool(row, "fallback", e->fallback);
	node_text(row, "where", e->where);
	node_text(row, "problem", e->problem);
}

/* A loader that is not there or not understood at all is a failure, with its reason. */
static int load(struct ctx *c, struct boot *b)
{
	int err = host_need(c->host, HOST_BOOT | HOST_KERNEL, &c->err);

	if (!err)
		err = boot_load(b, c->host, &c->err);
	if (!err && (!b->loader || (b->unknown && !b->n)))
		err = err_set(&c->err, -ENODEV, "%s",
			      b->unknown ? b->unknown : "no boot loader was found");
	return err;
}

static int run_list(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct node *root = report_root(c->report), *list, *warnings;
	CLEANUP(cleanup_boot) struct boot b = { .loader = NULL };
	size_t i;

	(void)argc;
	(void)argv;
	if (load(c, &b) < 0)
		return EXIT_FAILED;
	node_text(root, "loader", b.loader);
	node_text(root, "default_reason", b.default_reason);
	node_text(root, "once", b.once);
	node_text(root, "unknown", b.unknown);
	list = node_list(root, "entries");
	warnings = node_list(root, "warnings");
	for (i = 0; i < b.n; i++)
		put_entry(list, &b.v[i]);
	for (i = 0; i < b.warnings.n; i++)
		node_text(warnings, NULL, b.warnings.v[i]);
	report_table(c->report, list, o->args ? long_columns : columns,
		     o->args ? ARRAY_SIZE(long_columns) : ARRAY_SIZE(columns),
		     "No entries.", NULL, NULL);
	report_section(c->report, NULL);
	report_field(c->report, "loader", root, "loader");
	report_field(c->report, "default", root, "default_reason");
	if (b.once)
		report_field(c->report, "next boot only", root, "once");
	if (b.unknown)
		report_field(c->report, "not all known", root, "unknown");
	report_lines(c->report, warnings, "note: ");
	c->have_report = true;
	return EXIT_YES;
}

static int change(struct ctx *c, const struct options *o, const char *selector,
		  int (*plan_it)(const struct host *, const struct boot *, size_t,
				 struct plan *, struct err *))
{
	CLEANUP(cleanup_boot) struct boot b = { .loader = NULL };
	CLEANUP(cleanup_plan) struct plan plan = { .kind = "boot" };
	unsigned id;
	int index;

	if (load(c, &b) < 0)
		return EXIT_FAILED;
	index = boot_select(&b, selector, &c->err);
	if (index < 0)
		return cmd_plan_failed(index);
	index = plan_it(c->host, &b, (size_t)index, &plan, &c->err);
	if (index < 0)
		return cmd_plan_failed(index);
	if (cmd_next_id(c, &id) < 0)
		return EXIT_FAILED;
	return cmd_apply_plan(c, &plan, id, o->dry_run, NULL);
}

static int run_default(struct ctx *c, const void *opts, int argc, char **argv)
{
	(void)argc;
	return change(c, opts, argv[0], boot_plan_default);
}

static int run_fallback(struct ctx *c, const void *opts, int argc, char **argv)
{
	(void)argc;
	return change(c, opts, argv[0], boot_plan_fallback);
}

#define SELECTORS                                                                        \
	"SELECTOR: a number of boot list; or exactly a release, a title or a menu "      \
	"path\n"                                                                         \
	"(submenu>entry); or the beginning of one release alone.\n\n"

const struct command cmd_boot_list = {
	.name = "boot list",
	.operands = "",
	.summary = "list the boot loader's entries, which one boots, and why",
	.help = "The default is what grub.cfg comes to with this grubenv, not what a "
		"file of\n"
		"settings asks for.\n\n"
		"  uringprep boot list\n"
		"  uringprep --root /mnt/sysimage boot list --format json\n",
	.options = list_rows,
	.n_options = ARRAY_SIZE(list_rows),
	.opts_size = sizeof(struct options),
	.run = run_list,
};

const struct command cmd_boot_default = {
	.name = "boot default",
	.operands = "SELECTOR",
	.summary = "make an entry the one that boots, for good",
	.help = SELECTORS
	"Written to grubenv where grub.cfg asks for saved_entry, else to our "
	"lines of\ncustom.cfg. Refused when the entry's kernel or initramfs is "
	"missing. Undone by\nuringprep revert.\n\n"
	"  uringprep boot default 5.4.278-1.el7.elrepo.x86_64\n",
	.options = change_rows,
	.n_options = ARRAY_SIZE(change_rows),
	.opts_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run_default,
};

const struct command cmd_boot_fallback = {
	.name = "boot fallback",
	.operands = "SELECTOR",
	.summary = "record the entry that a rollback goes to",
	.help = SELECTORS
	"Recorded in our own folder; GRUB's fallback variable is not touched: it "
	"does not\nbring a host back from a kernel that panics.\n\n"
	"  uringprep boot fallback 0\n",
	.options = change_rows,
	.n_options = ARRAY_SIZE(change_rows),
	.opts_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run_fallback,
};
