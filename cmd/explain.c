/* explain KEY: every line that sets a sysctl, who wins, and what it will be. */
#include "cmd.h"

#include "base/cleanup.h"
#include "host/forecast.h"
#include "host/host.h"
#include "host/sysctl.h"
#include "os/root.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What blog posts name and no kernel has. */
static const struct {
	const char *key, *instead;
} wrong[] = {
	{ "kernel.io_uring_register_files",
	  "files are registered by a program, in its ring; kernel.io_uring_disabled says "
	  "who may make rings" },
	{ "kernel.unshare_flags",
	  "namespaces are limited by keys of user.*, such as user.max_user_namespaces" },
	{ "fs.io_uring",
	  "kernel.io_uring_disabled and kernel.io_uring_group are all there is" },
};

static const struct column columns[] = {
	{ "where", "FILE", 0 },		 { "sets", "SETS", 0 },
	{ "boot", "BOOT", 0 },		 { "system", "SYSTEM", 0 },
	{ "pattern", "by", COL_DETAIL }, { "hidden", "hidden by", COL_DETAIL },
};

/* How LOADER takes the line. */
static const char *taken(const struct sysctl_setter *s, unsigned loader)
{
	if (s->from && s->from->hidden_by)
		return "hidden";
	return !(s->loaders & loader) ? "not read" : s->wins & loader ? "wins" : "read";
}

static void add_line(struct node *list, const struct sysctl_setters *all,
		     const struct sysctl_setter *s)
{
	struct node *row = node_object(list, NULL);
	/* The kernel's argument holds where no file says anything at boot. */
	bool kernel = s->loaders & SYSCTL_KERNEL;
	bool holds = kernel && s->wins && !sysctl_winner(all, SYSCTL_BOOT, NULL);
	const char *hidden = s->from ? s->from->hidden_by : NULL;

	node_textf(row, "where", "%s:%u", s->path, s->line);
	node_text(row, "file", s->path);
	node_u64(row, "line", s->line);
	node_text(row, "value", s->value);
	node_text(row, "sets", s->value ? s->value : "(unsets it)");
	node_text(row, "pattern", s->glob);
	node_bool(row, "may_fail", s->may_fail);
	node_text(row, "boot", !kernel ? taken(s, SYSCTL_BOOT) : holds ? "wins" : "read");
	node_text(row, "system", taken(s, SYSCTL_SYSTEM));
	node_text(row, "hidden_by", hidden);
	if (hidden)
		node_textf(row, "hidden", "%s%s", hidden,
			   s->from->masked ? ", a link to /dev/null" : "");
	else
		node_null(row, "hidden");
}

static int add_lines(struct ctx *c, const char *key, size_t *n)
{
	struct node *root = report_root(c->report), *list = node_list(root, "lines");
	struct node *unread = node_list(root, "unread");
	const struct sysctl_sources *files = &c->host->sysctl_sources;
	struct sysctl_setters s;
	size_t i;

	if (host_sysctl_lines(c->host, key, &s) < 0)
		return -ENOMEM;
	for (i = 0; i < s.n; i++)
		add_line(list, &s, &s.v[i]);
	*n = s.n;
	free(s.v);
	for (i = 0; i < c->host->sysctl_unread.n; i++)
		node_text(unread, NULL, c->host->sysctl_unread.v[i]);
	if (files->unlisted)
		node_text(unread, NULL, files->unlisted);
	report_table(c->report, list, columns, ARRAY_SIZE(columns), "No file sets it.",
		     NULL, NULL);
	report_lines(c->report, unread, "could not be read: ");
	return 0;
}

