#include "boot/menu.h"

#include "base/cleanup.h"
#include "parse/grubenv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Environment. */

struct rebuild {
	struct str text;
	const char *saved, *prev; /* lent */
};

static int keep_durable(void *data, const char *name, const char *value)
{
	struct rebuild *r = data;

	if (strcmp(name, "next_entry") == 0 || strcmp(name, "prev_saved_entry") == 0)
		return 0;
	if (strcmp(name, "saved_entry") == 0 && (r->saved || r->prev))
		return 0;
	grubenv_append(&r->text, name, value);
	return 0;
}

int boot_durable_env(const struct host *h, const char *saved, char **out)
{
	const struct boot_file *env = &h->boot.env;
	CLEANUP_FREE char *prev = NULL;
	struct rebuild r = { STR_INIT, saved, NULL };
	int err;

	*out = NULL;
	if (!env->data && !saved)
		return 0;
	/* grub-reboot of old: saved_entry for once, then prev_saved_entry again. */
	if (env->data &&
	    grubenv_get(env->data, env->len, "prev_saved_entry", &prev) > 0 && prev[0])
		r.prev = prev;
	str_add(&r.text, "# GRUB Environment Block\n");
	err = env->data ? grubenv_each(env->data, env->len, keep_durable, &r) : 0;
	if (err == -EINVAL && !saved) {
		str_clear(&r.text);
		return 0;
	}
	if (saved || r.prev)
		grubenv_append(&r.text, "saved_entry", saved ? saved : r.prev);
	*out = str_take(&r.text);
	return *out && err != -ENOMEM ? 0 : -ENOMEM;
}

/* Files. */

static bool is_absent(int look)
{
	return look == -ENOENT || look == -ENOTDIR;
}

/* GRUB names files by their place in a file system, and /boot may be one of its own, or
 * GRUB's device the EFI system partition, or a subvolume. So what exists decides. */
int boot_locate(const struct host *h, const char *grub_path, char **out, int *look)
{
	const char *path = grub_path[0] == '(' ? strchr(grub_path, ')') : grub_path;
	const char *below, *first;
	const char *before[4];
	size_t i, n = 0;

	path = path ? (path[0] == ')' ? path + 1 : path) : grub_path;
	below = strstr(path, "/boot/");
	first = below == path ? "" : "/boot";
	before[n++] = first;
	before[n++] = below == path ? "/boot" : "";
	before[n++] = "/boot/efi";
	for (i = 0; i < n + (below && below != path); i++) {
		char *p = i < n ? str_format("%s%s", before[i], path) : strdup(below);

		if (!p)
			return -ENOMEM;
		*look = host_boot_look(h, p);
		if (*look == -ENOMEM || !is_absent(*look)) {
			*out = p;
			return *look == -ENOMEM ? -ENOMEM : 0;
		}
		free(p);
	}
	*look = -ENOENT;
	*out = str_format("%s%s", first, path);
	return *out ? 0 : -ENOMEM;
}

static int lend_copy(const char *bytes, size_t len, char **out, size_t *out_len)
{
	char *copy;

	if (!bytes)
		return -ENOENT;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	*out = copy;
	*out_len = len;
	return 0;
}

static bool is_env(const struct boot_view *v, const char *path)
{
	return str_eq(path, v->h->boot.env.path);
}

static bool is_custom(const struct boot_view *v, const char *path)
{
	return str_eq(path, v->h->boot.custom.path);
}

static int read_file(void *data, const char *path, char **out, size_t *len)
{
	const struct boot_view *v = data;
	CLEANUP_FREE char *real = NULL;
	int look, err;

	if (is_env(v, path) && (v->env || is_absent(v->h->boot.env.error)))
		return lend_copy(v->env, v->env_len, out, len);
	if (is_env(v, path) && v->h->boot.env.data)
		return lend_copy("", 0, out, len); /* no block: GRUB loads nothing */
	if (is_custom(v, path) && (v->custom || is_absent(v->h->boot.custom.error)))
		return lend_copy(v->custom, v->custom_len, out, len);
	err = boot_locate(v->h, path, &real, &look);
	if (err < 0 || look < 0)
		return err < 0 ? err : look;
	return host_boot_read(v->h, real, out, len);
}

static int look_at(void *data, const char *path)
{
	const struct boot_view *v = data;
	CLEANUP_FREE char *real = NULL;
	int look, err;

	if (is_env(v, path) && v->env)
		return v->env_len > 0;
	if (is_custom(v, path) && v->custom)
		return v->custom_len > 0;
	err = boot_locate(v->h, path, &real, &look);
	if (err < 0)
		return err;
	if (look == LOOK_EMPTY || look == LOOK_FILE)
		return look == LOOK_FILE;
	return look == LOOK_FOLDER ? 2 : look < 0 ? look : -EINVAL;
}

static int list_folder(void *data, const char *path, struct strv *names)
{
	const struct boot_view *v = data;
	CLEANUP_FREE char *real = NULL;
	int look, err = boot_locate(v->h, path, &real, &look);

	if (err < 0 || look < 0)
		return err < 0 ? err : look;
	return host_boot_list(v->h, real, names);
}

int boot_evaluate(const struct boot_view *view, struct grub_menu *out, struct err *e)
{
	const struct host_boot *b = &view->h->boot;
	static const char *const platforms[] = { NULL, "pc", "efi" };
	CLEANUP_FREE char *dir =
		strndup(b->cfg.path, (size_t)(strrchr(b->cfg.path, '/') - b->cfg.path));
	/* What GRUB itself sets before it reads grub.cfg (its manual, "Special environment
	 * variables", and normal/main.c for the features). */
	const struct grub_fact facts[] = {
		{ "prefix", dir },
		{ "config_directory", dir },
		{ "config_file", b->cfg.path },
		{ "grub_platform", platforms[b->firmware] },
		{ "grub_cpu", NULL },
		{ "root", NULL },
		{ "cmdpath", NULL },
		{ "fw_path", NULL },
		{ "lockdown", NULL },
		{ "shim_lock", NULL },
		{ "secureboot", NULL },
		{ "net_default_server", NULL },
		{ "feature_menuentry_id", "y" },
		{ "feature_menuentry_options", "y" },
		{ "feature_timeout_style", "y" },
		{ "feature_platform_search_hint", "y" },
		{ "feature_default_font_path", "y" },
		{ "feature_all_video_module", "y" },
		{ "feature_chainloader_bpb", "y" },
		{ "feature_ntldr", "y" },
		{ "feature_nativedisk_cmd", "y" },
		{ "feature_200_final", "y" },
	};
	const struct grub_files files = { (void *)view, read_file, look_at, list_folder };

	if (!dir)
		return err_set(e, -ENOMEM, "out of memory");
	return grub_evaluate(out, b->cfg.path, b->cfg.data, b->cfg.len, &files, facts,
			     ARRAY_SIZE(facts), e);
}
