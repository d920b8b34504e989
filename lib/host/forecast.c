#include "host/forecast.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/proc.h"
#include "os/root.h"
#include "parse/release.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNIT "systemd-sysctl.service"

void forecast_clear(struct forecast *f)
{
	free(f->value);
	free(f->by);
	free(f->why);
	*f = (struct forecast){ FORECAST_UNSET, FORECAST_FILE, NULL, NULL, NULL };
}

/* Who loads sysctl.d at boot */

static bool is_there(const struct host *h, const char *path)
{
	struct stat st;

	return root_lstat(h->root, path, &st) == 0;
}

/* An administrator's unit of that name, or lines of his for it. */
static const char *changed_unit(const struct host *h)
{
	static const char *const paths[] = {
		"/etc/systemd/system/" UNIT,
		"/run/systemd/system/" UNIT,
		"/etc/systemd/system/" UNIT ".d",
		"/run/systemd/system/" UNIT ".d",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if ((root_is_live(h->root) || !str_has_prefix(paths[i], "/run/")) &&
		    is_there(h, paths[i]))
			return paths[i];
	return NULL;
}

/* Lines that systemd-sysctl (252 and later) reads behind all files. */
static const char *extra_lines(const struct host *h)
{
	static const char *const paths[] = {
		"/etc/credstore/sysctl.extra",
		"/usr/lib/credstore/sysctl.extra",
		"/run/credstore/sysctl.extra",
		"/run/credentials/@system/sysctl.extra",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if ((root_is_live(h->root) || !str_has_prefix(paths[i], "/run/")) &&
		    is_there(h, paths[i]))
			return paths[i];
	return NULL;
}

int host_read_boot_loader(struct host *h)
{
	char **why = &h->sysctl_sources.boot_unclear;
	const char *path;

	if (h->no_files) {
		*why = strdup("a recording holds no files");
	} else if (!root_exists(h->root, "/usr/lib/systemd/systemd-sysctl") &&
		   !root_exists(h->root, "/lib/systemd/systemd-sysctl")) {
		*why = strdup("/usr/lib/systemd/systemd-sysctl is not here: who loads "
			      "sysctl.d at boot is not known");
	} else if ((path = changed_unit(h))) {
		if (root_is_masked(h->root, path))
			*why = str_format("%s is masked: it does not load sysctl.d at "
					  "boot",
					  path);
		else
			*why = str_format("%s: how it changes the unit is not read here",
					  path);
	} else if ((path = extra_lines(h))) {
		*why = str_format("%s: systemd-sysctl loads it last; it is not read here",
				  path);
	} else {
		return 0;
	}
	return *why ? 0 : -ENOMEM;
}

/* Live values */

static int recorded(const struct host *h, const char *key, char **out)
{
	CLEANUP_FREE char *path = sysctl_path(key);
	CLEANUP_FREE char *dotted = path ? sysctl_key(path) : NULL;
	const char *value = dotted ? facts_text(h, "sysctl", dotted) : NULL;

	if (!dotted)
		return -ENOMEM;
	if (!value)
		return facts_sysctl_error(h, dotted);
	*out = strdup(value);
	return *out ? 0 : -ENOMEM;
}

int host_key_live(const struct host *h, const char *key, char **out)
{
	CLEANUP_FREE char *path = sysctl_proc(key);
	CLEANUP_FREE char *text = NULL;
	int err;

	if (h->recorded)
		return recorded(h, key, out);
	if (!h->live)
		return -ENOMSG;
	err = path ? root_read(h->root, path, 65536, &text, NULL) : -ENOMEM;
	if (err == -ENOENT && !root_exists(h->root, "/proc/sys/kernel"))
		return -ENODATA;
	if (err < 0)
		return err == -ENOTDIR ? -ENOENT : err;
	*out = strdup(str_squeeze(text));
	return *out ? 0 : -ENOMEM;
}

bool host_key_is_elsewhere(const struct host *h, const char *key, const char **why)
{
	const struct tunable *t = tunable_find(key);
	CLEANUP_FREE char *path = NULL;

	if (t)
		return host_only_elsewhere(h, (enum tunable_index)(t - tunables), why);
	path = sysctl_proc(key);
	return path && host_key_elsewhere(h, path + strlen("/proc/sys/"),
					  root_access(h->root, path) == -EROFS, why);
}

int host_boot_id(const struct host *h, char **out)
{
	const char *text = h->recorded ? facts_text(h, "kernel", "boot_id") : NULL;

	*out = NULL;
	if (!h->recorded)
		return proc_boot_id(out) == -ENOMEM ? -ENOMEM : 0;
	if (text)
		*out = strdup(text);
	return text && !*out ? -ENOMEM : 0;
}

/* Forecasts */

static int unknown(struct forecast *f, char *why)
{
	forecast_clear(f);
	f->how = FORECAST_UNKNOWN;
	f->why = why;
	return why ? 0 : -ENOMEM;
}

static int set(struct forecast *f, enum forecast_through through, const char *value,
	       char *by)
{
	forecast_clear(f);
	*f = (struct forecast){ FORECAST_SET, through, strdup(value), by, NULL };
	return f->value && by ? 0 : -ENOMEM;
}

static char *place(const struct sysctl_setter *s)
{
	return s->line ? str_format("%s:%u", s->path, s->line) : strdup(s->path);
}

/* What the files come to after LOADER. */
static int by_files(const struct host *h, const struct sysctl_setters *s,
		    enum sysctl_loader loader, enum forecast_through through,
		    struct forecast *out)
{
	const struct sysctl_setter *w = sysctl_winner(s, loader, NULL);
	const char *unseen = host_sysctl_unseen(h, w, loader);

	if (unseen)
		return unknown(out, strdup(unseen));
	return w ? set(out, through, w->value, place(w)) : 0;
}

/* The last "-key", which takes back what stood before it. */
static int taken_back(const struct sysctl_setters *s, struct forecast *f)
{
	const struct sysctl_setter *last = NULL;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!s->v[i].glob && s->v[i].loaders & SYSCTL_BOOT)
			last = &s->v[i];
	if (!last || last->value)
		return 0;
	f->by = place(last);
	return f->by ? 0 : -ENOMEM;
}

/* Arguments of this boot, if this kernel knows them; of the next one we know no more. */
static int by_kernel(const struct host *h, const struct sysctl_setters *s,
		     struct forecast *out)
{
	const struct sysctl_setter *w = sysctl_winner(s, SYSCTL_KERNEL, NULL);
	const char *release = h->kernel.release;
	struct release r;

	if (!w)
		return taken_back(s, out);
	if (!release || !release_parse(&r, release) || release_compare(&r, 5, 8, 0) >= 0)
		return set(out, FORECAST_KERNEL, w->value, place(w));
	if (!r.vendor)
		return 0;
	return unknown(out,
		       str_format("%s:%u: whether %s takes sysctl arguments (5.8) is "
				  "not known",
				  w->path, w->line, release));
}

/* tuned's ">N" over F. */
static int raise_or_lower(const struct host *h, const struct tuned_line *l,
			  struct forecast *f)
{
	bool raises = *l->value == '>';
	uint64_t want, have;

	if (str_to_u64(l->value + 1, 0, UINT64_MAX, &want) < 0)
		return unknown(
			f, str_format("%s: \"%s\" is not understood", l->by, l->value));
	if (f->how != FORECAST_SET || str_to_u64(f->value, 0, UINT64_MAX, &have) < 0)
		return unknown(f, str_format("tuned (%s, %s) makes it at %s %s; what it "
					     "is without that is not known",
					     h->managers.tuned, l->by,
					     raises ? "least" : "most", l->value + 1));
	if (raises ? have >= want : have <= want)
		return 0;
	return set(f, FORECAST_TUNED, l->value + 1, strdup(l->by));
}

/* tuned starts after systemd-sysctl: its own line, then files again (reapply_sysctl). */
static int by_tuned(const struct host *h, const char *key, const struct sysctl_setters *s,
		    struct forecast *f)
{
	const struct host_managers *m = &h->managers;
	const struct sysctl_setter *again =
		m->tuned_reapplies ? sysctl_winner(s, SYSCTL_TUNED, NULL) : NULL;
	const struct tuned_line *line;
	const char *unclear;
	int err = host_tuned_line(h, key, &line, &unclear);
	bool any = host_tuned_sets_any(h);

	if (err || (!any && !unclear))
		return err;
	if (again && f->how == FORECAST_SET && sysctl_value_eq(again->value, f->value))
		return 0;
	if (again && any)
		return by_files(h, s, SYSCTL_TUNED, FORECAST_REAPPLY, f);
	if (unclear)
		return unknown(f, str_format("tuned (%s): %s", m->tuned, unclear));
	if (!line || f->how == FORECAST_UNKNOWN)
		return 0;
	if (*line->value == '>' || *line->value == '<')
		return raise_or_lower(h, line, f);
	return set(f, FORECAST_TUNED, line->value, strdup(line->by));
}

static int setters(const struct host *h, const char *key, const struct forecast_own *own,
		   struct sysctl_setters *out)
{
	return own ? host_sysctl_setters_if(h, key, own->value, out)
		   : host_sysctl_lines(h, key, out);
}

/* What both come to in the end. S is freed; OUT is set only without ERR. */
static int finish(const struct host *h, const char *key, int err, struct forecast *f,
		  struct sysctl_setters *s, struct forecast *out)
{
	const char *why;

	if (!err && h->have & HOST_SCOPE && host_key_is_elsewhere(h, key, &why))
		err = unknown(f, strdup(why));
	free(s->v);
	if (err)
		forecast_clear(f);
	else
		*out = *f;
	return err;
}

int host_forecast_boot(const struct host *h, const char *key,
		       const struct forecast_own *own, struct forecast *out)
{
	const char *why = h->sysctl_sources.boot_unclear;
	struct forecast f = { FORECAST_UNSET, FORECAST_FILE, NULL, NULL, NULL };
	struct sysctl_setters s = { NULL, 0 };
	int err = setters(h, key, own, &s);

	if (!err && why)
		err = unknown(&f, strdup(why));
	else if (!err)
		err = by_files(h, &s, SYSCTL_BOOT, FORECAST_FILE, &f);
	if (!err && f.how == FORECAST_UNSET)
		err = by_kernel(h, &s, &f);
	if (!err && h->managers.tuned)
		err = by_tuned(h, key, &s, &f);
	if (!err && h->managers.saptune)
		err = unknown(&f,
			      str_format("saptune is active (%s): what it sets is not "
					 "read here",
					 h->managers.saptune));
	return finish(h, key, err, &f, &s, out);
}

int host_forecast_system(const struct host *h, const char *key,
			 const struct forecast_own *own, struct forecast *out)
{
	struct forecast f = { FORECAST_UNSET, FORECAST_FILE, NULL, NULL, NULL };
	struct sysctl_setters s = { NULL, 0 };
	int err = setters(h, key, own, &s);

	if (!err && h->no_files)
		err = unknown(&f, strdup(h->sysctl_sources.boot_unclear));
	else if (!err)
		err = by_files(h, &s, SYSCTL_SYSTEM, FORECAST_FILE, &f);
	return finish(h, key, err, &f, &s, out);
}
