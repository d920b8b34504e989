#include "boot/notes.h"

#include "base/cleanup.h"
#include "parse/cmdline.h"
#include "parse/default_grub.h"
#include "parse/grubenv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The running entry. */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Two command lines, blanks and BOOT_IMAGE= apart. */
static bool same_args(const char *a, const char *b)
{
	for (;;) {
		size_t n, m;

		a += strspn(a, " \n");
		b += strspn(b, " \n");
		n = strcspn(a, " \n");
		m = strcspn(b, " \n");
		if (n && str_has_prefix(a, "BOOT_IMAGE=")) {
			a += n;
			continue;
		}
		if (m && str_has_prefix(b, "BOOT_IMAGE=")) {
			b += m;
			continue;
		}
		if (n != m || strncmp(a, b, n) != 0)
			return false;
		if (!n)
			return true;
		a += n;
		b += m;
	}
}

static bool is_running_kernel(const struct boot_entry *e, const char *image,
			      const char *release)
{
	if (!e->kernel)
		return false;
	if (image)
		return strcmp(base_name(e->kernel), base_name(image)) == 0;
	return release && str_eq(e->release, release);
}

/* Only one can run; where several load the kernel that runs, its arguments tell. */
static int mark_running(struct boot *b, const struct host *h)
{
	CLEANUP_FREE char *image = NULL;
	size_t i, candidates = 0;
	int alone = -1, exact = -1;

	/* GRUB puts it in front. */
	if (h->kernel.cmdline && cmdline_get(h->kernel.cmdline, "BOOT_IMAGE", &image) < 0)
		return -ENOMEM;
	for (i = 0; i < b->n; i++) {
		struct boot_entry *e = &b->v[i];

		if (!is_running_kernel(e, image, h->kernel.release))
			continue;
		candidates++;
		alone = (int)i;
		if (exact < 0 && h->kernel.cmdline && e->args &&
		    same_args(e->args, h->kernel.cmdline))
			exact = (int)i;
	}
	b->running_index = exact >= 0 ? exact : candidates == 1 ? alone : -1;
	if (b->running_index >= 0)
		b->v[b->running_index].running = true;
	return 0;
}

/* The fallback. */

char *boot_fallback_text(const struct boot_entry *e)
{
	return str_format("# uringprep: the entry that a rollback goes to.\n"
			  "path=%s\nrelease=%s\n",
			  e->path, e->release ? e->release : "");
}

/* The value of KEY=, "" when there is none; NULL: no memory. */
static char *fallback_value(const struct boot_file *f, const char *key)
{
	const char *cur = f->data, *line;
	size_t n, m = strlen(key);

	while ((line = str_line(&cur, f->data + f->len, &n)))
		if (n > m && memcmp(line, key, m) == 0 && line[m] == '=')
			return strndup(line + m + 1, n - m - 1);
	return strdup("");
}

static int mark_fallback(struct boot *b, const struct host *h)
{
	const struct boot_file *f = &h->boot.fallback;
	CLEANUP_FREE char *path = NULL, *release = NULL;
	size_t i;

	if (!f->data) {
		if (!f->error || f->error == -ENOENT || f->error == -ENOTDIR)
			return 0;
		return strv_addf(&b->warnings, "%s: cannot read: %s", f->path,
				 strerror(-f->error));
	}
	path = fallback_value(f, "path");
	release = fallback_value(f, "release");
	if (!path || !release)
		return -ENOMEM;
	for (i = 0; i < b->n && b->fallback_index < 0; i++)
		if (strcmp(b->v[i].path, path) == 0 &&
		    (!*release || str_eq(b->v[i].release, release)))
			b->fallback_index = (int)i;
	if (b->fallback_index < 0)
		return strv_addf(&b->warnings,
				 "the recorded fallback, \"%s\", is not there any more",
				 path);
	b->v[b->fallback_index].fallback = true;
	return 0;
}