/* A tunable's row of the table: what it is, and whether it matters here. */
static int add_tunable(struct ctx *c, const struct tunable *t)
{
	struct node *root = report_root(c->report);
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };

	node_text(root, "what", t->what);
	node_text(root, "unit", *t->unit ? t->unit : NULL);
	node_text(root, "default", t->default_is);
	node_textf(root, "range", "%" PRIu64 " to %" PRIu64, t->min, t->max);
	if (t->use && t->use(c->host, &use) < 0)
		return -ENOMEM;
	node_text(root, "evidence", use.text);
	free(use.text);
	report_field(c->report, "what it is", root, "what");
	report_field(c->report, "default", root, "default");
	report_field(c->report, "range", root, "range");
	if (t->until) {
		node_textf(root, "range_before",
			   "before %s at most %" PRIu64 " (vendors' may differ)",
			   t->until, t->max_before);
		report_field(c->report, "earlier", root, "range_before");
	}
	if (*t->unit)
		report_field(c->report, "unit", root, "unit");
	if (use.need != TUNABLE_UNKNOWN || t->use)
		report_field(c->report, "on this host", root, "evidence");
	report_section(c->report, NULL);
	return 0;
}

/* REST: what is said where nobody sets it. */
static void add_forecast(struct ctx *c, const char *name, const char *label,
			 const struct forecast *f, const char *rest)
{
	static const char *const hows[] = { "unset", "set", "unknown" };
	static const char *const through[] = { "", ": the kernel's command line",
					       ": tuned's profile",
					       ": tuned applies it behind its own" };
	struct node *n = node_object(report_root(c->report), name);

	node_text(n, "how", hows[f->how]);
	node_text(n, "value", f->value);
	node_text(n, "by", f->by);
	node_text(n, "why", f->why);
	if (f->how == FORECAST_SET)
		node_textf(n, "text", "%s (%s%s)", f->value, f->by, through[f->through]);
	else if (f->how == FORECAST_UNKNOWN)
		node_textf(n, "text", "cannot be told: %s", f->why);
	else
		node_textf(n, "text",
			   f->by ? "%s (%s takes back what stands before it)" : "%s",
			   rest, f->by);
	report_field(c->report, label, n, "text");
}

static int add_forecasts(struct ctx *c, const char *key)
{
	CLEANUP(forecast_clear) struct forecast boot = { .value = NULL };
	CLEANUP(forecast_clear) struct forecast all = { .value = NULL };

	if (host_forecast_boot(c->host, key, NULL, &boot) < 0 ||
	    host_forecast_system(c->host, key, NULL, &all) < 0)
		return -ENOMEM;
	add_forecast(c, "after_boot", "after the next boot", &boot, "the kernel's own");
	add_forecast(c, "after_system", "after sysctl --system", &all,
		     "as it is: no line sets it");
	return 0;
}

/* What to do instead of setting a key that blog posts made up; NULL: it is none. */
static const char *instead_of(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (strcmp(key, wrong[i].key) == 0)
			return wrong[i].instead;
	return NULL;
}

/* Who else has to do with it, one line each. */
static int add_managers(struct ctx *c, const char *key)
{
	const struct host_managers *m = &c->host->managers;
	struct node *root = report_root(c->report), *notes;
	const struct tuned_line *line = NULL;
	const char *unclear = NULL, *elsewhere;

	if (m->tuned && host_tuned_line(c->host, key, &line, &unclear) < 0)
		return -ENOMEM;
	notes = node_list(root, "notes");
	if (instead_of(key))
		node_textf(notes, NULL, "no kernel has such a key: %s", instead_of(key));
	if (line)
		node_textf(notes, NULL, "tuned (%s) sets %s (%s); reapply_sysctl is %s",
			   m->tuned, line->value, line->by,
			   m->tuned_reapplies ? "on: files of /etc and /run win"
					      : "off: it wins over files");
	else if (m->tuned)
		node_textf(notes, NULL, "tuned (%s) does not set it", m->tuned);
	if (unclear)
		node_textf(notes, NULL, "tuned (%s): not all is known: %s", m->tuned,
			   unclear);
	if (m->saptune)
		node_textf(notes, NULL,
			   "saptune is active (%s): what it sets is not read here",
			   m->saptune);
	if (m->cloud_init_by)
		node_textf(notes, NULL, "cloud-init has to do with sysctl (%s)",
			   m->cloud_init_by);
	if (m->cloud_init_unread)
		node_textf(notes, NULL, "cloud-init: %s", m->cloud_init_unread);
	if (host_key_is_elsewhere(c->host, key, &elsewhere))
		node_text(notes, NULL, elsewhere);
	report_lines(c->report, notes, "note: ");
	return 0;
}

