#include "boot/boot.h"

#include "base/cleanup.h"
#include "boot/menu.h"
#include "boot/notes.h"
#include "parse/grubenv.h"
#include "parse/grubquote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Without BLS: Debian, EL7, and EL8 where it was switched off. EL7's grubby writes and
 * reads the title. With BLS: the id is what grub2-set-default and kernel-install write. */
static const struct boot_ops grub2 = {
	"grub2",
	false,
	{ NAMED_BY_TITLE, NAMED_BY_ID, NAMED_BY_NUMBER },
};
static const struct boot_ops grub2_bls = {
	"grub2-bls",
	true,
	{ NAMED_BY_ID, NAMED_BY_TITLE, NAMED_BY_NUMBER },
};

static void entry_clear(struct boot_entry *e)
{
	free(e->path);
	free(e->grub_path);
	free(e->id_path);
	free(e->title);
	free(e->id);
	free(e->release);
	free(e->kernel);
	free(e->initrd);
	free(e->args);
	free(e->where);
	free(e->problem);
}

void boot_clear(struct boot *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		entry_clear(&b->v[i]);
	free(b->v);
	free(b->default_reason);
	free(b->once);
	free(b->unknown);
	strv_clear(&b->warnings);
	strv_clear(&b->movers);
	free(b->follows);
	*b = (struct boot){ .loader = NULL };
}

/* Entries. */

/* The levels above an entry, in the three ways GRUB names them, each ended by '>'. */
struct level {
	const char *titles, *ids, *numbers;
};

/* What a person sees of a text that is partly unknown. */
static char *visible(const char *text)
{
	struct str s = STR_INIT;

	for (; *text; text++) {
		if (*text == GRUB_UNKNOWN)
			str_add(&s, "...");
		else
			str_addc(&s, *text);
	}
	return str_take(&s);
}

static char *escaped(const char *above, const char *title)
{
	struct str s = STR_INIT;

	str_add(&s, above);
	grub_escape_title(&s, title);
	return str_take(&s);
}

static char *release_of(const char *kernel)
{
	static const char *const prefixes[] = { "vmlinuz-", "vmlinux-", "kernel-",
						"bzImage-", "linux-" };
	const char *name = strrchr(kernel, '/') ? strrchr(kernel, '/') + 1 : kernel;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_has_prefix(name, prefixes[i]) && name[strlen(prefixes[i])])
			return strdup(name + strlen(prefixes[i]));
	return NULL;
}

static enum boot_known is_there(int look)
{
	if (look == LOOK_FILE)
		return BOOT_YES;
	return look >= 0 || look == -ENOENT || look == -ENOTDIR ? BOOT_NO : BOOT_UNKNOWN;
}

/* All files must be there; which one is shown: the first that is not, else the last. */
static int look_at_initrds(struct boot_entry *e, const struct grub_entry *g,
			   const struct host *h)
{
	size_t i;

	e->initrd_ok = BOOT_YES;
	for (i = 0; i < g->initrds.n; i++) {
		CLEANUP_FREE char *path = NULL;
		enum boot_known known;
		int look, err;

		if (grub_is_unknown(g->initrds.v[i]) && g->initrds.v[i][0] != '(') {
			e->initrd_ok = BOOT_UNKNOWN;
			continue;
		}
		err = boot_locate(h, g->initrds.v[i], &path, &look);
		if (err < 0)
			return err;
		known = is_there(look);
		if (e->initrd_ok != BOOT_YES && known == BOOT_YES)
			continue;
		free(e->initrd);
		e->initrd = TAKE_PTR(path);
		if (e->initrd_ok != BOOT_NO)
			e->initrd_ok = known;
	}
	return 0;
}

static int look_at_files(struct boot_entry *e, const struct grub_entry *g,
			 const struct host *h)
{
	int look, err;

	e->kernel_ok = e->initrd_ok = BOOT_UNKNOWN;
	if (g->problem) {
		e->problem = visible(g->problem);
		return e->problem ? 0 : -ENOMEM;
	}
	if (!g->kernel) {
		e->problem = strdup("loads no Linux kernel");
		return e->problem ? 0 : -ENOMEM;
	}
	err = boot_locate(h, g->kernel, &e->kernel, &look);
	if (err < 0)
		return err;
	e->kernel_ok = is_there(look);
	e->release = release_of(e->kernel);
	e->args = visible(g->args);
	return e->args ? look_at_initrds(e, g, h) : -ENOMEM;
}

