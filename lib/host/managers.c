#include "host/managers.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "host/tuned.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)
#define WANTS "/etc/systemd/system/multi-user.target.wants/"

/* 1: TEXT is set, 0: no such file, or empty; *UNREAD (may be NULL) says "path: why". */
static int read_text(const struct host *h, const char *path, char **text, char **unread)
{
	int err = root_read(h->root, path, MAX_FILE, text, NULL);

	if (err == 0)
		return 1;
	if (err == -ENOMEM)
		return err;
	if (err == -ENOENT || err == -ENOTDIR || !unread || *unread)
		return 0;
	*unread = str_format("%s: %s", path, strerror(-err));
	return *unread ? 0 : -ENOMEM;
}

static bool is_enabled(const struct host *h, const char *unit)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), WANTS "%s", unit);
	return root_lstat(h->root, path, &st) == 0;
}

/* WHY may be "". */
static int unclear(struct host_managers *m, const char *what, const char *why)
{
	if (m->tuned_unclear)
		return 0;
	m->tuned_unclear = str_format("%s%s", what, why);
	return m->tuned_unclear ? 0 : -ENOMEM;
}

static int keep_setting(struct host_managers *m, const struct tuned_entry *t,
			const char *where)
{
	struct tuned_setting *v = realloc(m->tuned_settings,
					  (m->n_tuned_settings + 1) * sizeof(*v)),
			     *one;

	if (!v)
		return -ENOMEM;
	m->tuned_settings = v;
	one = &v[m->n_tuned_settings++];
	one->path = sysctl_path(t->o.key);
	one->line.value = strdup(t->value ? t->value : t->o.value);
	one->line.by = strdup(where);
	one->maybe = t->fate == TUNED_IF || !t->value;
	return one->path && one->line.value && one->line.by ? 0 : -ENOMEM;
}

/* Does the line name a key for tuned's sysctl plugin, perhaps under a condition? */
static bool is_setting(const struct tuned_entry *t)
{
	return t->o.key && str_eq(t->type, "sysctl") && !t->of_section &&
	       (t->fate == TUNED_STANDS || t->fate == TUNED_IF);
}

/* What tuned sets of the keys that are ours, and the first reason why that may not be all. */
static int take_line(struct host_managers *m, const struct tuned_profile *p, size_t i)
{
	const struct tuned_entry *t = &p->v[i];
	const struct tunable *k = t->o.key ? tunable_find(t->o.key) : NULL;
	bool sets = k && str_eq(t->type, "sysctl");
	CLEANUP_FREE char *where = tuned_where(p, i);
	struct tuned_line *l;

	if (!where || (is_setting(t) && keep_setting(m, t, where) < 0))
		return -ENOMEM;
	if (t->unfollowed)
		return unclear(m, t->unfollowed, "");
	if (sets && t->fate == TUNED_IF)
		return unclear(m, where, ": stands under a condition");
	if (!sets || t->fate != TUNED_STANDS)
		return 0;
	if (!t->value)
		return unclear(m, where, ": holds a variable");
	l = &m->tuned_sets[k - tunables];
	*l = (struct tuned_line){ strdup(t->value), TAKE_PTR(where) };
	return l->value ? 0 : -ENOMEM;
}

static int load_profiles(struct host *h, const char *names)
{
	CLEANUP(cleanup_tuned) struct tuned_profile p = { 0 };
	CLEANUP(cleanup_strv) struct strv list = { NULL, 0 };
	int err = strv_split(&list, names, " \t\n");
	struct err e = { "" };
	size_t i;

	for (i = 0; i < list.n && !err; i++) {
		err = tuned_add(&p, h->root, list.v[i], &e);
		if (err < 0 && err != -ENOMEM)
			err = unclear(&h->managers, e.msg, "");
	}
	if (!err)
		err = tuned_merge(&p);
	for (i = 0; i < p.n && !err; i++)
		err = take_line(&h->managers, &p, i);
	return err;
}

/* reapply_sysctl of tuned's own configuration; it is on when nothing is said. */
static int read_reapply(struct host *h)
{
	static const char path[] = "/etc/tuned/tuned-main.conf";
	CLEANUP_FREE char *text = NULL;
	int err = read_text(h, path, &text, NULL);
	const char *cur = text, *end, *line;
	size_t n;

	h->managers.tuned_reapplies = true;
	if (err != 1)
		return err;
	end = text + strlen(text);
	while ((line = str_line(&cur, end, &n))) {
		char value[16];

		/* Only then: scanf measures all that is left of the text. */
		line += strspn(line, " \t");
		if (str_has_prefix(line, "reapply_sysctl") &&
		    sscanf(line, "reapply_sysctl = %15[A-Za-z0-9]", value) == 1)
			h->managers.tuned_reapplies = strcmp(value, "0") != 0 &&
						      strcasecmp(value, "false") != 0 &&
						      strcasecmp(value, "no") != 0 &&
						      strcasecmp(value, "off") != 0;
	}
	return 0;
}

