#include "host/setters.h"

#include "base/cleanup.h"
#include "host/forecast.h"
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

static int add_source(struct host *h, struct sysctl_source *from)
{
	struct sysctl_sources *s = &h->sysctl_sources;
	struct sysctl_source *v = realloc(s->v, (s->n + 1) * sizeof(*v));
	const char *hidden_by = from->hidden_by;

	from->path = strdup(from->path);
	from->hidden_by = hidden_by ? strdup(hidden_by) : NULL;
	if (v)
		s->v = v;
	if (!v || !from->path || (hidden_by && !from->hidden_by)) {
		free(from->path);
		free(from->hidden_by);
		sysctl_file_clear(&from->file);
		return -ENOMEM;
	}
	v[s->n++] = *from;
	return 0;
}

/* FROM: all but its file; texts are lent. */
static int read_file(struct host *h, struct sysctl_source *from)
{
	CLEANUP_FREE char *text = NULL;
	const char *path = from->path;
	size_t len;
	int err = root_read(h->root, path, MAX_FILE, &text, &len);

	if (err == -ENOMEM)
		return err;
	if (strcmp(path, HOST_OWN_SYSCTL) == 0)
		h->sysctl_sources.own_masked = err < 0 && root_is_masked(h->root, path);
	if (err < 0) {
		if (err == -ENOENT || root_is_masked(h->root, path))
			return 0;
		if (!from->hidden_by &&
		    strv_addf(&h->sysctl_unread, "%s: %s", path, strerror(-err)) < 0)
			return -ENOMEM;
		/* In what is no file nobody else finds a line either. */
		from->error = err == -EISDIR || err == -ELOOP ? 0 : err;
		return add_source(h, from);
	}
	err = sysctl_d_parse(&from->file, text, len);
	if (!err && from->file.bad_line && !from->hidden_by)
		err = strv_addf(&h->sysctl_bad, "%s:%u", path, from->file.bad_line);
	if (!err)
		err = add_source(h, from);
	if (!err && strcmp(from->path, HOST_OWN_SYSCTL) == 0) {
		free(h->own_sysctl);
		h->own_sysctl = TAKE_PTR(text);
	}
	return err;
}

/* Is it another folder under another name (/lib is a link to usr/lib)? */
static int is_known_folder(const struct host *h, const char *folder, struct strv *seen)
{
	CLEANUP_FREE char *path = NULL;
	int err = root_resolve(h->root, folder, &path);

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	if (strv_has(seen, path))
		return 1;
	return strv_add(seen, path);
}

/* "name\tN", N the folder, of every *.conf, sorted: names are compared first. */
static int collect(struct host *h, struct strv *files)
{
	CLEANUP(cleanup_strv) struct strv seen = { NULL, 0 };
	struct sysctl_sources *s = &h->sysctl_sources;
	size_t i, k;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(folders) && !err; i++) {
		CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };

		if (!root_is_live(h->root) && str_has_prefix(folders[i], "/run/"))
			continue;
		err = is_known_folder(h, folders[i], &seen);
		if (!err)
			err = root_list(h->root, folders[i], &names);
		if (err < 0 && err != -ENOENT && err != -ENOTDIR && !s->unlisted)
			s->unlisted = str_format("%s: %s", folders[i], strerror(-err));
		err = err == -ENOMEM ? err : 0;
		for (k = 0; k < names.n && !err; k++)
			if (str_has_suffix(names.v[k], ".conf"))
				err = strv_addf(files, "%s\t%zu", names.v[k], i);
	}
	strv_sort(files);
	return err;
}

/* The arguments the running kernel was started with; a tree's are not known. */
static int read_cmdline(struct host *h)
{
	struct sysctl_source from = { .path = (char *)"/proc/cmdline",
				      .loaders = SYSCTL_KERNEL };
	int err;

	if (!h->kernel.cmdline)
		return 0;
	err = sysctl_cmdline_parse(&from.file, h->kernel.cmdline);
	return err ? err : add_source(h, &from);
}

/* Files of one name, V[0..N): the first hides the others from all but tuned, which looks
 * into /run first. */
