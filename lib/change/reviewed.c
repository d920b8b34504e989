#include "change/reviewed.h"

#include "base/cleanup.h"
#include "change/fields.h"
#include "change/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "uringprep.apply/1"

static int get_list(const struct reviewed *v, json_object *o, const char *key,
		    struct strv *out, struct err *e)
{
	json_object *list = get(o, key), *one;
	size_t i, n;

	if (!list || !json_object_is_type(list, json_type_array))
		return err_set(e, -EINVAL, "%s: %s: not a list of words", v->name, key);
	n = (size_t)json_object_array_length(list);
	for (i = 0; i < n; i++) {
		one = json_object_array_get_idx(list, (int)i);
		if (!one || !json_object_is_type(one, json_type_string))
			return err_set(e, -EINVAL, "%s: %s: not a list of words", v->name,
				       key);
		if (strv_add(out, json_object_get_string(one)) < 0)
			return err_set(e, -ENOMEM, "out of memory");
	}
	return 0;
}

static int check_rows(const struct reviewed *v, struct err *e)
{
	size_t i, n;

	if (!v->plan || !json_object_is_type(v->plan, json_type_array))
		return err_set(e, -EINVAL, "%s: plan: not a list of steps", v->name);
	n = (size_t)json_object_array_length(v->plan);
	for (i = 0; i < n; i++) {
		json_object *row = json_object_array_get_idx(v->plan, (int)i);

		if (!row || !json_object_is_type(row, json_type_object) ||
		    !get_text(row, "step") || !get_text(row, "target"))
			return err_set(e, -EINVAL,
				       "%s: plan: row %zu is no step: it has no step or "
				       "no target",
				       v->name, i + 1);
	}
	return 0;
}

static int take(struct reviewed *v, json_object *o, struct err *e)
{
	const char *schema =
		json_object_is_type(o, json_type_object) ? get_text(o, "schema") : NULL;
	json_object *only_useful;
	int err;

	if (!schema || strcmp(schema, SCHEMA) != 0)
		return err_set(e, -EINVAL,
			       "%s: not a plan: its schema is %s, not " SCHEMA
			       " (of: apply ... --dry-run --format json)",
			       v->name, schema ? schema : "missing");
	if (get(o, "error"))
		return err_set(e, -EINVAL, "%s: not a plan: that run failed", v->name);
	err = get_list(v, o, "profiles", &v->profiles, e);
	if (!err)
		err = get_list(v, o, "accept", &v->accept, e);
	if (err < 0)
		return err;
	if (!v->profiles.n)
		return err_set(e, -EINVAL, "%s: profiles: it names none", v->name);
	only_useful = get(o, "only_useful");
	if (!only_useful || !json_object_is_type(only_useful, json_type_boolean))
		return err_set(e, -EINVAL, "%s: only_useful: not true or false", v->name);
	v->only_useful = json_object_get_boolean(only_useful);
	v->plan = json_object_get(get(o, "plan"));
	return check_rows(v, e);
}

int reviewed_read(struct reviewed *out, const char *name, const char *text, struct err *e)
{
	enum json_tokener_error why = json_tokener_success;
	struct reviewed v = { .name = strdup(name) };
	json_object *o = json_tokener_parse_verbose(text, &why);
	int err = v.name ? 0 : err_set(e, -ENOMEM, "out of memory");

	if (!err && !o)
		err = err_set(e, -EINVAL, "%s: not JSON: %s", name,
			      why == json_tokener_success ? "it holds nothing"
							  : json_tokener_error_desc(why));
	if (!err)
		err = take(&v, o, e);
	json_object_put(o);
	if (err < 0)
		reviewed_clear(&v);
	else
		*out = v;
	return err;
}

void reviewed_clear(struct reviewed *v)
{
	free(v->name);
	strv_clear(&v->profiles);
	strv_clear(&v->accept);
	json_object_put(v->plan);
	*v = (struct reviewed){ .name = NULL };
}

/* Comparing */

static const char *shown(const char *value)
{
	return value ? value : "absent";
}

