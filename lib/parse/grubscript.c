#include "parse/grubscript.h"

#include "base/cleanup.h"
#include "parse/grub_eval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 8 /* submenus in submenus */

bool grub_is_unknown(const char *value)
{
	return value && strchr(value, GRUB_UNKNOWN);
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int finish_list(struct grub_eval *ev, struct grub_entry *v, size_t n);

/* What an entry would boot, or a submenu show, when it is chosen. */
static int finish_entry(struct grub_eval *ev, struct grub_entry *entry)
{
	struct grub_vars outer = ev->vars;
	struct grub_entry **list = ev->list;
	size_t *n_list = ev->n_list;
	int err;

	ev->vars = (struct grub_vars){ NULL, 0 };
	err = grub_vars_copy(&ev->vars, &outer, entry->submenu);
	ev->entry = entry;
	if (entry->submenu) {
		ev->list = &entry->v;
		ev->n_list = &entry->n;
	}
	ev->steps = 0;
	ev->leave = LEAVE_NOT;
	if (!err && entry->body)
		err = grub_run_with(ev, entry->body, entry->body_path, &entry->params);
	ev->entry = NULL;
	if (!err && entry->submenu) {
		struct grub_var *d = grub_var_get(ev, "default");

		if (d && !entry->problem)
			err = grub_set_text(
				&entry->problem,
				str_format("%s: sets its own default", d->where));
		if (!err)
			err = finish_list(ev, entry->v, entry->n);
	}
	grub_vars_clear(&ev->vars);
	ev->vars = outer;
	ev->list = list;
	ev->n_list = n_list;
	return err;
}

static int finish_list(struct grub_eval *ev, struct grub_entry *v, size_t n)
{
	size_t i;
	int err = 0;

	if (++ev->depth > MAX_DEPTH)
		n = 0;
	for (i = 0; !err && i < n; i++)
		err = finish_entry(ev, &v[i]);
	ev->depth--;
	return err;
}

static int take_default(struct grub_eval *ev, struct grub_menu *out)
{
	struct grub_var *d = grub_var_get(ev, "default");

	if (!d || !d->value)
		return 0;
	out->default_value = strdup(d->value);
	out->default_where = strdup(d->where);
	out->default_via = copy(d->via);
	out->default_why = copy(d->why);
	return out->default_value && out->default_where ? 0 : -ENOMEM;
}

int grub_evaluate(struct grub_menu *out, const char *path, const char *text, size_t len,
		  const struct grub_files *files, const struct grub_fact *facts,
		  size_t n_facts, struct err *e)
{
	struct grub_eval ev = { .files = files, .menu = out, .path = path };
	size_t i;
	int err = 0;

	*out = (struct grub_menu){ .n = 0 };
	ev.list = &out->v;
	ev.n_list = &out->n;
	ev.status = GRUB_TRUE;
	for (i = 0; !err && i < n_facts; i++) {
		static const char unknown[] = { GRUB_UNKNOWN, '\0' };
		struct grub_var *v;

		err = grub_set_text(&ev.cause,
				    str_format("%s: $%s depends on the machine", path,
					       facts[i].name));
		if (!err)
			err = grub_var_set(&ev, facts[i].name,
					   facts[i].value ? facts[i].value : unknown,
					   NULL);
		v = err ? NULL : grub_var_get(&ev, facts[i].name);
		if (v)
			v->exported = true;
	}
	if (!err)
		err = grub_run_text(&ev, path, text, len);
	if (!err)
		err = take_default(&ev, out);
	if (!err)
		err = finish_list(&ev, out->v, out->n);
	grub_vars_clear(&ev.vars);
	for (i = 0; i < ev.n_functions; i++)
		free(ev.functions[i].name);
	free(ev.functions);
	while (ev.scripts) {
		struct grub_script *s = ev.scripts;

		ev.scripts = s->next;
		grub_script_free(s);
	}
	strv_clear(&ev.saved);
	free(ev.cause);
	if (err < 0)
		grub_menu_clear(out);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

static void entries_clear(struct grub_entry *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		entries_clear(v[i].v, v[i].n);
		free(v[i].title);
		free(v[i].id);
		free(v[i].where);
		free(v[i].problem);
		free(v[i].kernel);
		free(v[i].args);
		strv_clear(&v[i].initrds);
		strv_clear(&v[i].params);
	}
	free(v);
}

void grub_menu_clear(struct grub_menu *m)
{
	entries_clear(m->v, m->n);
	free(m->unknown);
	free(m->default_value);
	free(m->default_where);
	free(m->default_via);
	free(m->default_why);
	*m = (struct grub_menu){ .n = 0 };
}