static int read_group(struct host *h, char *const *v, size_t n)
{
	char first[1024], path[1024];
	unsigned tuned = 2; /* who has it: folder 1 is /run's, 0 /etc's */
	size_t i;
	int err = 0;

	for (i = 0; i < n; i++) {
		unsigned folder = (unsigned)(strrchr(v[i], '\t')[1] - '0');

		tuned = folder == 1 || (folder == 0 && tuned == 2) ? folder : tuned;
	}
	for (i = 0; i < n && !err; i++) {
		const char *tab = strrchr(v[i], '\t');
		unsigned folder = (unsigned)(tab[1] - '0');
		struct sysctl_source from = { .path = path };

		snprintf(path, sizeof(path), "%s/%.*s", folders[folder],
			 (int)(tab - v[i]), v[i]);
		/* systemd-sysctl passes over hidden files, procps does not. */
		if (i == 0)
			from.loaders = SYSCTL_SYSTEM | (v[i][0] == '.' ? 0 : SYSCTL_BOOT);
		else
			from.hidden_by = first;
		from.loaders |= folder == tuned ? SYSCTL_TUNED : 0;
		from.masked = from.hidden_by && root_is_masked(h->root, first);
		if (i == 0)
			memcpy(first, path, sizeof(first));
		err = read_file(h, &from);
	}
	return err;
}

int host_read_sources(struct host *h)
{
	struct sysctl_source last = { .path = (char *)"/etc/sysctl.conf",
				      .loaders = SYSCTL_SYSTEM | SYSCTL_TUNED };
	CLEANUP(cleanup_strv) struct strv files = { NULL, 0 };
	int err = read_cmdline(h);
	size_t i, n;

	if (!err)
		err = collect(h, &files);
	for (i = 0; i < files.n && !err; i += n) {
		size_t len = (size_t)(strrchr(files.v[i], '\t') - files.v[i]) + 1;

		for (n = 1; i + n < files.n; n++)
			if (strncmp(files.v[i], files.v[i + n], len) != 0)
				break;
		err = read_group(h, files.v + i, n);
	}
	if (!err)
		err = host_read_boot_loader(h);
	/* systemd-sysctl knows it only by a link from sysctl.d. */
	return err ? err : read_file(h, &last);
}

void host_clear_sources(struct host *h)
{
	struct sysctl_sources *s = &h->sysctl_sources;
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].path);
		free(s->v[i].hidden_by);
		sysctl_file_clear(&s->v[i].file);
	}
	free(s->v);
	free(s->unlisted);
	free(s->boot_unclear);
}