int boot_mark(struct boot *b, const struct host *h)
{
	int err = mark_running(b, h);

	return err < 0 ? err : mark_fallback(b, h);
}

/* Notes: what moves the default without being asked, and what is odd. */

static int note_env(struct boot *b, const struct host *h)
{
	const struct boot_file *env = &h->boot.env;
	struct err e;

	if (!env->data && env->error != -ENOENT)
		return strv_addf(&b->warnings, "%s: cannot read: %s", env->path,
				 strerror(-env->error));
	if (env->data && grubenv_check(env->data, env->len, &e) < 0)
		return strv_addf(&b->warnings, "%s: %s", env->path, e.msg);
	return 0;
}

/* EL7's new-kernel-pkg and EL8's grub2-get-kernel-settings read these two. */
static int note_update_default(struct boot *b, const struct host *h)
{
	const struct boot_file *f = &h->boot.sysconfig;
	CLEANUP_FREE char *update = NULL, *kernel = NULL;

	if (!f->data)
		return 0;
	if (default_grub_get(f->data, f->len, "UPDATEDEFAULT", &update) == -ENOMEM ||
	    default_grub_get(f->data, f->len, "DEFAULTKERNEL", &kernel) == -ENOMEM)
		return -ENOMEM;
	if (!str_eq(update, "yes"))
		return 0;
	b->follows = strdup(kernel ? kernel : "kernel");
	if (!b->follows)
		return -ENOMEM;
	return strv_addf(
		&b->warnings,
		"%s has UPDATEDEFAULT=yes: installing a new %s package makes that "
		"the default",
		f->path, b->follows);
}

static int note_settings(struct boot *b, const struct host *h, const struct grub_menu *m)
{
	const struct boot_file *f = &h->boot.defaults;
	CLEANUP_FREE char *wanted = NULL, *save = NULL;
	bool is_saved = str_eq(m->default_via, "saved_entry");
	bool in_cfg =
		m->default_where && str_has_prefix(m->default_where, h->boot.cfg.path);
	size_t i;
	int err = 0;

	if (!f->data)
		return 0;
	if (default_grub_get(f->data, f->len, "GRUB_DEFAULT", &wanted) == -ENOMEM ||
	    default_grub_get(f->data, f->len, "GRUB_SAVEDEFAULT", &save) == -ENOMEM)
		return -ENOMEM;
	if (str_eq(save, "true"))
		err = strv_addf(&b->movers,
				"%s has GRUB_SAVEDEFAULT=true: each entry that is booted "
				"becomes the default",
				f->path);
	if (!err && wanted && in_cfg && is_saved != (strcmp(wanted, "saved") == 0))
		err = strv_addf(
			&b->movers,
			"%s has GRUB_DEFAULT=%s, but %s was made with another: making it "
			"anew changes the default",
			f->path, wanted, h->boot.cfg.path);
	for (i = 0; !err && i < b->movers.n; i++)
		err = strv_add(&b->warnings, b->movers.v[i]);
	return err;
}

static int note_entries(struct boot *b, const struct grub_entry *v, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++) {
		if (v[i].maybe)
			err = strv_addf(
				&b->warnings,
				"%s: the entry \"%s\" is there only under a condition "
				"that depends on the machine",
				v[i].where,
				grub_is_unknown(v[i].title) ? "?" : v[i].title);
		if (!err && v[i].submenu)
			err = note_entries(b, v[i].v, v[i].n);
	}
	return err;
}

int boot_note(struct boot *b, const struct host *h, const struct grub_menu *m)
{
	size_t i;
	int err = note_env(b, h);

	if (!err)
		err = note_update_default(b, h);
	if (!err)
		err = note_settings(b, h, m);
	if (!err)
		err = note_entries(b, m->v, m->n);
	for (i = 0; !err && i < h->boot.cfg_others.n; i++)
		err = strv_addf(&b->warnings,
				"%s is there too, and was not read: %s counts",
				h->boot.cfg_others.v[i], h->boot.cfg.path);
	return err;
}
