#include "report/internal.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION "unknown"
#endif

static const struct renderer *const renderers[] = {
#define X(name) &renderer_##name,
	RENDERERS(X)
#undef X
};

/* A node is a json-c object under another name: json-c stays in this folder. */
static json_object *json_of(struct node *n)
{
	return (json_object *)n;
}

static struct node *node_of(json_object *o)
{
	return (struct node *)o;
}

int report_new(struct report **out, const char *command)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->root = json_object_new_object();
	if (!r->root) {
		free(r);
		return -ENOMEM;
	}
	node_textf(report_root(r), "schema", "uringprep.%s/1", command);
	node_text(report_root(r), "tool", VERSION);
	*out = r;
	return 0;
}

void report_free(struct report *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n; i++) {
		free(r->items[i].text);
		free(r->items[i].key);
		free(r->items[i].empty);
		free(r->items[i].terse_key);
		free(r->items[i].terse_value);
	}
	free(r->items);
	json_object_put(r->root);
	free(r);
}

struct node *report_root(struct report *r)
{
	return node_of(r->root);
}

static void put(struct node *n, const char *key, json_object *value)
{
	if (key)
		json_object_object_add(json_of(n), key, value);
	else
		json_object_array_add(json_of(n), value);
}

struct node *node_object(struct node *parent, const char *key)
{
	json_object *o = json_object_new_object();

	put(parent, key, o);
	return node_of(o);
}

struct node *node_list(struct node *parent, const char *key)
{
	json_object *o = json_object_new_array();

	put(parent, key, o);
	return node_of(o);
}

/* The length of the UTF-8 character at P (RFC 3629), 0 when it is none. */
static size_t utf8_length(const unsigned char *p)
{
	size_t n = *p < 0x80		     ? 1
		   : *p >= 0xc2 && *p < 0xe0 ? 2
		   : *p >= 0xe0 && *p < 0xf0 ? 3
		   : *p >= 0xf0 && *p < 0xf5 ? 4
					     : 0;
	size_t i;

	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* JSON is UTF-8; a title in GRUB's menu may be any bytes: those that are not are shown as
 * \\xNN. */
void node_text(struct node *n, const char *key, const char *value)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	const unsigned char *p = (const unsigned char *)value;
	size_t len;

	for (; p && *p; p += len) {
		len = 0;
		while (p[len] && p[len] < 0x80)
			len++;
		len = len ? len : utf8_length(p);
		if (len)
			str_addn(&text, p, len);
		else
			str_addf(&text, "\\x%02x", *p);
		len = len ? len : 1;
	}
	put(n, key, value ? json_object_new_string(str_text(&text)) : NULL);
}

void node_textf(struct node *n, const char *key, const char *fmt, ...)
{
	CLEANUP_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = str_vformat(fmt, ap);
	va_end(ap);
	node_text(n, key, text);
}

void node_u64(struct node *n, const char *key, uint64_t value)
{
	put(n, key,
	    json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value));
}

void node_i64(struct node *n, const char *key, int64_t value)
{
	put(n, key, json_object_new_int64(value));
}

/* json-c 0.11 prints doubles with 17 digits and lets no serializer keep data of its own:
 * so one serializer a number of decimals. */
static int print_real(json_object *o, struct printbuf *pb, int decimals)
{
	char buf[400];

	snprintf(buf, sizeof(buf), "%.*f", decimals, json_object_get_double(o));
	return printbuf_memappend(pb, buf, (int)strlen(buf));
}

#define PRINT_REAL(n)                                                                    \
	static int print_real##n(json_object *o, struct printbuf *pb, int level,         \
				 int flags)                                              \
	{                                                                                \
		(void)level;                                                             \
		(void)flags;                                                             \
		return print_real(o, pb, n);                                             \
	}
PRINT_REAL(0)
PRINT_REAL(1)
PRINT_REAL(2)
PRINT_REAL(3)
PRINT_REAL(4)

static int (*const print_reals[])(json_object *, struct printbuf *, int, int) = {
	print_real0, print_real1, print_real2, print_real3, print_real4,
};

void node_real(struct node *n, const char *key, double value, int decimals)
{
	json_object *o = isfinite(value) ? json_object_new_double(value) : NULL;
	size_t d = (size_t)decimals < ARRAY_SIZE(print_reals)
			   ? (size_t)decimals
			   : ARRAY_SIZE(print_reals) - 1;

	if (o)
		json_object_set_serializer(o, print_reals[d], NULL, NULL);
	put(n, key, o);
}

void node_bool(struct node *n, const char *key, bool value)
{
	put(n, key, json_object_new_boolean(value));
}