static int add_setter(struct sysctl_setters *s, const struct sysctl_setter *one)
{
	struct sysctl_setter *v;

	/* Grown by doubling: a power of two is full. */
	if ((s->n & (s->n - 1)) == 0) {
		v = realloc(s->v, (s->n ? s->n * 2 : 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
	}
	s->v[s->n++] = *one;
	return 0;
}

/* systemd knows braces in patterns, procps does not, tuned no patterns and no '-'. */
static unsigned matching(const struct sysctl_line *l, const char *path)
{
	unsigned mask = 0;

	if (sysctl_line_is_for(l, path, true))
		mask |= SYSCTL_KERNEL | SYSCTL_BOOT;
	if (sysctl_line_is_for(l, path, false))
		mask |= SYSCTL_SYSTEM | (l->glob || l->may_fail ? 0 : SYSCTL_TUNED);
	return mask;
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

/* What our own file is taken to hold; AS_IS: what it holds. */
struct own {
	bool as_is;
	const char *value;
};

static bool is_named(const struct sysctl_source *s, const char *name)
{
	const char *slash = strrchr(s->path, '/');

	return slash && strcmp(slash + 1, name) == 0;
}

/* Who loads S, with a file of ours among the others: it hides those of its name. */
static unsigned loaders_of(const struct sysctl_source *s, const struct own *own)
{
	if (own->as_is || !is_named(s, HOST_OWN_NAME))
		return s->loaders;
	if (strcmp(s->path, HOST_OWN_SYSCTL) == 0)
		return 0;
	return s->loaders & (str_has_prefix(s->path, "/run/") ? SYSCTL_TUNED : 0);
}

static int add_lines(const struct sysctl_sources *all, size_t i, const char *path,
		     unsigned loaders, bool whole, struct sysctl_setters *out)
{
	const struct sysctl_source *from = &all->v[i];
	int err = 0;
	size_t k;

	for (k = 0; k < from->file.n && !err; k++) {
		const struct sysctl_line *l = &from->file.v[k];
		unsigned mask = matching(l, path);
		struct sysctl_setter one = { .path = from->path,
					     .line = l->line,
					     .value = l->value,
					     .glob = l->glob ? l->path : NULL,
					     .loaders = loaders & mask,
					     .may_fail = l->may_fail,
					     .after = i + 1,
					     .from = from };

		if (one.loaders & ~(unsigned)SYSCTL_TUNED || (whole && mask))
			err = add_setter(out, &one);
	}
	return err;
}

/* Our line, where our file is or would be: before the first file of a later name. */
static bool own_is_before(const struct sysctl_source *s)
{
	const char *slash = strrchr(s->path, '/');

	return s->loaders != SYSCTL_KERNEL && (strcmp(s->path, "/etc/sysctl.conf") == 0 ||
					       strcmp(slash + 1, HOST_OWN_NAME) > 0);
}

static int add_own(const struct sysctl_sources *all, const struct own *own, size_t at,
		   struct sysctl_setters *out)
{
	struct sysctl_setter one = { .path = HOST_OWN_SYSCTL,
				     .value = own->value,
				     .loaders =
					     SYSCTL_BOOT | SYSCTL_SYSTEM | SYSCTL_TUNED,
				     .after = at };
	size_t i;

	for (i = 0; i < all->n; i++)
		if (is_named(&all->v[i], HOST_OWN_NAME) &&
		    str_has_prefix(all->v[i].path, "/run/"))
			one.loaders &= ~(unsigned)SYSCTL_TUNED;
	return own->value ? add_setter(out, &one) : 0;
}

static void mark(struct sysctl_setters *s)
{
	static const enum sysctl_loader all[] = { SYSCTL_KERNEL, SYSCTL_BOOT,
						  SYSCTL_SYSTEM, SYSCTL_TUNED };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		const struct sysctl_setter *w = sysctl_winner(s, all[i], NULL);

		if (w)
			s->v[w - s->v].wins |= all[i];
	}
}

/* WHOLE: with lines of hidden files, which none but tuned may load. */
static int find_setters(const struct host *h, const char *key, const struct own *own,
			bool whole, struct sysctl_setters *out)
{
	CLEANUP_FREE char *path = sysctl_path(key);
	const struct sysctl_sources *all = &h->sysctl_sources;
	struct sysctl_setters found = { NULL, 0 };
	bool pending = !own->as_is;
	int err = path ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; i < all->n && !err; i++) {
		if (pending && own_is_before(&all->v[i])) {
			pending = false;
			err = add_own(all, own, i, &found);
		}
		if (!err)
			err = add_lines(all, i, path, loaders_of(&all->v[i], own), whole,
					&found);
	}
	if (!err && pending)
		err = add_own(all, own, i, &found);
	if (err) {
		free(found.v);
		return err;
	}
	mark(&found);
	*out = found;
	return 0;
}

int host_sysctl_setters(const struct host *h, const char *key, struct sysctl_setters *out)
{
	return find_setters(h, key, &(struct own){ true, NULL }, false, out);
}

int host_sysctl_lines(const struct host *h, const char *key, struct sysctl_setters *out)
{
	return find_setters(h, key, &(struct own){ true, NULL }, true, out);
}

int host_sysctl_setters_if(const struct host *h, const char *key, const char *value,
			   struct sysctl_setters *out)
{
	return find_setters(h, key, &(struct own){ false, value }, true, out);
}

const char *host_sysctl_unseen(const struct host *h, const struct sysctl_setter *winner,
			       enum sysctl_loader loader)
{
	const struct sysctl_sources *all = &h->sysctl_sources;
	/* A pattern gives way to a line that names the key, wherever that stands. */
	size_t i = winner && !winner->glob ? winner->after : 0, k;

	for (; i < all->n; i++) {
		const struct sysctl_source *s = &all->v[i];

		if (!s->error || !(s->loaders & loader) ||
		    strcmp(s->path, HOST_OWN_SYSCTL) == 0)
			continue;
		for (k = 0; k < h->sysctl_unread.n; k++)
			if (str_has_prefix(h->sysctl_unread.v[k], s->path))
				return h->sysctl_unread.v[k];
	}
	return all->unlisted;
}
