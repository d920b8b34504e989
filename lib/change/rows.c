#include "change/rows.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void plan_rows_clear(struct plan_rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->v[i].before);
		free(r->v[i].after);
	}
	free(r->v);
	*r = (struct plan_rows){ NULL, 0 };
}

static bool is_text(const struct step *s)
{
	return s->type == STEP_FILE || s->type == STEP_BLOCK;
}

/* A value as it is; of a file only how long it is, for the bytes stand elsewhere. */
static int put(char **slot, const struct step *s, const struct blob *b, bool changed)
{
	if (!b->data)
		return 0;
	*slot = is_text(s) ? str_format("%zu bytes%s", b->len, changed ? ", changed" : "")
			   : strdup(b->data);
	return *slot ? 0 : -ENOMEM;
}

static int add(struct plan_rows *r, const struct step *s, bool is_line)
{
	struct plan_row *v = realloc(r->v, (r->n + 1) * sizeof(*v)), *row;

	if (!v)
		return -ENOMEM;
	r->v = v;
	row = &v[r->n++];
	*row = (struct plan_row){ .step = is_line ? "line" : step_type_name(s->type),
				  .of = s };
	if (is_text(s)) {
		row->text_before = s->before.data;
		row->text = s->after.data;
	}
	return put(&row->before, s, &s->before, false) < 0
		       ? -ENOMEM
		       : put(&row->after, s, &s->after, s->before.data);
}

int plan_rows(const struct plan *p, struct plan_rows *out)
{
	size_t i, k;
	int err = 0;

	*out = (struct plan_rows){ NULL, 0 };
	for (i = 0; i < p->n && !err; i++) {
		err = add(out, &p->v[i], false);
		for (k = 0; k < p->v[i].n_lines && !err; k++)
			err = add(out, &p->v[i].lines[k], true);
	}
	if (err < 0)
		plan_rows_clear(out);
	return err;
}