void node_null(struct node *n, const char *key)
{
	put(n, key, NULL);
}

size_t node_count(struct node *list)
{
	return (size_t)json_object_array_length(json_of(list));
}

/* The next item, zeroed; NULL when memory ran out (remembered). */
static struct item *item_add(struct report *r, enum item_type type, const char *text)
{
	struct item *items = realloc(r->items, (r->n + 1) * sizeof(*items)), *i;

	if (!items) {
		r->oom = true;
		return NULL;
	}
	r->items = items;
	i = &items[r->n++];
	*i = (struct item){ .type = type };
	i->text = text ? strdup(text) : NULL;
	if (text && !i->text)
		r->oom = true;
	return i;
}

static char *copy(struct report *r, const char *text)
{
	char *p = text ? strdup(text) : NULL;

	if (text && !p)
		r->oom = true;
	return p;
}

void report_field(struct report *r, const char *label, struct node *n, const char *key)
{
	struct item *i = item_add(r, ITEM_FIELD, label);

	if (!i)
		return;
	i->node = json_of(n);
	i->key = copy(r, key);
}

void report_say(struct report *r, const char *key, const char *fmt, ...)
{
	CLEANUP_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = str_vformat(fmt, ap);
	va_end(ap);
	r->oom |= !text;
	node_text(report_root(r), key, text);
	item_add(r, ITEM_SAY, text);
}

void report_section(struct report *r, const char *title)
{
	item_add(r, ITEM_SECTION, title);
}

void report_table(struct report *r, struct node *list, const struct column *cols,
		  size_t n, const char *empty, const char *terse_key,
		  const char *terse_value)
{
	struct item *i = item_add(r, ITEM_TABLE, NULL);

	if (!i)
		return;
	i->node = json_of(list);
	i->cols = cols;
	i->n_cols = n;
	i->empty = copy(r, empty);
	i->terse_key = copy(r, terse_key);
	i->terse_value = copy(r, terse_value);
}

void report_at_most(struct report *r, size_t rows)
{
	if (r->n && r->items[r->n - 1].type == ITEM_TABLE)
		r->items[r->n - 1].most = rows;
}

void report_lines(struct report *r, struct node *list, const char *prefix)
{
	struct item *i = item_add(r, ITEM_LINES, prefix);

	if (i)
		i->node = json_of(list);
}

void report_paste(struct report *r, struct node *list)
{
	struct item *i = item_add(r, ITEM_PASTE, NULL);

	if (i)
		i->node = json_of(list);
}

void report_results(struct report *r, struct node *list)
{
	struct item *i = item_add(r, ITEM_RESULTS, NULL);

	if (i)
		i->node = json_of(list);
}

void report_fail(struct report *r, const char *message, int code)
{
	struct node *error = node_object(report_root(r), "error");

	node_text(error, "message", message);
	node_i64(error, "code", code);
}

static const struct renderer *renderer_named(const char *format)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(renderers); i++)
		if (strcmp(renderers[i]->name, format) == 0)
			return renderers[i];
	return NULL;
}

bool report_has_format(const char *format)
{
	return renderer_named(format);
}

const char *report_formats(void)
{
#define X(name) ", " #name
	return RENDERERS(X) + strlen(", ");
#undef X
}

bool report_format_needs_results(const char *format)
{
	const struct renderer *how = renderer_named(format);

	return how && how->results;
}

bool report_format_says_failures(const char *format)
{
	const struct renderer *how = renderer_named(format);

	return how && how->failures;
}

int report_exit_code(const struct report *r, const char *format, int code)
{
	const struct renderer *how = renderer_named(format);

	return how && how->exit_code ? how->exit_code(r, code) : code;
}

static bool has_results(const struct report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->items[i].type == ITEM_RESULTS)
			return true;
	return false;
}

int report_render(struct report *r, const char *format, const struct report_look *look,
		  char **out, struct err *e)
{
	static const struct report_look plain = { 0, false, 0 };
	const struct renderer *how = renderer_named(format);
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	int err;

	if (!how)
		return err_set(e, -EINVAL, "--format %s: unknown; there are %s", format,
			       report_formats());
	if (how->results && !has_results(r) && !report_error(r))
		return err_set(e, -EINVAL,
			       "--format %s: shows findings, and this has none; there "
			       "are text, json",
			       format);
	err = r->oom ? -ENOMEM : how->render(r, look ? look : &plain, &text, e);
	if (err < 0)
		return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
	*out = str_take(&text);
	return *out ? 0 : err_set(e, -ENOMEM, "out of memory");
}
