/* Plans are tried before they are given: the files as they would be are evaluated, and
 * what GRUB would boot then must be the entry that was asked for, by its name. */
#include "boot/boot.h"

#include "base/cleanup.h"
#include "boot/menu.h"
#include "boot/notes.h"
#include "parse/block.h"
#include "parse/grubenv.h"
#include "parse/grubquote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* Would it boot at all? */
static int check_entry(const struct boot_entry *t, struct err *e)
{
	if (t->problem)
		return err_set(e, -EPERM, "%s: cannot be chosen: %s", t->path,
			       t->problem);
	if (t->maybe)
		return err_set(e, -EPERM,
			       "%s: cannot be the default: it is there only under a "
			       "condition that depends on the machine (%s)",
			       t->path, t->where);
	if (t->kernel_ok != BOOT_YES)
		return err_set(
			e, -EPERM, "%s: %s: %s", t->path, t->kernel,
			t->kernel_ok == BOOT_NO
				? "the kernel is missing or empty: install it again"
				: "the kernel cannot be looked at: try as root");
	if (t->initrd_ok != BOOT_YES)
		return err_set(
			e, -EPERM, "%s: %s: %s", t->path,
			t->initrd ? t->initrd : "initramfs",
			t->initrd_ok == BOOT_NO
				? "the initramfs is missing or empty: make it again "
				  "(dracut or update-initramfs)"
				: "the initramfs cannot be looked at: try as root");
	return 0;
}

static const char *name_of(const struct boot_entry *t, enum boot_naming how)
{
	switch (how) {
	case NAMED_BY_TITLE:
		return t->path;
	case NAMED_BY_ID:
		return t->id_path;
	default:
		return t->grub_path;
	}
}

/* What would boot with these files? 1: T, and the configuration was asked: by saved_entry
 * (CUSTOM false), by our lines (true). 0: something else. */
static int would_boot(const struct boot_view *view, const struct boot *b,
		      const struct boot_entry *t, bool by_name, bool custom,
		      struct err *e)
{
	struct boot_choice c;
	struct grub_menu m;
	int err = boot_evaluate(view, &m, e);
	bool fits;

	if (err < 0)
		return err;
	err = boot_resolve(&m, b->ops->whole_numbers, &c);
	fits = !err && str_eq(c.grub_path, t->grub_path) && !c.no_match &&
	       (c.by_name || !by_name);
	if (custom)
		fits = fits && m.default_where &&
		       str_has_prefix(m.default_where, view->h->boot.custom.path);
	else
		fits = fits && str_eq(m.default_via, "saved_entry");
	boot_choice_clear(&c);
	grub_menu_clear(&m);
	return err < 0 ? no_memory(e) : fits;
}

/* Lines and tabs in a name fit neither into a line of ours nor onto a screen. */
static bool is_one_line(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 127)
			return false;
	return true;
}

/* grubenv. */

static int try_saved(const struct host *h, const struct boot *b,
		     const struct boot_entry *t, enum boot_naming how, struct err *e)
{
	CLEANUP_FREE char *env = NULL;
	struct boot_view view = { h, NULL, 0, h->boot.custom.data, h->boot.custom.len };

	if (boot_durable_env(h, name_of(t, how), &env) < 0)
		return no_memory(e);
	view.env = env;
	view.env_len = strlen(env);
	return would_boot(&view, b, t, how != NAMED_BY_NUMBER, false, e);
}

/* The block as it is now, writable. */
static int check_env(const struct boot_file *env, struct err *e)
{
	int err;

	if (!env->data)
		return err_set(
			e, -EPERM, "%s: %s: %s", env->path, strerror(-env->error),
			env->error == -ENOENT
				? "make it with grub2-editenv (or grub-editenv) FILE "
				  "create"
				: "try as root");
	err = grubenv_check(env->data, env->len, e);
	if (err < 0) {
		err_wrap(e, err, "%s: not a GRUB environment block that may be written",
			 env->path);
		return -EPERM;
	}
	return 0;
}

