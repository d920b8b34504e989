#include "host/setters.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)

/* Earlier folders hide files of the same name in later ones: sysctl.d(5), and procps from
 * 3.3.17; before that procps took /run first. /run is the running system's and not part
 * of a tree. */
static const char *const folders[] = {
	"/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d", "/lib/sysctl.d",
};

/* A link to /dev/null switches a file off (sysctl.d(5)). */
static bool is_masked(const struct host *h, const char *path)
{
	CLEANUP_FREE char *target = NULL;

	return root_resolve(h->root, path, &target) == 0 &&
	       strcmp(target, "/dev/null") == 0;
}

static int add_source(struct host *h, const char *path, unsigned loaders,
		      struct sysctl_file *file)
{
	struct sysctl_sources *s = &h->sysctl_sources;
	struct sysctl_source *v = realloc(s->v, (s->n + 1) * sizeof(*v));
	char *copy = strdup(path);

	if (v)
		s->v = v;
	if (!v || !copy) {
		free(copy);
		sysctl_file_clear(file);
		return -ENOMEM;
	}
	v[s->n++] = (struct sysctl_source){ copy, loaders, *file };
	return 0;
}

static int read_file(struct host *h, const char *path, unsigned loaders)
{
	CLEANUP_FREE char *text = NULL;
	struct sysctl_file file;
	size_t len;
	int err = root_read(h->root, path, MAX_FILE, &text, &len);

	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return err == -ENOENT || is_masked(h, path)
			       ? 0
			       : strv_addf(&h->sysctl_unread, "%s: %s", path,
					   strerror(-err));
	err = sysctl_d_parse(&file, text, len);
	if (!err && file.bad_line)
		err = strv_addf(&h->sysctl_bad, "%s:%u", path, file.bad_line);
	if (!err)
		err = add_source(h, path, loaders, &file);
	if (!err && strcmp(path, HOST_OWN_SYSCTL) == 0) {
		free(h->own_sysctl);
		h->own_sysctl = TAKE_PTR(text);
	}
	return err;
}

/* "name\tfolder" of every *.conf that is not hidden, sorted: names are compared first. */
static int collect(const struct host *h, struct strv *files)
{
	CLEANUP(cleanup_strv) struct strv seen = { NULL, 0 };
	size_t i, k;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };

		if (!root_is_live(h->root) && str_has_prefix(folders[i], "/run/"))
			continue;
		if (root_list(h->root, folders[i], &names) == -ENOMEM)
			return -ENOMEM;
		for (k = 0; k < names.n && !err; k++) {
			if (!str_has_suffix(names.v[k], ".conf") ||
			    strv_has(&seen, names.v[k]))
				continue;
			err = strv_add(&seen, names.v[k]);
			if (!err)
				err = strv_addf(files, "%s\t%s", names.v[k], folders[i]);
		}
	}
	strv_sort(files);
	return err;
}

/* The arguments the running kernel was started with; a tree's are not known. */
static int read_cmdline(struct host *h)
{
	struct sysctl_file file;
	int err;

	if (!h->kernel.cmdline)
		return 0;
	err = sysctl_cmdline_parse(&file, h->kernel.cmdline);
	return err ? err : add_source(h, "/proc/cmdline", SYSCTL_KERNEL, &file);
}

int host_read_sources(struct host *h)
{
	CLEANUP(cleanup_strv) struct strv files = { NULL, 0 };
	int err = read_cmdline(h);
	size_t i;

	if (!err)
		err = collect(h, &files);
	for (i = 0; i < files.n && !err; i++) {
		char *tab = strchr(files.v[i], '\t');
		char path[1024];
		/* systemd-sysctl passes over hidden files, procps does not. */
		bool hidden = files.v[i][0] == '.';

		*tab = '\0';
		snprintf(path, sizeof(path), "%s/%s", tab + 1, files.v[i]);
		err = read_file(h, path, SYSCTL_SYSTEM | (hidden ? 0 : SYSCTL_BOOT));
	}
	/* systemd-sysctl knows it only by a link from sysctl.d. */
	return err ? err : read_file(h, "/etc/sysctl.conf", SYSCTL_SYSTEM);
}

void host_clear_sources(struct host *h)
{
	struct sysctl_sources *s = &h->sysctl_sources;
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].path);
		sysctl_file_clear(&s->v[i].file);
	}
	free(s->v);
}

