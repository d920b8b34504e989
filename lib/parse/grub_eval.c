#include "parse/grub_eval.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD 65536	/* bytes; forty times set a="$a$a" would be all memory */
#define MAX_STEPS 20000 /* commands; a real grub.cfg runs some hundred */
#define MAX_DEPTH 32	/* functions, sourced files and blocks in each other */

/* Reasons. */

int grub_set_text(char **where, char *text)
{
	if (!text)
		return -ENOMEM;
	free(*where);
	*where = text;
	return 0;
}

int grub_because(struct grub_eval *ev, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return grub_set_text(&ev->cause,
			     str_format("%s:%u: %s", ev->path, ev->line, what));
}

int grub_give_up(struct grub_eval *ev, const char *fmt, ...)
{
	char **into = ev->entry ? &ev->entry->problem : &ev->menu->unknown;
	char what[1024];
	va_list ap;

	if (*into)
		return 0;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return grub_set_text(into, str_format("%s:%u: %s", ev->path, ev->line, what));
}

/* Variables. */

static void var_clear(struct grub_var *v)
{
	free(v->name);
	free(v->value);
	free(v->why);
	free(v->where);
	free(v->via);
}

void grub_vars_clear(struct grub_vars *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		var_clear(&l->v[i]);
	free(l->v);
	*l = (struct grub_vars){ NULL, 0 };
}

struct grub_var *grub_var_get(struct grub_eval *ev, const char *name)
{
	size_t i;

	for (i = 0; i < ev->vars.n; i++)
		if (strcmp(ev->vars.v[i].name, name) == 0)
			return &ev->vars.v[i];
	return NULL;
}

static struct grub_var *var_add(struct grub_vars *l, const char *name)
{
	struct grub_var *v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (!v)
		return NULL;
	l->v = v;
	v[l->n] = (struct grub_var){ .name = strdup(name) };
	return v[l->n].name ? &v[l->n++] : NULL;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int grub_vars_copy(struct grub_vars *to, const struct grub_vars *from, bool exported)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		const struct grub_var *f = &from->v[i];
		struct grub_var *v;

		if (exported && !f->exported)
			continue;
		v = var_add(to, f->name);
		if (!v)
			return -ENOMEM;
		v->exported = f->exported;
		v->value = copy(f->value);
		v->why = copy(f->why);
		v->where = copy(f->where);
		v->via = copy(f->via);
		if ((f->value && !v->value) || (f->why && !v->why))
			return -ENOMEM;
	}
	return 0;
}

int grub_var_set(struct grub_eval *ev, const char *name, const char *value,
		 const char *via)
{
	static const char unknown[] = { GRUB_UNKNOWN, '\0' };
	struct grub_var *v = grub_var_get(ev, name);
	const char *why = ev->cause;

	if (ev->condition && !str_eq(v ? v->value : NULL, value)) {
		value = unknown;
		why = ev->condition;
		via = NULL;
	}
	if (!v)
		v = var_add(&ev->vars, name);
	if (!v || grub_set_text(&v->where, str_format("%s:%u", ev->path, ev->line)) < 0)
		return -ENOMEM;
	free(v->via);
	v->via = copy(via);
	if (grub_is_unknown(value) && grub_set_text(&v->why, strdup(why ? why : "?")) < 0)
		return -ENOMEM;
	if (value)
		return grub_set_text(&v->value, strdup(value));
	free(v->value);
	v->value = NULL;
	return 0;
}

/* Words. */