/* Where two texts part: a number of a line, and both lines. */
static int text_differs(const char *target, const char *a, const char *b, struct err *e)
{
	static const char first_word[] = "# transaction ";
	unsigned line = 1;

	while (a && b && *a) {
		size_t n = strcspn(a, "\n");

		if (n != strcspn(b, "\n") || strncmp(a, b, n) != 0)
			break;
		a += n + (a[n] == '\n');
		b += n + (b[n] == '\n');
		line++;
	}
	if (a && b && line == 1 && str_has_prefix(a, first_word) &&
	    str_has_prefix(b, first_word) &&
	    strtoul(a + strlen(first_word), NULL, 10) !=
		    strtoul(b + strlen(first_word), NULL, 10))
		return err_set(e, -EEXIST,
			       "%s: the plan is for transaction %.*s, and now it would "
			       "be %.*s: another came between: make the plan anew",
			       target, (int)strcspn(a + strlen(first_word), ","),
			       a + strlen(first_word),
			       (int)strcspn(b + strlen(first_word), ","),
			       b + strlen(first_word));
	return err_set(e, -EEXIST,
		       "%s: line %u: the plan has \"%.*s\", now it would be \"%.*s\"",
		       target, line, (int)strcspn(shown(a), "\n"), shown(a),
		       (int)strcspn(shown(b), "\n"), shown(b));
}

static int row_differs(json_object *a, const struct plan_row *b, struct err *e)
{
	const char *before = get_text(a, "before"), *after = get_text(a, "after");
	const char *opens = get_text(a, "opens");
	const char *target = b->of->target;

	if (!str_eq(get_text(a, "text"), b->text))
		return text_differs(target, get_text(a, "text"), b->text, e);
	if (!str_eq(before, b->before) || !str_eq(after, b->after))
		return err_set(e, -EEXIST,
			       "%s: the plan has %s -> %s, now it would be %s -> %s",
			       target, shown(before), shown(after), shown(b->before),
			       shown(b->after));
	if (!str_eq(get_text(a, "text_before"), b->text_before))
		return err_set(
			e, -EEXIST,
			"%s: it has changed since the plan was made: make the plan "
			"anew",
			target);
	if (!str_eq(opens, b->of->opens))
		return err_set(e, -EEXIST, "%s: the plan opens %s, now it would open %s",
			       target, opens ? opens : "nothing",
			       b->of->opens ? b->of->opens : "nothing");
	return 0;
}

static bool is_same_place(json_object *a, const struct plan_row *b)
{
	return str_eq(get_text(a, "step"), b->step) &&
	       str_eq(get_text(a, "target"), b->of->target);
}

static int compare(const struct reviewed *v, const struct plan_rows *rows, struct err *e)
{
	size_t n = (size_t)json_object_array_length(v->plan), i;
	int err = 0;

	for (i = 0; !err && (i < n || i < rows->n); i++) {
		json_object *a =
			i < n ? json_object_array_get_idx(v->plan, (int)i) : NULL;
		const struct plan_row *b = i < rows->n ? &rows->v[i] : NULL;

		if (a && b && is_same_place(a, b))
			err = row_differs(a, b, e);
		else if (a && (!b || n >= rows->n))
			err = err_set(e, -EEXIST,
				      "%s: the plan has %s -> %s, now it would not be "
				      "touched at this place",
				      get_text(a, "target"), shown(get_text(a, "before")),
				      shown(get_text(a, "after")));
		else
			err = err_set(e, -EEXIST,
				      "%s: not in the plan at this place, now it would "
				      "be %s -> %s",
				      b->of->target, shown(b->before), shown(b->after));
	}
	return err < 0 ? err_wrap(e, err, "%s: not applied", v->name) : 0;
}

int reviewed_compare(const struct reviewed *v, const struct plan *p, struct err *e)
{
	CLEANUP(cleanup_plan_rows) struct plan_rows rows = { NULL, 0 };

	if (plan_rows(p, &rows) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return compare(v, &rows, e);
}
