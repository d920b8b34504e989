/* blscfg: EL8's GRUB makes its entries of the files in /loader/entries of its boot device
 * (RHEL's grub2, blscfg.c): newest first, the id is the file's name, variables in the
 * options are GRUB's. */
#include "parse/bls.h"
#include "parse/grub_eval.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct file {
	char *id, *path;
	struct bls bls;
};

/* Newest first. */
static int compare(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int order = bls_compare(y->id, x->id);

	return order ? order : strcmp(y->id, x->id);
}

/* What GRUB would run for the entry: our parser expands the variables. */
static int make_body(struct grub_eval *ev, struct grub_entry *entry, const struct bls *b)
{
	CLEANUP(cleanup_str) struct str body = STR_INIT;
	struct grub_script *s;
	struct err e;
	size_t i;
	int err;

	str_addf(&body, "linux %s %s\n", b->kernel, b->options ? b->options : "");
	if (b->initrds.n) {
		str_add(&body, "initrd");
		for (i = 0; i < b->initrds.n; i++)
			str_addf(&body, " %s", b->initrds.v[i]);
		str_add(&body, "\n");
	}
	if (body.oom)
		return -ENOMEM;
	err = grub_parse(&s, entry->where, str_text(&body), body.len, &e);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return grub_set_text(&entry->problem, strdup(e.msg));
	s->next = ev->scripts;
	ev->scripts = s;
	entry->body = s->top;
	entry->body_path = s->path;
	return strv_add(&entry->params, "menuentry");
}

static int add_entry(struct grub_eval *ev, const struct file *f)
{
	const char *title = f->bls.title ? f->bls.title : f->bls.kernel;
	struct grub_entry *entry;
	int err = grub_add_entry(ev, title, f->id, false, &entry);

	if (!err)
		err = grub_set_text(&entry->where, strdup(f->path));
	return err ? err : make_body(ev, entry, &f->bls);
}

/* 1: taken into F; 0: GRUB skips it, for it names no kernel. */
static int read_file(struct grub_eval *ev, const char *dir, const char *name,
		     struct file *f)
{
	CLEANUP_FREE char *text = NULL;
	struct err e;
	size_t len;
	int err;

	*f = (struct file){ .id = strndup(name, strlen(name) - strlen(".conf")) };
	f->path = str_format("%s/%s", dir, name);
	if (!f->id || !f->path)
		return -ENOMEM;
	err = ev->files->read(ev->files->data, f->path, &text, &len);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return grub_give_up(ev, "blscfg: %s cannot be read: %s", f->path,
				    strerror(-err));
	err = bls_parse(&f->bls, text, len, &e);
	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return grub_give_up(ev, "blscfg: %s: %s", f->path, e.msg);
	return f->bls.kernel != NULL;
}

static void file_clear(struct file *f)
{
	free(f->id);
	free(f->path);
	bls_clear(&f->bls);
}

static int read_folder(struct grub_eval *ev, const char *dir)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err = ev->files->list(ev->files->data, dir, &names);
	struct file *v;
	size_t i, n = 0;

	if (err == -ENOMEM)
		return err;
	if (err < 0)
		return grub_give_up(ev, "blscfg: %s: %s", dir, strerror(-err));
	v = calloc(names.n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (i = 0; err >= 0 && i < names.n; i++) {
		if (!str_has_suffix(names.v[i], ".conf"))
			continue;
		err = read_file(ev, dir, names.v[i], &v[n]);
		if (err == 1)
			n++;
		else
			file_clear(&v[n]);
	}
	qsort(v, n, sizeof(*v), compare);
	for (i = 0; err >= 0 && i < n; i++)
		err = add_entry(ev, &v[i]);
	for (i = 0; i < n; i++)
		file_clear(&v[i]);
	free(v);
	return err < 0 ? err : 0;
}

int grub_blscfg(struct grub_eval *ev, struct strv *argv)
{
	struct grub_var *dir = grub_var_get(ev, "blsdir");
	const char *path = dir && dir->value ? dir->value : "/loader/entries";

	ev->status = GRUB_TRUE;
	ev->menu->used_bls = true;
	if (argv->n > 1)
		return grub_give_up(ev, "blscfg with arguments");
	if (ev->entry)
		return grub_give_up(ev, "blscfg inside an entry");
	path = grub_file_path(ev, path);
	if (!path)
		return grub_give_up(ev, "blscfg: %s", ev->cause);
	return read_folder(ev, path);
}