static int read_tuned(struct host *h)
{
	CLEANUP_FREE char *text = NULL;
	int err = read_text(h, "/etc/tuned/active_profile", &text, NULL);
	char *name;

	if (err != 1)
		return err;
	name = str_trim(text);
	if (!*name ||
	    (!is_enabled(h, "tuned.service") &&
	     !(root_is_live(h->root) && root_exists(h->root, "/run/tuned/tuned.pid"))))
		return 0;
	h->managers.tuned = strdup(name);
	err = h->managers.tuned ? read_reapply(h) : -ENOMEM;
	return err ? err : load_profiles(h, name);
}

/* TUNE_FOR_SOLUTIONS="HANA": saptune applies what is named there at each boot. */
static int read_saptune(struct host *h)
{
	static const char path[] = "/etc/sysconfig/saptune";
	CLEANUP_FREE char *text = NULL;
	int err = read_text(h, path, &text, NULL);
	const char *cur = text, *end, *line;
	size_t n;

	if (err != 1)
		return err;
	end = text + strlen(text);
	while (!h->managers.saptune && (line = str_line(&cur, end, &n))) {
		char name[32], value[64];

		if (!str_has_prefix(line, "TUNE_FOR_") ||
		    sscanf(line, "TUNE_FOR_%31[A-Z]=\"%63[^\"\n]", name, value) != 2)
			continue;
		h->managers.saptune =
			str_format("%s: TUNE_FOR_%s=\"%s\"", path, name, value);
		if (!h->managers.saptune)
			return -ENOMEM;
	}
	return 0;
}

/* The first line that is no comment and has the word in it. */
static int find_sysctl(struct host *h, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	struct host_managers *m = &h->managers;
	int err = m->cloud_init_by ? 0 : read_text(h, path, &text, &m->cloud_init_unread);
	const char *cur = text, *end, *line;
	unsigned number = 0;
	size_t n;

	if (err != 1)
		return err;
	end = text + strlen(text);
	while ((line = str_line(&cur, end, &n))) {
		size_t blank = strspn(line, " \t");

		number++;
		if (blank >= n || line[blank] == '#' || !memmem(line, n, "sysctl", 6))
			continue;
		m->cloud_init_by = str_format("%s:%u", path, number);
		return m->cloud_init_by ? 0 : -ENOMEM;
	}
	return 0;
}

static int read_cloud_init(struct host *h)
{
	static const char folder[] = "/etc/cloud/cloud.cfg.d";
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err;
	size_t i;

	if (root_exists(h->root, "/etc/cloud/cloud-init.disabled") ||
	    !root_exists(h->root, root_is_live(h->root) ? "/run/cloud-init/enabled"
							: "/etc/cloud/cloud.cfg"))
		return 0;
	h->managers.cloud_init = true;
	err = find_sysctl(h, "/etc/cloud/cloud.cfg");
	if (!err && root_list(h->root, folder, &names) == -ENOMEM)
		err = -ENOMEM;
	for (i = 0; i < names.n && !err; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", folder, names.v[i]);
		if (str_has_suffix(path, ".cfg"))
			err = find_sysctl(h, path);
	}
	return err ? err : find_sysctl(h, "/var/lib/cloud/instance/user-data.txt");
}

int host_tuned_line(const struct host *h, const char *key, const struct tuned_line **out,
		    const char **unclear)
{
	const struct host_managers *m = &h->managers;
	CLEANUP_FREE char *path = sysctl_path(key);
	size_t i;

	*out = NULL;
	*unclear = m->tuned_unclear;
	if (!path)
		return -ENOMEM;
	for (i = 0; i < m->n_tuned_settings; i++) {
		const struct tuned_setting *s = &m->tuned_settings[i];

		if (strcmp(s->path, path) != 0)
			continue;
		*out = &s->line;
		if (!*unclear && s->maybe)
			*unclear = s->line.by;
	}
	return 0;
}

bool host_tuned_sets_any(const struct host *h)
{
	const struct host_managers *m = &h->managers;
	size_t i;

	for (i = 0; i < m->n_tuned_settings; i++)
		if (!m->tuned_settings[i].maybe)
			return true;
	return false;
}

int host_read_managers(struct host *h)
{
	int err = read_tuned(h);

	if (!err)
		err = read_saptune(h);
	return err ? err : read_cloud_init(h);
}

void host_clear_managers(struct host *h)
{
	struct host_managers *m = &h->managers;
	size_t i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		free(m->tuned_sets[i].value);
		free(m->tuned_sets[i].by);
	}
	for (i = 0; i < m->n_tuned_settings; i++) {
		free(m->tuned_settings[i].path);
		free(m->tuned_settings[i].line.value);
		free(m->tuned_settings[i].line.by);
	}
	free(m->tuned_settings);
	free(m->tuned);
	free(m->tuned_unclear);
	free(m->saptune);
	free(m->cloud_init_by);
	free(m->cloud_init_unread);
}