/* What a variable holds now; "" when unset. NULL: no memory. */
static char *lookup(struct grub_eval *ev, const char *name)
{
	static const char *const statuses[] = { "1", "0" };
	struct grub_var *v;
	size_t i = strtoul(name, NULL, 10);

	if (name[0] >= '0' && name[0] <= '9')
		return strdup(i && i <= ev->params.n ? ev->params.v[i - 1] : "");
	if (strcmp(name, "#") == 0)
		return str_format("%zu", ev->params.n);
	if (strcmp(name, "?") == 0) {
		if (ev->status != GRUB_MAYBE)
			return strdup(statuses[ev->status]);
		return str_format("%c", GRUB_UNKNOWN);
	}
	if (strcmp(name, "*") == 0 || strcmp(name, "@") == 0) {
		struct str all = STR_INIT;

		for (i = 0; i < ev->params.n; i++)
			str_addf(&all, "%s%s", i ? " " : "", ev->params.v[i]);
		return str_take(&all);
	}
	v = grub_var_get(ev, name);
	if (v && grub_is_unknown(v->value) &&
	    grub_set_text(&ev->cause, strdup(v->why)) < 0)
		return NULL;
	return strdup(v && v->value ? v->value : "");
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static int end_word(struct strv *argv, struct str *word, bool *open)
{
	int err = word->oom ? -ENOMEM : 0;

	if (!err && (*open || word->len))
		err = strv_add(argv, str_text(word));
	str_clear(word);
	*open = false;
	return err;
}

/* "$@" is one argument a parameter, also inside quotes. */
static int expand_params(struct grub_eval *ev, struct strv *argv, struct str *word,
			 bool *open)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ev->params.n; i++) {
		if (i)
			err = end_word(argv, word, open);
		str_add(word, ev->params.v[i]);
		*open = true;
	}
	return err;
}

/* One word becomes any number of arguments: a variable outside quotes is split. */
static int expand(struct grub_eval *ev, const struct grub_word *w, struct strv *argv)
{
	CLEANUP(cleanup_str) struct str word = STR_INIT;
	const struct grub_part *p;
	bool open = w->quoted;
	const char *c;
	int err = 0;

	for (p = w->parts; !err && p; p = p->next) {
		CLEANUP_FREE char *value = NULL;

		if (word.len > MAX_WORD) {
			str_clear(&word);
			str_addc(&word, GRUB_UNKNOWN);
			err = grub_because(ev, "a value is longer than 64 KiB");
			break;
		}
		if (!p->is_var) {
			str_add(&word, p->text);
			continue;
		}
		if (p->quoted && strcmp(p->text, "@") == 0) {
			err = expand_params(ev, argv, &word, &open);
			continue;
		}
		value = lookup(ev, p->text);
		if (!value)
			return -ENOMEM;
		if (p->quoted) {
			str_add(&word, value);
			continue;
		}
		for (c = value; !err && *c; c++) {
			if (is_blank(*c))
				err = end_word(argv, &word, &open);
			else
				str_addc(&word, *c);
		}
	}
	if (!err && w->glob && (str_text(&word)[0] == '/' || str_text(&word)[0] == '(')) {
		err = grub_because(ev, "which files a pattern matches is not looked at");
		str_addc(&word, GRUB_UNKNOWN);
	}
	return err ? err : end_word(argv, &word, &open);
}

/* The single variable a word consists of, "set x=$y" included; NULL: it does not. */
static const char *copied_from(const struct grub_word *w)
{
	const struct grub_part *p = w ? w->parts : NULL;

	if (p && !p->is_var && p->next && str_has_suffix(p->text, "="))
		p = p->next;
	return p && p->is_var && !p->next ? p->text : NULL;
}

/* Commands. */