static int add_setter(struct sysctl_setters *s, const struct sysctl_source *from,
		      const struct sysctl_line *l, unsigned loaders)
{
	struct sysctl_setter *v;

	/* Grown by doubling: a power of two is full. */
	if ((s->n & (s->n - 1)) == 0) {
		v = realloc(s->v, (s->n ? s->n * 2 : 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
	}
	s->v[s->n++] = (struct sysctl_setter){ from->path, l->line,
					       l->value,   l->glob ? l->path : NULL,
					       loaders,	   0 };
	return 0;
}

/* systemd knows braces in patterns, procps does not. */
static unsigned loaders_of(const struct sysctl_source *from, const struct sysctl_line *l,
			   const char *path)
{
	unsigned mask = 0;

	if (sysctl_line_is_for(l, path, true))
		mask |= SYSCTL_KERNEL | SYSCTL_BOOT;
	if (sysctl_line_is_for(l, path, false))
		mask |= SYSCTL_SYSTEM;
	return from->loaders & mask;
}

static bool counts(const struct sysctl_setter *s, unsigned loader, const char *without)
{
	return s->loaders & loader && !str_eq(s->path, without);
}

/* Lines that name the key itself win over patterns, wherever these stand. -1: there are
 * none; else what they come to is in OUT (NULL: unset). */
static int named(const struct sysctl_setters *s, enum sysctl_loader loader,
		 const char *without, const struct sysctl_setter **out)
{
	int found = -1;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct sysctl_setter *one = &s->v[i];

		if (one->glob || !counts(one, loader, without))
			continue;
		/* To systemd "-key" takes an earlier value back; procps writes it. */
		if (one->value || loader == SYSCTL_BOOT)
			*out = one->value ? one : NULL;
		found = 0;
	}
	return found;
}

/* To systemd a pattern is one entry: it moves to the end when it comes again with another
 * value, and stays where it is with the same one. Does the entry of line I stand there at
 * the end? */
static bool entry_stands(const struct sysctl_setters *s, size_t i, const char *without)
{
	size_t k;

	for (k = i + 1; k < s->n; k++)
		if (counts(&s->v[k], SYSCTL_BOOT, without) &&
		    str_eq(s->v[k].glob, s->v[i].glob) &&
		    !str_eq(s->v[k].value, s->v[i].value))
			return false;
	for (k = i; k-- > 0;)
		if (counts(&s->v[k], SYSCTL_BOOT, without) &&
		    str_eq(s->v[k].glob, s->v[i].glob))
			return !str_eq(s->v[k].value, s->v[i].value);
	return true;
}

const struct sysctl_setter *sysctl_winner(const struct sysctl_setters *s,
					  enum sysctl_loader loader, const char *without)
{
	const struct sysctl_setter *out = NULL;
	size_t i;

	if (named(s, loader, without, &out) == 0)
		return out;
	for (i = s->n; i-- > 0;) {
		const struct sysctl_setter *one = &s->v[i];

		if (one->glob && one->value && counts(one, loader, without) &&
		    (loader != SYSCTL_BOOT || entry_stands(s, i, without)))
			return one;
	}
	return NULL;
}

static void mark(struct sysctl_setters *s, enum sysctl_loader loader)
{
	const struct sysctl_setter *w = sysctl_winner(s, loader, NULL);

	if (w)
		s->v[w - s->v].wins |= loader;
}

int host_sysctl_setters(const struct host *h, const char *key, struct sysctl_setters *out)
{
	CLEANUP_FREE char *path = sysctl_path(key);
	const struct sysctl_sources *all = &h->sysctl_sources;
	struct sysctl_setters found = { NULL, 0 };
	int err = path ? 0 : -ENOMEM;
	size_t i, k;

	for (i = 0; i < all->n && !err; i++)
		for (k = 0; k < all->v[i].file.n && !err; k++) {
			const struct sysctl_line *l = &all->v[i].file.v[k];
			unsigned loaders = loaders_of(&all->v[i], l, path);

			if (loaders)
				err = add_setter(&found, &all->v[i], l, loaders);
		}
	if (err) {
		free(found.v);
		return err;
	}
	mark(&found, SYSCTL_KERNEL);
	mark(&found, SYSCTL_BOOT);
	mark(&found, SYSCTL_SYSTEM);
	*out = found;
	return 0;
}