static int add_entry(struct boot *b, const struct host *h, const struct level *above,
		     const struct grub_entry *g, size_t number)
{
	struct boot_entry *v = realloc(b->v, (b->n + 1) * sizeof(*v)), *e;

	if (!v)
		return -ENOMEM;
	b->v = v;
	e = &v[b->n];
	*e = (struct boot_entry){ .index = b->n, .maybe = g->maybe };
	b->n++;
	e->title = visible(g->title);
	e->id = visible(g->id);
	e->where = strdup(g->where);
	if (!e->title || !e->id || !e->where)
		return -ENOMEM;
	e->path = escaped(above->titles, e->title);
	e->id_path = escaped(above->ids, e->id);
	e->grub_path = str_format("%s%zu", above->numbers, number);
	if (!e->path || !e->id_path || !e->grub_path)
		return -ENOMEM;
	return look_at_files(e, g, h);
}

static int add_entries(struct boot *b, const struct host *h, const struct level *above,
		       const struct grub_entry *v, size_t n);

static int add_submenu(struct boot *b, const struct host *h, const struct level *above,
		       const struct grub_entry *g, size_t number)
{
	CLEANUP_FREE char *title = visible(g->title), *id = visible(g->id),
			  *titles = NULL, *ids = NULL, *numbers = NULL;
	struct level level;

	if (!title || !id)
		return -ENOMEM;
	titles = escaped(above->titles, title);
	ids = escaped(above->ids, id);
	numbers = str_format("%s%zu>", above->numbers, number);
	if (!titles || !ids || !numbers)
		return -ENOMEM;
	free(title);
	title = str_format("%s>", titles);
	free(id);
	id = str_format("%s>", ids);
	if (!title || !id)
		return -ENOMEM;
	if (g->problem &&
	    strv_addf(&b->warnings, "the submenu \"%s\" is not all known: %s", g->title,
		      g->problem) < 0)
		return -ENOMEM;
	level = (struct level){ title, id, numbers };
	return add_entries(b, h, &level, g->v, g->n);
}

static int add_entries(struct boot *b, const struct host *h, const struct level *above,
		       const struct grub_entry *v, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = v[i].submenu ? add_submenu(b, h, above, &v[i], i)
				   : add_entry(b, h, above, &v[i], i);
	return err;
}

static int index_of(const struct boot *b, const char *grub_path)
{
	size_t i;

	for (i = 0; grub_path && i < b->n; i++)
		if (strcmp(b->v[i].grub_path, grub_path) == 0)
			return (int)i;
	return -1;
}

/* The default. */

static char *reason(const struct host *h, const struct grub_menu *m,
		    const struct boot_choice *c)
{
	const char *value = m->default_value, *where = m->default_where;

	if (!c->grub_path)
		return visible(str_text(&c->why_unknown));
	if (!value)
		return str_format("%s sets no default, so GRUB boots the first entry",
				  h->boot.cfg.path);
	if (str_eq(m->default_via, "saved_entry")) {
		if (!*value)
			return str_format(
				"%s has no saved_entry, so GRUB boots the first "
				"entry",
				h->boot.env.path);
		if (c->no_match)
			return str_format(
				"saved_entry in %s is \"%s\", which is no entry, so "
				"GRUB boots the first one",
				h->boot.env.path, value);
		return c->by_name ? str_format("saved_entry in %s names it",
					       h->boot.env.path)
				  : str_format("saved_entry in %s is \"%s\", a number",
					       h->boot.env.path, value);
	}
	if (c->no_match)
		return str_format("%s sets default to \"%s\", which is no entry, so GRUB "
				  "boots the first one",
				  where, value);
	return c->by_name ? str_format("%s sets default to its name", where)
			  : str_format("%s sets default to %s, a number", where, value);
}

