/* Text for a person: aligned, and nothing in it that a hostile title could make the
 * terminal do. On a terminal the last column of a table is broken between words. */
#include "report/internal.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

/* Bytes that would move the cursor are shown as \xNN; UTF-8 passes, C1 controls (the
 * two-byte sequences 0xc2 0x80..0x9f) do not. */
void report_safe(struct str *out, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (; *p; p++) {
		size_t plain = 0;

		while (p[plain] >= 0x20 && p[plain] < 0x7f)
			plain++;
		str_addn(out, p, plain);
		p += plain;
		if (!*p)
			break;
		if (*p < 0x20 || *p == 0x7f)
			str_addf(out, "\\x%02x", *p);
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			str_addf(out, "\\xc2\\x%02x", *++p);
		else
			str_addc(out, (char)*p);
	}
}

json_object *report_member(json_object *o, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

void report_value(struct str *out, json_object *v, const char *none)
{
	size_t i, n;

	switch (v ? json_object_get_type(v) : json_type_null) {
	case json_type_null:
		str_add(out, none);
		break;
	case json_type_boolean:
		str_add(out, json_object_get_boolean(v) ? "yes" : "no");
		break;
	case json_type_array:
		n = (size_t)json_object_array_length(v);
		for (i = 0; i < n; i++) {
			str_add(out, i ? ", " : "");
			report_value(out, json_object_array_get_idx(v, (int)i), none);
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
	json_object *v = report_member(row, c->key);

	if (c->flags & COL_MARK)
		str_add(out, v && json_object_get_boolean(v) ? "*" : "");
	else
		report_value(out, v, "-");
}

/* The colour of a status, which stands beside its word and never for it. */
static const char *colour_of(const char *status)
{
	static const struct {
		const char *status, *colour;
	} colours[] = {
		{ "PASS", "\033[32m" },
		{ "WARN", "\033[33m" },
		{ "FAIL", "\033[31m" },
		{ "UNKNOWN", "\033[35m" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(colours); i++)
		if (strcmp(colours[i].status, status) == 0)
			return colours[i].colour;
	return NULL;
}

/* A cell that is not the last of its row. */
static void add_cell(struct str *out, const char *text, size_t w, unsigned flags,
		     const struct report_look *look)
{
	const char *colour = flags & COL_STATUS && look->colour ? colour_of(text) : NULL;
	size_t have = width(text), blanks = w > have ? w - have : 0;

	if (flags & COL_RIGHT)
		pad(out, blanks);
	str_addf(out, "%s%s%s", colour ? colour : "", text, colour ? "\033[0m" : "");
	if (!(flags & COL_RIGHT))
		pad(out, blanks);
	str_add(out, "  ");
}

static void end_line(struct str *out)
{
	while (out->len && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0';
	str_addc(out, '\n');
}

/* Append TEXT, the first line of which begins in column AT and the others in column
 * INDENT; broken between words so that none passes LIMIT (0: never). A word that is too
 * long stays whole: it may be a path to copy. */
static void add_broken(struct str *out, const char *text, size_t at, size_t indent,
		       size_t limit)
{
	size_t least = indent + 20; /* a narrower column is no help */

	while (*text) {
		size_t blanks = strspn(text, " "), n = strcspn(text + blanks, " ");
		struct str word = STR_INIT;
		size_t w;

		str_addn(&word, text + blanks, n);
		w = width(str_text(&word));
		if (limit >= least && at > indent && at + blanks + w > limit) {
			end_line(out);
			pad(out, indent);
			at = indent;
		} else {
			pad(out, blanks);
			at += blanks;
		}
		str_add(out, str_text(&word));
		out->oom |= word.oom;
		str_clear(&word);
		at += w;
		text += blanks + n;
	}
}

static void add_details(const struct item *t, json_object *row,
			const struct report_look *look, struct str *out)
{
	json_object *terse = t->terse_key ? report_member(row, t->terse_key) : NULL;
	size_t i;

	if (terse && strcmp(json_object_get_string(terse), t->terse_value) == 0)
		return;
	for (i = 0; i < t->n_cols; i++) {
		json_object *v = report_member(row, t->cols[i].key);
		struct str s = STR_INIT;

		if (!(t->cols[i].flags & COL_DETAIL) || !v)
			continue;
		str_addf(&s, "%s: ", t->cols[i].heading);
		report_value(&s, v, "-");
		pad(out, 6);
		add_broken(out, str_text(&s), 6, 8, look->width);
		end_line(out);
		out->oom |= s.oom;
		str_clear(&s);
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

/* ROW's cells; a NULL ROW: the headings. */
static void add_row(const struct item *t, json_object *row, const size_t *w, size_t last,
		    const struct report_look *look, struct str *out)
{
	size_t i, at = 0;

	for (i = 0; i < t->n_cols; i++) {
		const struct column *c = &t->cols[i];
		struct str s = STR_INIT;

		if (c->flags & COL_DETAIL)
			continue;
		if (row)
			cell_text(row, c, &s);
		else
			str_add(&s, c->heading);
		if (i == last && !(c->flags & COL_RIGHT))
			add_broken(out, str_text(&s), at, at, look->width);
		else
			add_cell(out, str_text(&s), w[i], c->flags, look);
		at += w[i] + 2;
		out->oom |= s.oom;
		str_clear(&s);
	}
	end_line(out);
}

static void add_table(const struct item *t, const struct report_look *look,
		      struct str *out)
{
	size_t all = (size_t)json_object_array_length(t->node), last = 0, i;
	size_t rows = t->most && all > t->most ? t->most : all;
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
	add_row(t, NULL, w, last, look, out);
	for (i = 0; i < rows; i++) {
		json_object *row = json_object_array_get_idx(t->node, (int)i);

		add_row(t, row, w, last, look, out);
		add_details(t, row, look, out);
	}
	if (rows < all)
		str_addf(out, "... and %zu more (--format json has them)\n", all - rows);
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

static void add_line(json_object *v, const char *prefix, const struct report_look *look,
		     struct str *out)
{
	struct str s = STR_INIT;

	report_value(&s, v, "-");
	str_add(out, prefix);
	add_broken(out, str_text(&s), width(prefix), width(prefix), look->width);
	end_line(out);
	out->oom |= s.oom;
	str_clear(&s);
}

static void add_item(const struct report *r, size_t at, const struct report_look *look,
		     struct str *out)
{
	const struct item *i = &r->items[at];
	size_t k, n;

	switch (i->type) {
	case ITEM_FIELD:
		str_addf(out, "%s: ", i->text);
		pad(out, label_width(r, at) - width(i->text));
		report_value(out, report_member(i->node, i->key), "unknown");
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
		add_table(i, look, out);
		break;
	case ITEM_LINES:
		n = (size_t)json_object_array_length(i->node);
		for (k = 0; k < n; k++) {
			add_line(json_object_array_get_idx(i->node, (int)k),
				 i->text ? i->text : "", look, out);
		}
		break;
	case ITEM_PASTE:
		n = (size_t)json_object_array_length(i->node);
		for (k = 0; k < n; k++) {
			report_value(out, json_object_array_get_idx(i->node, (int)k), "");
			str_addc(out, '\n');
		}
		break;
	case ITEM_RESULTS:
		break;
	}
}

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	size_t i;

	(void)e;
	for (i = 0; i < r->n; i++)
		add_item(r, i, look, out);
	return 0;
}

const struct renderer renderer_text = { .name = "text", .render = render };
