#include "job/compare_internal.h"

#include "base/cleanup.h"
#include "job/compare_sets.h"
#include "parse/flatten.h"

#include <errno.h>
#include <string.h>

/* What a fleet's reports come nowhere near, and a made-up file must not pass. */
enum { MAX_PAIRS = 65536, MAX_ALL_PAIRS = 1 << 24, MAX_BYTES = 256 * 1024 * 1024 };

/* Left out unless all is asked for: what belongs to the moment or to the one machine, and
 * words that only explain another value or follow from it. */
static const char *const not_compared[] = {
	"evidence",  "use",	    "held_bytes", "locked_kib", "modelled_on",
	"cmdline",   "boot_id",	    "why",	  "fix",	"want",
	"want_by",   "title",	    "what",	  "since",	"sources",
	"opens",     "summary",	    "verdict",	  "not_asked",	"note",
	"notes",     "filter_why",  "changes",	  "first_line", "results",
	"lsm_label", "config_path", "free_bytes", "spare_fd",	"ring_header_bytes",
	"counts",    NULL,
};

int compare_new(struct compare **out, bool all)
{
	struct compare *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->all = all;
	*out = c;
	return 0;
}

static void clear_file(struct file *f)
{
	free(f->name);
	free(f->v);
}

void compare_free(struct compare *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->n; i++)
		clear_file(&c->files[i]);
	free(c->files);
	free(c->key_of);
	free(c->order);
	free(c->groups);
	pool_clear(&c->keys);
	pool_clear(&c->values);
	pool_clear(&c->kinds);
	pool_clear(&c->tools);
	str_clear(&c->kinds_text);
	str_clear(&c->tools_text);
	free(c);
}

/* A file being taken in. */
struct taking {
	struct compare *c;
	struct file *file;
	struct compare_sets *sets; /* of a recording */
};

static int add_pair(struct taking *t, const char *key, enum jsontext_type type,
		    const char *value)
{
	CLEANUP(cleanup_str) struct str typed = STR_INIT;
	struct file *f = t->file;
	struct pair pair;
	int err;

	if (f->n == MAX_PAIRS || t->c->pairs + f->n == MAX_ALL_PAIRS ||
	    t->c->keys.bytes + t->c->values.bytes > MAX_BYTES)
		return -E2BIG;
	if (f->n == f->cap) {
		uint32_t cap = f->cap ? 2 * f->cap : 512;
		struct pair *v = realloc(f->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		f->v = v;
		f->cap = cap;
	}
	str_addc(&typed, (char)('0' + type));
	str_add(&typed, value);
	err = typed.oom ? -ENOMEM : pool_put(&t->c->keys, key, &pair.key);
	if (!err)
		err = pool_put(&t->c->values, str_text(&typed), &pair.value);
	if (!err)
		f->v[f->n++] = pair;
	return err;
}

static int take(void *data, const char *key, enum jsontext_type type, const char *value)
{
	struct taking *t = data;

	if (strcmp(key, "schema") == 0 || strcmp(key, "tool") == 0)
		return 0;
	if (t->sets && compare_sets_take(t->sets, key, value))
		return 0;
	return add_pair(t, key, type, value);
}

int compare_by_key(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* The root's KEY, a string, in OUT; false when it has none. */
static bool get_text(const struct jsontext *j, const char *key, struct str *out)
{
	size_t at;

	if (j->v[0].type != JSONTEXT_OBJECT || jsontext_find(j, 0, key, &at) != 1 ||
	    j->v[at].type != JSONTEXT_STRING)
		return false;
	jsontext_string(j, at, out);
	return true;
}

/* "check/1" out of "uringprep.check/1"; NULL when it is not one of ours to compare. */
static const char *kind_of(const struct str *schema)
{
	static const char *const kinds[] = { "check/", "probe/", "facts/" };
	const char *kind = str_text(schema) + strlen("uringprep.");
	uint64_t version;
	size_t i;

	if (!str_has_prefix(str_text(schema), "uringprep."))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_has_prefix(kind, kinds[i]) &&
		    str_to_u64(kind + strlen(kinds[i]), 1, 1000, &version) == 0)
			return kind;
	return NULL;
}

static int take_all(struct taking *t, const struct jsontext *j, struct err *e)
{
	struct file *f = t->file;
	uint32_t i;
	int err = flatten(j, t->c->all ? NULL : not_compared, take, t);

	if (!err && t->sets)
		err = compare_sets_each(t->sets, take, t);
	if (err == -E2BIG)
		return err_set(e, err, "%s: no report of uringprep: too much in it",
			       f->name);
	if (err < 0)
		return err_set(e, err, "out of memory");
	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), compare_by_key);
	for (i = 1; i < f->n; i++)
		if (f->v[i - 1].key == f->v[i].key)
			return err_set(e, -EINVAL,
				       "%s: no report of uringprep: %s stands "
				       "twice",
				       f->name, t->c->keys.v[f->v[i].key]);
	return 0;
}

/* Into FILE, which is the caller's to clear, also on failure. */
static int read_file(struct compare *c, struct file *file, const char *name,
		     const struct jsontext *j, struct err *e)
{
	CLEANUP(cleanup_str) struct str schema = STR_INIT, tool = STR_INIT;
	struct compare_sets sets;
	struct taking t = { c, file, NULL };
	const char *kind;
	uint32_t number;
	int err;

	kind = get_text(j, "schema", &schema) ? kind_of(&schema) : NULL;
	if (!kind)
		return err_set(
			e, -EINVAL,
			"%s: neither a report of check or probe (--format json) nor "
			"a recording (--record)",
			name);
	file->name = strdup(name);
	if (!file->name)
		return err_set(e, -ENOMEM, "out of memory");
	if (str_has_prefix(kind, "facts/")) {
		compare_sets_init(&sets);
		t.sets = &sets;
	}
	err = take_all(&t, j, e);
	if (err < 0)
		return err;
	err = pool_put(&c->kinds, kind, &number);
	if (!err && get_text(j, "tool", &tool))
		err = pool_put(&c->tools, str_text(&tool), &number);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

int compare_add(struct compare *c, const char *name, const char *text, size_t len,
		struct err *e)
{
	CLEANUP(cleanup_jsontext) struct jsontext j = { NULL, NULL, 0, 0 };
	struct file file = { NULL, NULL, 0, 0 };
	int err;

	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		struct file *files = realloc(c->files, cap * sizeof(*files));

		if (!files)
			return err_set(e, -ENOMEM, "out of memory");
		c->files = files;
		c->cap = cap;
	}
	err = jsontext_parse(&j, name, text, len, e);
	if (!err)
		err = read_file(c, &file, name, &j, e);
	if (err < 0) {
		clear_file(&file);
		return err;
	}
	c->files[c->n++] = file;
	c->pairs += file.n;
	return 0;
}
