/* Text for a person: aligned, no colours, nothing that a hostile title could make the
 * terminal do. */
#include "report/internal.h"

#include <stdio.h>
#include <string.h>

/* Bytes that would move the cursor are shown as \xNN; UTF-8 passes, C1 controls (the
 * two-byte sequences 0xc2 0x80..0x9f) do not. */
void report_safe(struct str *out, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p; p++) {
		if (*p < 0x20 || *p == 0x7f ||
		    (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			str_addf(out, "\\x%02x", *p);
		else
			str_addc(out, (char)*p);
	}
}

static json_object *member(json_object *o, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static void value_text(json_object *v, const char *null, struct str *out)
{
	size_t i, n;

	switch (v ? json_object_get_type(v) : json_type_null) {
	case json_type_null:
		str_add(out, null);
		break;
	case json_type_boolean:
		str_add(out, json_object_get_boolean(v) ? "yes" : "no");
		break;
	case json_type_array:
		n = (size_t)json_object_array_length(v);
		for (i = 0; i < n; i++) {
			str_add(out, i ? ", " : "");
			value_text(json_object_array_get_idx(v, (int)i), null, out);
		}
		break;
	default:
		report_safe(out, json_object_get_string(v));
	}
}

/* Columns a string takes: bytes that begin a UTF-8 character. */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void pad(struct str *out, size_t n)
{
	while (n--)
		str_addc(out, ' ');
}

static void cell_text(json_object *row, const struct column *c, struct str *out)
{
	json_object *v = member(row, c->key);

	if (c->flags & COL_MARK)
		str_add(out, v && json_object_get_boolean(v) ? "*" : "");
	else
		value_text(v, "-", out);
}

static void add_cell(struct str *out, const char *text, size_t w, bool right, bool last)
{
	size_t have = width(text);

	if (right)
		pad(out, w > have ? w - have : 0);
	str_add(out, text);
	if (!right && !last)
		pad(out, w > have ? w - have : 0);
	if (!last)
		str_add(out, "  ");
}

static void end_line(struct str *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	str_addc(out, '\n');
}

static void add_details(const struct item *t, json_object *row, struct str *out)
{
	json_object *terse = t->terse_key ? member(row, t->terse_key) : NULL;
	size_t i;

	if (terse && strcmp(json_object_get_string(terse), t->terse_value) == 0)
		return;
	for (i = 0; i < t->n_cols; i++) {
		json_object *v = member(row, t->cols[i].key);

		if (!(t->cols[i].flags & COL_DETAIL) || !v)
			continue;
		str_addf(out, "      %s: ", t->cols[i].heading);
		value_text(v, "-", out);
		end_line(out);
	}
}

static size_t column_width(const struct item *t, const struct column *c, size_t rows)
{
	size_t w = width(c->heading), i;

	for (i = 0; i < rows; i++) {
		struct str s = STR_INIT;

		cell_text(json_object_array_get_idx(t->node, (int)i), c, &s);
		if (width(str_text(&s)) > w)
			w = width(str_text(&s));
		str_clear(&s);
	}
	return w;
}

static void add_row(const struct item *t, json_object *row, const size_t *w, size_t last,
		    struct str *out)
{
	size_t i;

	for (i = 0; i < t->n_cols; i++) {
		const struct column *c = &t->cols[i];
		struct str s = STR_INIT;

		if (c->flags & COL_DETAIL)
			continue;
		if (row)
			cell_text(row, c, &s);
		else
			str_add(&s, c->heading);
		add_cell(out, str_text(&s), w[i], c->flags & COL_RIGHT, i == last);
		str_clear(&s);
	}
	end_line(out);
}

static void add_table(const struct item *t, struct str *out)
{
	size_t rows = (size_t)json_object_array_length(t->node), last = 0, i;
	size_t w[32] = { 0 };

	if (!rows) {
		if (t->empty)
			str_addf(out, "%s\n", t->empty);
		return;
	}
	for (i = 0; i < t->n_cols && i < 32; i++) {
		if (t->cols[i].flags & COL_DETAIL)
			continue;
		w[i] = column_width(t, &t->cols[i], rows);
		last = i;
	}
	add_row(t, NULL, w, last, out);
	for (i = 0; i < rows; i++) {
		json_object *row = json_object_array_get_idx(t->node, (int)i);

		add_row(t, row, w, last, out);
		add_details(t, row, out);
	}
}

/* The widest label of the run of fields that item AT is in. */
static size_t label_width(const struct report *r, size_t at)
{
	size_t w = 0, i = at;

	while (i > 0 && r->items[i - 1].type == ITEM_FIELD)
		i--;
	for (; i < r->n && r->items[i].type == ITEM_FIELD; i++)
		if (width(r->items[i].text) > w)
			w = width(r->items[i].text);
	return w;
}

static void add_item(const struct report *r, size_t at, struct str *out)
{
	const struct item *i = &r->items[at];
	size_t k, n;

	switch (i->type) {
	case ITEM_FIELD:
		str_addf(out, "%s: ", i->text);
		pad(out, label_width(r, at) - width(i->text));
		value_text(member(i->node, i->key), "unknown", out);
		end_line(out);
		break;
	case ITEM_SAY:
		report_safe(out, i->text);
		str_addc(out, '\n');
		break;
	case ITEM_SECTION:
		if (out->len)
			str_addc(out, '\n');
		if (i->text)
			str_addf(out, "%s\n", i->text);
		break;
	case ITEM_TABLE:
		add_table(i, out);
		break;
	case ITEM_LINES:
		n = (size_t)json_object_array_length(i->node);
		for (k = 0; k < n; k++) {
			str_add(out, i->text ? i->text : "");
			value_text(json_object_array_get_idx(i->node, (int)k), "-", out);
			end_line(out);
		}
		break;
	}
}

static int render(const struct report *r, struct str *out, struct err *e)
{
	size_t i;

	(void)e;
	for (i = 0; i < r->n; i++)
		add_item(r, i, out);
	return 0;
}

const struct renderer renderer_text = { "text", render };