int grub_add_entry(struct grub_eval *ev, const char *title, const char *id, bool submenu,
		   struct grub_entry **out)
{
	struct grub_entry *v = realloc(*ev->list, (*ev->n_list + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	*ev->list = v;
	v += (*ev->n_list)++;
	*v = (struct grub_entry){ .submenu = submenu, .maybe = ev->condition != NULL };
	v->title = strdup(title);
	v->id = strdup(id);
	v->where = str_format("%s:%u", ev->path, ev->line);
	*out = v;
	return v->title && v->id && v->where ? 0 : -ENOMEM;
}

const char *grub_file_path(struct grub_eval *ev, const char *arg)
{
	const char *close = arg[0] == '(' ? strchr(arg, ')') : NULL;
	const char *path = close ? close + 1 : arg;

	if (path[0] == '/' && !grub_is_unknown(path))
		return path;
	grub_because(ev, "where a file is depends on the machine");
	return NULL;
}

static struct grub_function *find_function(struct grub_eval *ev, const char *name)
{
	size_t i;

	for (i = 0; i < ev->n_functions; i++)
		if (strcmp(ev->functions[i].name, name) == 0)
			return &ev->functions[i];
	return NULL;
}

static int define(struct grub_eval *ev, const struct grub_cmd *c)
{
	struct grub_function *f = find_function(ev, c->name);

	if (!f) {
		f = realloc(ev->functions, (ev->n_functions + 1) * sizeof(*f));
		if (!f)
			return -ENOMEM;
		ev->functions = f;
		f += ev->n_functions;
		f->name = strdup(c->name);
		if (!f->name)
			return -ENOMEM;
		ev->n_functions++;
	} else if (ev->condition) {
		return grub_give_up(ev, "which function %s is used is unknown: %s",
				    c->name, ev->condition);
	}
	f->body = c->body;
	f->path = ev->path;
	return 0;
}

int grub_run_with(struct grub_eval *ev, const struct grub_cmd *body, const char *path,
		  struct strv *argv)
{
	struct strv outer = ev->params, inner = { NULL, 0 };
	const char *outer_path = ev->path;
	unsigned outer_line = ev->line;
	size_t i;
	int err = 0;

	for (i = 1; !err && i < argv->n; i++)
		err = strv_add(&inner, argv->v[i]);
	ev->params = inner;
	ev->path = path;
	if (!err)
		err = grub_run_list(ev, body);
	strv_clear(&ev->params);
	ev->params = outer;
	ev->path = outer_path;
	ev->line = outer_line;
	if (ev->leave == LEAVE_FUNCTION)
		ev->leave = LEAVE_NOT;
	return err;
}

static int run_unknown(struct grub_eval *ev, const char *name)
{
	ev->status = GRUB_MAYBE;
	if (ev->entry && !ev->entry->submenu)
		return grub_because(ev, "the command %s is not known", name);
	return grub_give_up(
		ev, "the command %s is not known, nor what it does to the menu", name);
}

static void invert(struct grub_eval *ev)
{
	if (ev->status != GRUB_MAYBE)
		ev->status = ev->status == GRUB_TRUE ? GRUB_FALSE : GRUB_TRUE;
}

static int run_argv(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	struct grub_function *f = find_function(ev, argv->v[0]);
	char *eq;
	int err;

	if (f)
		return grub_run_with(ev, f->body, f->path, argv);
	err = grub_command(ev, c, argv, via);
	if (err <= 0)
		return err;
	eq = strchr(argv->v[0], '=');
	if (!eq || eq == argv->v[0])
		return run_unknown(ev, argv->v[0]);
	*eq = '\0'; /* x=1, as in a shell */
	ev->status = GRUB_TRUE;
	return grub_var_set(ev, argv->v[0], eq + 1, via);
}

static int run_simple(struct grub_eval *ev, const struct grub_cmd *c)
{
	CLEANUP(cleanup_strv) struct strv argv = { NULL, 0 };
	const struct grub_word *w;
	bool negate;
	int err = 0;

	for (w = c->words; !err && w; w = w->next)
		err = expand(ev, w, &argv);
	if (err < 0 || !argv.n)
		return err;
	negate = strcmp(argv.v[0], "!") == 0;
	if (negate) {
		if (argv.n == 1)
			return grub_give_up(ev, "! without a command");
		free(argv.v[0]);
		memmove(argv.v, argv.v + 1, --argv.n * sizeof(*argv.v));
	}
	if (grub_is_unknown(argv.v[0]))
		return grub_give_up(ev, "which command this is is unknown: %s",
				    ev->cause);
	w = c->words->next;
	err = run_argv(ev, c, &argv, copied_from(w ? w : c->words));
	if (negate)
		invert(ev);
	return err;
}

/* Both ways of an unknown condition: what either sets is unknown afterwards. */
static int run_both(struct grub_eval *ev, const struct grub_cmd *c)
{
	char *outer = ev->condition, *why = strdup(outer ? outer : ev->cause);
	int err;

	if (!why)
		return -ENOMEM;
	ev->condition = why;
	err = grub_run_list(ev, c->body);
	if (!err && ev->leave != LEAVE_NOT) {
		ev->leave = LEAVE_NOT;
		err = grub_give_up(ev, "whether the rest is skipped is unknown: %s", why);
	}
	if (!err)
		err = grub_run_list(ev, c->otherwise);
	if (!err && ev->leave != LEAVE_NOT) {
		ev->leave = LEAVE_NOT;
		err = grub_give_up(ev, "whether the rest is skipped is unknown: %s", why);
	}
	ev->condition = outer;
	ev->status = GRUB_MAYBE;
	if (!err)
		err = grub_set_text(&ev->cause, why);
	else
		free(why);
	return err;
}

static int run_if(struct grub_eval *ev, const struct grub_cmd *c)
{
	int err = grub_run_list(ev, c->cond);

	if (err < 0 || ev->leave != LEAVE_NOT)
		return err;
	if (ev->status == GRUB_MAYBE)
		return run_both(ev, c);
	if (ev->status == GRUB_TRUE)
		return grub_run_list(ev, c->body);
	ev->status = GRUB_TRUE; /* of an if that runs nothing */
	return grub_run_list(ev, c->otherwise);
}

/* Is the loop left after this round? */
static bool is_left(struct grub_eval *ev)
{
	if (ev->leave == LEAVE_REST_OF_LOOP)
		ev->leave = LEAVE_NOT;
	if (ev->leave != LEAVE_LOOP)
		return ev->leave != LEAVE_NOT;
	ev->leave = LEAVE_NOT;
	return true;
}

static int run_for(struct grub_eval *ev, const struct grub_cmd *c)
{
	CLEANUP(cleanup_strv) struct strv words = { NULL, 0 };
	const struct grub_word *w;
	size_t i;
	int err = 0;

	for (w = c->words; !err && w; w = w->next)
		err = expand(ev, w, &words);
	for (i = 0; !err && i < words.n; i++) {
		if (grub_is_unknown(words.v[i]))
			return grub_give_up(ev,
					    "what \"for %s\" goes through is unknown: %s",
					    c->name, ev->cause);
		err = grub_var_set(ev, c->name, words.v[i], NULL);
		if (!err)
			err = grub_run_list(ev, c->body);
		if (is_left(ev))
			break;
	}
	return err;
}

static int run_while(struct grub_eval *ev, const struct grub_cmd *c)
{
	enum grub_truth go_on = c->kind == GRUB_WHILE ? GRUB_TRUE : GRUB_FALSE;
	int err;

	for (;;) {
		err = grub_run_list(ev, c->cond);
		if (err < 0 || ev->leave != LEAVE_NOT)
			return err;
		if (ev->status == GRUB_MAYBE)
			return grub_give_up(ev, "how often a loop runs is unknown: %s",
					    ev->cause);
		if (ev->status != go_on || ev->menu->unknown)
			return 0;
		err = grub_run_list(ev, c->body);
		if (err < 0 || is_left(ev))
			return err;
	}
}

static int run_one(struct grub_eval *ev, const struct grub_cmd *c)
{
	ev->line = c->line;
	if (++ev->steps > MAX_STEPS) {
		ev->leave = LEAVE_FUNCTION;
		return grub_give_up(ev, "still not at its end after %d commands",
				    MAX_STEPS);
	}
	switch (c->kind) {
	case GRUB_IF:
		return run_if(ev, c);
	case GRUB_FOR:
		return run_for(ev, c);
	case GRUB_WHILE:
	case GRUB_UNTIL:
		return run_while(ev, c);
	case GRUB_FUNCTION:
		return define(ev, c);
	default:
		return run_simple(ev, c);
	}
}

int grub_run_list(struct grub_eval *ev, const struct grub_cmd *c)
{
	int err = 0;

	if (++ev->depth > MAX_DEPTH) {
		err = grub_give_up(ev, "functions, files and blocks are nested too deep");
		c = NULL;
	}
	for (; !err && c && ev->leave == LEAVE_NOT && ev->steps <= MAX_STEPS; c = c->next)
		err = run_one(ev, c);
	ev->depth--;
	return err;
}

int grub_run_text(struct grub_eval *ev, const char *path, const char *text, size_t len)
{
	const char *outer = ev->path;
	unsigned outer_line = ev->line;
	struct grub_script *s;
	struct err e;
	int err = grub_parse(&s, path, text, len, &e);

	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		/* The message has its own path and line. */
		char **into = ev->entry ? &ev->entry->problem : &ev->menu->unknown;

		return *into ? 0 : grub_set_text(into, strdup(e.msg));
	}
	s->next = ev->scripts;
	ev->scripts = s;
	ev->path = s->path;
	err = grub_run_list(ev, s->top);
	if (ev->leave == LEAVE_FUNCTION)
		ev->leave = LEAVE_NOT;
	ev->path = outer;
	ev->line = outer_line;
	return err;
}