static int plan_saved(const struct host *h, const char *value, struct plan *p,
		      struct err *e)
{
	const struct boot_file *env = &h->boot.env;
	CLEANUP_FREE char *now = NULL, *prev = NULL;
	char block[GRUBENV_SIZE];
	int err = check_env(env, e), had_prev;

	if (err < 0)
		return err;
	if (grubenv_get(env->data, env->len, "saved_entry", &now) == -ENOMEM)
		return no_memory(e);
	had_prev = grubenv_get(env->data, env->len, "prev_saved_entry", &prev);
	memcpy(block, env->data, sizeof(block));
	err = grubenv_set(block, "saved_entry", value, e);
	if (err == -ENOSPC) {
		err_wrap(e, err, "%s", env->path);
		return -EPERM;
	}
	if (!err)
		err = plan_grubenv(p, env->path, "saved_entry", now, value);
	/* Left there it would become saved_entry again after one boot. */
	if (!err && had_prev > 0)
		err = plan_grubenv(p, env->path, "prev_saved_entry", prev, NULL);
	return err == -ENOMEM ? no_memory(e) : err;
}

/* 1: planned; 0: this grub.cfg does not ask for saved_entry. */
static int by_saved_entry(const struct host *h, const struct boot *b,
			  const struct boot_entry *t, struct plan *p, struct err *e)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(b->ops->naming); i++) {
		enum boot_naming how = b->ops->naming[i];
		int err = is_one_line(name_of(t, how)) ? try_saved(h, b, t, how, e) : 0;

		if (err == 0)
			continue;
		if (err > 0)
			err = plan_saved(h, name_of(t, how), p, e);
		if (!err && how == NAMED_BY_NUMBER &&
		    plan_warn(
			    p,
			    "no title or id names %s alone, so it is counted: installing "
			    "or removing a kernel moves the default",
			    t->path) < 0)
			return no_memory(e);
		return err < 0 ? err : 1;
	}
	return 0;
}

/* custom.cfg. */

/* Silent when something else was asked for once (next_entry sets boot_once). */
static int block_text(const char *value, struct str *out, struct err *e)
{
	int err;

	str_add(out, "if [ \"${boot_once}\" != \"true\" ]; then\n  set default=");
	err = grub_quote(out, value, e);
	str_add(out, "\nfi\n");
	if (err == -EINVAL)
		return -EPERM;
	return err < 0 || out->oom ? no_memory(e) : 0;
}

static int try_custom(const struct host *h, const struct boot *b,
		      const struct boot_entry *t, const char *text, struct err *e)
{
	const struct boot_file *f = &h->boot.custom;
	CLEANUP(cleanup_str) struct str custom = STR_INIT;
	CLEANUP_FREE char *env = NULL;
	struct boot_view view = { .h = h };

	if (boot_durable_env(h, NULL, &env) < 0 ||
	    block_put(f->data, f->len, text, &custom) < 0)
		return no_memory(e);
	view.env = env;
	view.env_len = env ? strlen(env) : 0;
	view.custom = custom.s;
	view.custom_len = custom.len;
	return would_boot(&view, b, t, true, true, e);
}

