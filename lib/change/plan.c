#include "change/plan.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
	[STEP_FILE] = "file",
	[STEP_SYSCTL] = "sysctl",
	[STEP_GRUBENV] = "grubenv",
	[STEP_BLOCK] = "block",
};

const char *step_type_name(enum step_type t)
{
	return type_names[t];
}

int step_type_from_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(type_names); i++)
		if (strcmp(type_names[i], name) == 0)
			return (int)i;
	return -EINVAL;
}

void plan_init(struct plan *p, const char *kind)
{
	*p = (struct plan){ .kind = kind };
}

int plan_set_title(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	free(p->title);
	va_start(ap, fmt);
	p->title = str_vformat(fmt, ap);
	va_end(ap);
	return p->title ? 0 : -ENOMEM;
}

void blob_clear(struct blob *b)
{
	free(b->data);
	*b = (struct blob){ NULL, 0 };
}

int blob_set(struct blob *b, const char *data, size_t len)
{
	char *copy = NULL;

	if (data) {
		copy = malloc(len + 1);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, data, len);
		copy[len] = '\0';
	}
	blob_clear(b);
	b->data = copy;
	b->len = copy ? len : 0;
	return 0;
}

bool blob_eq(const struct blob *a, const struct blob *b)
{
	if (!a->data || !b->data)
		return !a->data && !b->data;
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void step_clear(struct step *s)
{
	size_t i;

	for (i = 0; i < s->n_lines; i++)
		step_clear(&s->lines[i]);
	free(s->lines);
	free(s->target);
	blob_clear(&s->before);
	blob_clear(&s->after);
	free(s->set_by);
	free(s->evidence);
	free(s->opens);
	free(s->note);
}

void plan_clear(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		step_clear(&p->v[i]);
	free(p->v);
	free(p->title);
	free(p->subject);
	strv_clear(&p->warnings);
	for (i = 0; i < p->n_predicted; i++) {
		free(p->predicted[i].key);
		free(p->predicted[i].value);
		free(p->predicted[i].by);
	}
	free(p->predicted);
	free(p->boot_id);
	*p = (struct plan){ .kind = p->kind };
}

void cleanup_plan(struct plan *p)
{
	plan_clear(p);
}

static int append(struct plan *p, enum step_type type, const char *target,
		  const struct blob *before, const struct blob *after, mode_t mode,
		  struct step **out)
{
	struct step *v, *s;

	v = realloc(p->v, (p->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->v = v;
	s = &v[p->n++];
	*s = (struct step){ .type = type, .mode = mode };
	s->target = strdup(target);
	if (!s->target || blob_set(&s->before, before->data, before->len) < 0 ||
	    blob_set(&s->after, after->data, after->len) < 0)
		return -ENOMEM;
	if (out)
		*out = s;
	return 0;
}

int plan_add(struct plan *p, enum step_type type, const char *target,
	     const struct blob *before, const struct blob *after, mode_t mode,
	     struct step **out)
{
	if (out)
		*out = NULL;
	return blob_eq(before, after) ? 0
				      : append(p, type, target, before, after, mode, out);
}

static struct blob blob_of(const char *text)
{
	return (struct blob){ (char *)text, text ? strlen(text) : 0 };
}

int plan_file(struct plan *p, const char *path, const struct blob *before,
	      const struct blob *after, mode_t mode, struct step **out)
{
	return plan_add(p, STEP_FILE, path, before, after, mode, out);
}

int plan_sysctl(struct plan *p, const char *key, const char *before, const char *after,
		struct step **out)
{
	struct blob b = blob_of(before), a = blob_of(after);

	return plan_add(p, STEP_SYSCTL, key, &b, &a, 0, out);
}

int plan_line(struct plan *p, const char *key, const char *before, const char *after,
	      struct step **out)
{
	struct blob b = blob_of(before), a = blob_of(after);

	return append(p, STEP_SYSCTL, key, &b, &a, 0, out);
}

void step_take_lines(struct step *s, struct plan *from)
{
	s->lines = TAKE_PTR(from->v);
	s->n_lines = from->n;
	from->n = 0;
}

int plan_block(struct plan *p, const char *path, const char *before, const char *after,
	       struct step **out)
{
	struct blob b = blob_of(before), a = blob_of(after);

	return plan_add(p, STEP_BLOCK, path, &b, &a, 0, out);
}

static int append_variable(struct blob *b, const char *name, const char *value)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	str_addf(&text, "%s%s%s%s%s", b->data ? b->data : "", b->data ? "\n" : "", name,
		 value ? "=" : "", value ? value : "");
	return text.oom ? -ENOMEM : blob_set(b, text.s, text.len);
}

int plan_grubenv(struct plan *p, const char *path, const char *name, const char *before,
		 const char *after)
{
	struct step *last = p->n ? &p->v[p->n - 1] : NULL;
	struct blob b = { NULL, 0 }, a = { NULL, 0 };
	int err;

	if (str_eq(before, after))
		return 0;
	if (last && last->type == STEP_GRUBENV && strcmp(last->target, path) == 0) {
		err = append_variable(&last->before, name, before);
		return err < 0 ? err : append_variable(&last->after, name, after);
	}
	err = append_variable(&b, name, before);
	if (!err)
		err = append_variable(&a, name, after);
	if (!err)
		err = plan_add(p, STEP_GRUBENV, path, &b, &a, 0, NULL);
	blob_clear(&b);
	blob_clear(&a);
	return err;
}

int plan_move(struct plan *to, struct plan *from)
{
	struct step *v = realloc(to->v, (to->n + from->n + 1) * sizeof(*v));
	size_t i;
	int err = 0;

	if (!v)
		return -ENOMEM;
	to->v = v;
	if (from->n)
		memcpy(v + to->n, from->v, from->n * sizeof(*v));
	to->n += from->n;
	from->n = 0;
	for (i = 0; i < from->warnings.n && !err; i++)
		err = strv_add(&to->warnings, from->warnings.v[i]);
	for (i = 0; i < from->n_predicted && !err; i++)
		err = plan_predict(to, from->predicted[i].key, from->predicted[i].value,
				   from->predicted[i].by);
	if (!to->boot_id)
		to->boot_id = TAKE_PTR(from->boot_id);
	plan_clear(from);
	return err;
}

int plan_predict(struct plan *p, const char *key, const char *value, const char *by)
{
	struct predicted *v = realloc(p->predicted, (p->n_predicted + 1) * sizeof(*v)),
			 *one;

	if (!v)
		return -ENOMEM;
	p->predicted = v;
	one = &v[p->n_predicted++];
	*one = (struct predicted){ strdup(key), value ? strdup(value) : NULL,
				   by ? strdup(by) : NULL };
	return one->key && (one->value || !value) && (one->by || !by) ? 0 : -ENOMEM;
}

int plan_warn(struct plan *p, const char *fmt, ...)
{
	CLEANUP_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = str_vformat(fmt, ap);
	va_end(ap);
	return text ? strv_add(&p->warnings, text) : -ENOMEM;
}
