#include "change/undo.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/step.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void undo_clear(struct undo *u)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		free(u->v[i].why);
	free(u->v);
	*u = (struct undo){ NULL, 0 };
}

/* The line of TEXT that is for the variable of LINE ("name=value" or "name"); NULL. */
static const char *line_for(const char *text, const char *line, size_t *n)
{
	size_t name = strcspn(line, "=\n"), len;
	const char *cur = text, *found;

	while ((found = str_line(&cur, text + strlen(text), &len))) {
		*n = len;
		if (len >= name && memcmp(found, line, name) == 0 &&
		    (len == name || found[name] == '='))
			return found;
	}
	return NULL;
}

/* Variables of NOW that UNDONE, a later state of the same block, tells otherwise. */
static int merge_variables(struct blob *now, const char *undone)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	const char *cur = now->data, *line, *newer;
	size_t n, m;

	while ((line = str_line(&cur, now->data + now->len, &n))) {
		newer = line_for(undone, line, &m);
		str_addf(&text, "%s", text.len ? "\n" : "");
		str_addn(&text, newer ? newer : line, newer ? m : n);
	}
	return text.oom ? -ENOMEM : blob_set(now, str_text(&text), text.len);
}

/* What the steps undone so far leave of S's target, over what is there NOW. */
static int follow(const struct undo *u, const struct step *s, struct blob *now)
{
	size_t i;
	int err = 0;

	for (i = 0; i < u->n && !err; i++) {
		const struct undo_step *done = &u->v[i];
		const struct blob *left = &done->step->before;

		if ((done->what != UNDO_BACK && done->what != UNDO_OVER) ||
		    done->step->type != s->type ||
		    strcmp(done->step->target, s->target) != 0)
			continue;
		err = s->type == STEP_GRUBENV ? merge_variables(now, left->data)
					      : blob_set(now, left->data, left->len);
	}
	return err;
}

static enum undo_what compare(const struct step *s, const struct blob *now, bool force)
{
	if (blob_eq(now, &s->before))
		return UNDO_IS_BACK;
	if (blob_eq(now, &s->after))
		return UNDO_BACK;
	return force ? UNDO_OVER : UNDO_LEFT;
}

static int unreadable(struct undo_step *one, const char *why)
{
	one->what = UNDO_UNREADABLE;
	one->why = strdup(why);
	return one->why ? 0 : -ENOMEM;
}

static int add(struct undo *u, const struct root *r, const struct txn_record *t,
	       const struct step *s, bool force)
{
	struct undo_step *v = realloc(u->v, (u->n + 1) * sizeof(*v)), *one;
	struct blob now = { NULL, 0 };
	struct err why = { "" };
	int err = 0;

	if (!v)
		return -ENOMEM;
	u->v = v;
	one = &v[u->n];
	*one = (struct undo_step){ .txn = t, .step = s };
	switch (txn_step_is(r, s, &why)) {
	case STEP_IS_UNREACHABLE:
		one->what = UNDO_UNREACHABLE;
		break;
	case STEP_IS_UNREADABLE:
		err = unreadable(one, why.msg);
		break;
	default:
		/* Read once more, for the value: nothing here is worth a lock. */
		if (step_now(r, s, &now, &why) < 0)
			err = unreadable(one, why.msg);
		else if (!(err = follow(u, s, &now)))
			one->what = compare(s, &now, force);
		blob_clear(&now);
	}
	u->n++;
	return err;
}

static bool is_due(const struct txn_record *t)
{
	return t->state != TXN_REVERTED && t->state != TXN_ROLLED_BACK;
}

int undo_foresee(const struct root *r, const struct txn_log *l,
		 const struct txn_record *only, enum txn_others others, struct undo *out)
{
	bool stuck = false;
	size_t i, k, first;
	int err = 0;

	*out = (struct undo){ NULL, 0 };
	for (i = l->n; i-- > 0;) {
		const struct txn_record *t = &l->v[i];

		if (only ? t != only : !is_due(t))
			continue;
		first = out->n;
		for (k = t->plan.n; k-- > 0 && !err;)
			err = add(out, r, t, &t->plan.v[k], others == TXN_OVERWRITE);
		if (stuck)
			for (k = first; k < out->n; k++)
				out->v[k].what = UNDO_NOT_REACHED;
		for (k = first; k < out->n; k++)
			stuck |= out->v[k].what == UNDO_UNREADABLE ||
				 (out->v[k].what == UNDO_LEFT && others != TXN_KEEP);
	}
	if (err)
		undo_clear(out);
	return err;
}