/* 1: planned; 0: this grub.cfg does not read custom.cfg, or not to the end. */
static int by_custom_cfg(const struct host *h, const struct boot *b,
			 const struct boot_entry *t, struct plan *p, struct err *e)
{
	const struct boot_file *f = &h->boot.custom;
	CLEANUP_FREE char *before = NULL;
	struct block block;
	int found = f->data ? block_find(f->data, &block) : 0, err = 0;
	size_t i;

	if (!f->data && f->error != -ENOENT)
		return err_set(e, -EPERM, "%s: cannot read: %s", f->path,
			       strerror(-f->error));
	if (found < 0)
		return err_set(e, -EPERM,
			       "%s: the marks of our lines do not match: mend or "
			       "remove them by hand",
			       f->path);
	before = found ? strndup(block.from, (size_t)(block.to - block.from)) : NULL;
	if (found && !before)
		return no_memory(e);
	/* Never a number: a new kernel would move it, and that is why we are here. */
	for (i = 0; i < ARRAY_SIZE(b->ops->naming) && !err; i++) {
		CLEANUP(cleanup_str) struct str text = STR_INIT;
		enum boot_naming how = b->ops->naming[i];

		if (how == NAMED_BY_NUMBER || !is_one_line(name_of(t, how)))
			continue;
		err = block_text(name_of(t, how), &text, e);
		if (!err)
			err = try_custom(h, b, t, text.s, e);
		if (err > 0 && plan_block(p, f->path, before, text.s, NULL) < 0)
			return no_memory(e);
	}
	return err;
}

/* Both. */

static int start(struct plan *p, const char *command, const struct boot_entry *t,
		 struct err *e)
{
	plan_init(p, "boot");
	if (plan_set_title(p, "%s %s", command, t->path) < 0)
		return no_memory(e);
	p->subject = strdup(t->path);
	return p->subject ? 0 : no_memory(e);
}

static int warn_once(const struct boot *b, struct plan *p, struct err *e)
{
	size_t i;

	if (b->once && plan_warn(p, "%s", b->once) < 0)
		return no_memory(e);
	for (i = 0; i < b->warnings.n; i++)
		if (plan_warn(p, "%s", b->warnings.v[i]) < 0)
			return no_memory(e);
	return 0;
}

static bool has_prev_saved(const struct host *h)
{
	const struct boot_file *env = &h->boot.env;
	CLEANUP_FREE char *prev = NULL;

	return env->data &&
	       grubenv_get(env->data, env->len, "prev_saved_entry", &prev) > 0 && prev[0];
}

int boot_plan_default(const struct host *h, const struct boot *b, size_t index,
		      struct plan *plan, struct err *e)
{
	const struct boot_entry *t = &b->v[index];
	int err = start(plan, "boot default", t, e);

	if (!err)
		err = check_entry(t, e);
	if (!err && b->unknown)
		err = err_set(e, -EPERM,
			      "what GRUB boots cannot be told, so nothing is "
			      "changed: %s",
			      b->unknown);
	if (!err)
		err = warn_once(b, plan, e);
	if (err < 0)
		return err;
	if (b->default_index == (int)index && b->by_name && !has_prev_saved(h))
		return 0;
	err = by_saved_entry(h, b, t, plan, e);
	if (!err)
		err = by_custom_cfg(h, b, t, plan, e);
	if (err != 0)
		return err < 0 ? err : 0;
	return err_set(
		e, -EPERM,
		"%s: no way was found to make %s the default: neither saved_entry in "
		"grubenv nor a line in %s would decide it here (%s)",
		h->boot.cfg.path, t->path, h->boot.custom.path, b->default_reason);
}

int boot_plan_fallback(const struct host *h, const struct boot *b, size_t index,
		       struct plan *plan, struct err *e)
{
	const struct boot_entry *t = &b->v[index];
	const struct boot_file *f = &h->boot.fallback;
	CLEANUP_FREE char *text = boot_fallback_text(t);
	struct blob before = { f->data, f->len },
		    after = { text, text ? strlen(text) : 0 };
	int err = start(plan, "boot fallback", t, e);

	if (!err)
		err = check_entry(t, e);
	if (!err && !is_one_line(t->path))
		err = err_set(e, -EPERM, "entry %zu: its title holds control characters",
			      index);
	if (err < 0)
		return err;
	if (!f->data && f->error != -ENOENT && f->error != -ENOTDIR)
		return err_set(e, -EPERM, "%s: cannot read: %s", f->path,
			       strerror(-f->error));
	if (!text || plan_file(plan, BOOT_FALLBACK_FILE, &before, &after, 0644, NULL) < 0)
		return no_memory(e);
	return 0;
}