static int take_default(struct boot *b, const struct host *h, const struct grub_menu *m)
{
	struct boot_choice c;
	int err = boot_resolve(m, b->ops->whole_numbers, &c);

	if (!err) {
		b->default_index = index_of(b, c.grub_path);
		b->by_name = c.by_name && c.grub_path;
		b->default_misses = c.no_match && m->default_value && *m->default_value;
		b->default_reason = reason(h, m, &c);
		err = b->default_reason ? 0 : -ENOMEM;
	}
	if (b->default_index >= 0)
		b->v[b->default_index].is_default = true;
	boot_choice_clear(&c);
	return err;
}

/* What GRUB's one-shot variables make of the next boot. */
static int take_once(struct boot *b, const struct host *h, struct err *e)
{
	static const char *const names[] = { "next_entry", "prev_saved_entry" };
	const struct boot_file *env = &h->boot.env;
	struct boot_view view = { h, env->data, env->len, h->boot.custom.data,
				  h->boot.custom.len };
	CLEANUP_FREE char *value = NULL;
	struct boot_choice c;
	struct grub_menu m;
	size_t i;
	int err = 0;

	for (i = 0; env->data && i < ARRAY_SIZE(names) && !(value && *value); i++) {
		free(value);
		value = NULL;
		err = grubenv_get(env->data, env->len, names[i], &value);
		if (err == -ENOMEM)
			return err_set(e, err, "out of memory");
	}
	if (!value || !*value)
		return 0;
	err = boot_evaluate(&view, &m, e);
	if (err < 0)
		return err;
	err = boot_resolve(&m, b->ops->whole_numbers, &c);
	b->once_index = err ? -1 : index_of(b, c.grub_path);
	b->once = str_format("%s in %s: the next boot starts %s", names[i - 1], env->path,
			     b->once_index >= 0 ? b->v[b->once_index].path
						: str_text(&c.why_unknown));
	boot_choice_clear(&c);
	grub_menu_clear(&m);
	return err < 0 || !b->once ? err_set(e, -ENOMEM, "out of memory") : 0;
}

static int no_loader(struct boot *b, const struct host *h)
{
	const struct boot_file *cfg = &h->boot.cfg;

	if (!cfg->path || cfg->error == -ENOENT)
		b->unknown = strdup("no grub.cfg in /boot/efi/EFI/*, /boot/grub2 or "
				    "/boot/grub: GRUB is the loader that is understood");
	else
		b->unknown = str_format("%s: cannot read: %s%s", cfg->path,
					strerror(-cfg->error),
					cfg->error == -EACCES ? ": try as root" : "");
	b->default_reason = b->unknown ? strdup(b->unknown) : NULL;
	return b->default_reason ? 0 : -ENOMEM;
}

static int load(struct boot *b, const struct host *h, const struct grub_menu *m,
		struct err *e)
{
	static const struct level top = { "", "", "" };
	int err;

	b->ops = m->used_bls ? &grub2_bls : &grub2;
	b->loader = b->ops->name;
	if (m->unknown) {
		b->unknown = visible(m->unknown);
		if (!b->unknown)
			return err_set(e, -ENOMEM, "out of memory");
	}
	err = add_entries(b, h, &top, m->v, m->n);
	if (!err)
		err = take_default(b, h, m);
	if (!err)
		err = boot_mark(b, h);
	if (!err)
		err = boot_note(b, h, m);
	if (err < 0)
		return err_set(e, err, "out of memory");
	return take_once(b, h, e);
}

int boot_load(struct boot *out, const struct host *h, struct err *e)
{
	CLEANUP_FREE char *env = NULL;
	struct boot_view view = { h, NULL, 0, h->boot.custom.data, h->boot.custom.len };
	struct grub_menu m;
	int err;

	*out = (struct boot){ .default_index = -1,
			      .once_index = -1,
			      .running_index = -1,
			      .fallback_index = -1 };
	if (!h->boot.cfg.data) {
		err = no_loader(out, h);
		if (err < 0)
			boot_clear(out);
		return err < 0 ? err_set(e, err, "out of memory") : 0;
	}
	err = boot_durable_env(h, NULL, &env);
	if (err < 0)
		return err_set(e, err, "out of memory");
	view.env = env;
	view.env_len = env ? strlen(env) : 0;
	err = boot_evaluate(&view, &m, e);
	if (err < 0)
		return err;
	err = load(out, h, &m, e);
	grub_menu_clear(&m);
	if (err < 0)
		boot_clear(out);
	return err;
}
