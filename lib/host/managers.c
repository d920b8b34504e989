#include "host/managers.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/ini.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)
#define WANTS "/etc/systemd/system/multi-user.target.wants/"

enum { MAX_INCLUDES = 32 };

/* Where a tuned profile is looked for; "profiles" below both came with 2.23. */
static const char *const profile_folders[] = {
	"/etc/tuned/profiles",
	"/etc/tuned",
	"/usr/lib/tuned/profiles",
	"/usr/lib/tuned",
};

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

static int unclear(struct host_managers *m, const char *where, const char *why)
{
	if (m->tuned_unclear)
		return 0;
	m->tuned_unclear = str_format("%s: %s", where, why);
	return m->tuned_unclear ? 0 : -ENOMEM;
}

static int keep_entry(struct host_managers *m, const struct ini_entry *e,
		      const char *where)
{
	struct tuned_entry *v = realloc(m->tuned_entries,
					(m->n_tuned_entries + 1) * sizeof(*v)),
			   *one;

	if (!v)
		return -ENOMEM;
	m->tuned_entries = v;
	one = &v[m->n_tuned_entries++];
	one->section = strdup(e->section);
	one->path = sysctl_path(e->key);
	one->line = (struct tuned_line){ strdup(e->value), strdup(where) };
	return one->section && one->path && one->line.value && one->line.by ? 0 : -ENOMEM;
}

static int take_line(struct host_managers *m, const struct ini_entry *e, const char *path)
{
	const struct tunable *t = tunable_find(e->key);
	char where[512];
	struct tuned_line *l;

	snprintf(where, sizeof(where), "%s:%u", path, e->line);
	if (keep_entry(m, e, where) < 0)
		return -ENOMEM;
	if (strcmp(e->section, "sysctl") == 0 && strcmp(e->key, "replace") == 0)
		return unclear(m, where, "replace= is not followed");
	if (!t)
		return 0;
	if (strcmp(e->section, "sysctl") != 0)
		return unclear(m, where, "stands under a condition");
	if (strchr(e->value, '$'))
		return unclear(m, where, "holds a variable");
	l = &m->tuned_sets[t - tunables];
	free(l->value);
	free(l->by);
	l->value = strdup(e->value);
	l->by = strdup(where);
	return l->value && l->by ? 0 : -ENOMEM;
}

static int load_profile(struct host *h, const char *name, struct strv *done);

/* Names parted by blanks, commas or semicolons; a leading '-' says "if it is there". */
static int load_profiles(struct host *h, const char *names, struct strv *done)
{
	CLEANUP_FREE char *copy = strdup(names);
	char *save = NULL, *name;
	int err = copy ? 0 : -ENOMEM;

	for (name = copy ? strtok_r(copy, " \t\n,;", &save) : NULL; name && !err;
	     name = strtok_r(NULL, " \t\n,;", &save))
		err = load_profile(h, name, done);
	return err;
}

/* What a profile includes is taken first, its own lines over that. */
static int load_text(struct host *h, const char *path, const char *text,
		     struct strv *done)
{
	struct host_managers *m = &h->managers;
	struct ini ini;
	struct err e = { "" };
	size_t i;
	int err = ini_parse(&ini, path, text, strlen(text), &e);

	if (err < 0)
		return err == -ENOMEM ? err : unclear(m, path, "cannot be parsed");
	for (i = 0; i < ini.n && !err; i++)
		if (strcmp(ini.v[i].section, "main") == 0 &&
		    strcmp(ini.v[i].key, "include") == 0)
			err = load_profiles(h, ini.v[i].value, done);
	for (i = 0; i < ini.n && !err; i++)
		err = take_line(m, &ini.v[i], path);
	ini_clear(&ini);
	return err;
}

static int load_profile(struct host *h, const char *name, struct strv *done)
{
	bool may_lack = *name == '-';
	size_t i;

	name += may_lack;
	if (strchr(name, '/') || strchr(name, '$') || done->n >= MAX_INCLUDES)
		return unclear(&h->managers, name, "this include is not followed");
	for (i = 0; i < ARRAY_SIZE(profile_folders); i++) {
		CLEANUP_FREE char *path =
			str_format("%s/%s/tuned.conf", profile_folders[i], name);
		CLEANUP_FREE char *text = NULL;
		int err = path ? 0 : -ENOMEM;

		/* A profile of /etc may include the one of its name in /usr/lib. */
		if (!err && strv_has(done, path)) {
			may_lack = true;
			continue;
		}
		if (!err)
			err = read_text(h, path, &text, &h->managers.tuned_unclear);
		if (err == 1) {
			err = strv_add(done, path);
			return err ? err : load_text(h, path, text, done);
		}
		if (err < 0)
			return err;
	}
	return may_lack ? 0 : unclear(&h->managers, name, "no such tuned profile");
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
	CLEANUP(cleanup_strv) struct strv done = { NULL, 0 };
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
	return err ? err : load_profiles(h, name, &done);
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

static bool is_plain(const struct tuned_entry *e)
{
	return strcmp(e->section, "sysctl") == 0;
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
	for (i = 0; i < m->n_tuned_entries; i++) {
		const struct tuned_entry *e = &m->tuned_entries[i];

		if (strcmp(e->path, path) != 0)
			continue;
		*out = &e->line;
		if (!*unclear && (!is_plain(e) || strchr(e->line.value, '$')))
			*unclear = e->line.by;
	}
	return 0;
}

bool host_tuned_sets_any(const struct host *h)
{
	const struct host_managers *m = &h->managers;
	size_t i;

	for (i = 0; i < m->n_tuned_entries; i++)
		if (is_plain(&m->tuned_entries[i]))
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
	for (i = 0; i < m->n_tuned_entries; i++) {
		free(m->tuned_entries[i].section);
		free(m->tuned_entries[i].path);
		free(m->tuned_entries[i].line.value);
		free(m->tuned_entries[i].line.by);
	}
	free(m->tuned_entries);
	free(m->tuned);
	free(m->tuned_unclear);
	free(m->saptune);
	free(m->cloud_init_by);
	free(m->cloud_init_unread);
}