/* A tunable that is one mistake away: a letter too many, one less, another one, or two
 * that changed places. */
static const char *near_miss(const char *key)
{
	size_t i, n = strlen(key);

	for (i = 0; i < TUNABLE_COUNT; i++) {
		const char *t = tunables[i].key;
		size_t m = strlen(t), head = 0, tail = 0;

		while (head < n && head < m && key[head] == t[head])
			head++;
		while (tail < n - head && tail < m - head &&
		       key[n - 1 - tail] == t[m - 1 - tail])
			tail++;
		if ((n > m ? n : m) - head - tail <= (n == m ? 2 : 1))
			return t;
	}
	return NULL;
}

static int no_such(struct ctx *c, const char *key)
{
	const char *instead = instead_of(key), *near = near_miss(key);

	if (instead)
		return err_set(&c->err, EXIT_NO,
			       "%s: no kernel has such a key, and no file sets it: %s",
			       key, instead);
	return err_set(&c->err, EXIT_NO,
		       "%s: no such key on this kernel, and no file sets it%s%s%s", key,
		       near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
}

/* "/proc/sys/vm/swappiness" is taken, too. *OUT: as people call it. */
static int read_key(struct ctx *c, const char *word, char **out)
{
	CLEANUP_FREE char *path = NULL;

	if (str_has_prefix(word, "/proc/sys/"))
		word += strlen("/proc/sys");
	path = sysctl_path(word);
	if (!path)
		return -ENOMEM;
	if (!*path || sysctl_path_is_glob(path) || str_has_prefix(path, "../") ||
	    strstr(path, "/../") || str_has_suffix(path, "/..") || strchr(path, '='))
		return err_set(
			&c->err, EXIT_USAGE,
			"%s: no key: expected one as vm.swappiness, not a pattern, "
			"a path or an assignment",
			word);
	*out = sysctl_key(path);
	return *out ? 0 : -ENOMEM;
}

static int fill(struct ctx *c, const char *key, const char *live, int error)
{
	struct node *root = report_root(c->report);
	const struct tunable *t = tunable_find(key);
	size_t lines = 0;
	int err = 0;

	node_text(root, "key", key);
	if (t)
		err = add_tunable(c, t);
	if (!err)
		err = add_lines(c, key, &lines);
	if (err)
		return err;
	if (!lines && !live && (error == -ENOENT || instead_of(key)))
		return no_such(c, key);
	node_text(root, "live", live);
	if (live)
		node_null(root, "live_unknown");
	else
		node_textf(root, "live_unknown", "%s%s",
			   c->host->live && error != -ENOENT ? "cannot be read: " : "",
			   error == -ENOENT ? "this kernel has no such key"
			   : c->host->live  ? host_sysctl_why(error)
					    : "files only: no value is read");
	report_section(c->report, NULL);
	report_field(c->report, "live", root, live ? "live" : "live_unknown");
	err = add_forecasts(c, key);
	if (!err)
		err = add_managers(c, key);
	c->have_report = true;
	return err;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	CLEANUP_FREE char *key = NULL;
	CLEANUP_FREE char *live = NULL;
	int err = read_key(c, argv[0], &key);

	(void)opts;
	(void)argc;
	if (!err)
		err = host_need(c->host, HOST_SCOPE | HOST_SYSCTL, &c->err);
	if (err)
		return err;
	err = host_key_live(c->host, key, &live);
	if (err == -EISDIR)
		return err_set(&c->err, EXIT_USAGE,
			       "%s: a folder of keys: name one in it", key);
	return err == -ENOMEM ? err : fill(c, key, live, err);
}

const struct command cmd_explain = {
	.name = "explain",
	.operands = "KEY",
	.summary = "show every line that sets a sysctl, who wins, and what it will be",
	.help = "Any key, in dots or slashes. Lines stand in load order; BOOT is "
		"systemd-sysctl,\nSYSTEM is `sysctl --system`.\n\n"
		"  uringprep explain vm.swappiness\n",
	.options = NULL,
	.n_options = 0,
	.opts_size = 0,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
