/* compare_groups: which files are alike, and what tells the others apart. */
#include "job/compare_internal.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

/* Areas in the order in which their differences are told. */
enum area {
	AREA_GATE,
	AREA_ANSWER,
	AREA_URING,
	AREA_SYSCTL,
	AREA_LIMITS,
	AREA_KERNEL,
	AREA_OTHER,
	AREAS
};

static enum area area_of(const char *key)
{
	/* From these gates are judged. */
	static const char *const answers[] = {
		"uring.setup_null", "uring.enter_bad", "uring.register_bad",
		"uring.answered",   "uring.killed",    "uring.seccomp_mode",
		"uring.setup_real", "uring.setup_one",
	};
	static const struct {
		const char *word;
		enum area area;
	} words[] = {
		{ "gate", AREA_GATE },	   { "uring", AREA_URING },
		{ "sysctl", AREA_SYSCTL }, { "limits", AREA_LIMITS },
		{ "kernel", AREA_KERNEL },
	};
	const char *subject = key;
	size_t i;

	if (strstr(key, "gates["))
		return AREA_GATE;
	for (i = 0; i < ARRAY_SIZE(answers); i++)
		if (strcmp(key, answers[i]) == 0)
			return AREA_ANSWER;
	if (str_has_prefix(key, "findings[id="))
		subject = key + strlen("findings[id=");
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (str_has_prefix(subject, words[i].word))
			return words[i].area;
	return AREA_OTHER;
}

static int join(const struct pool *p, struct str *out)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		str_addf(out, "%s%s", i ? ", " : "", p->v[i]);
	return out->oom ? -ENOMEM : 0;
}

/* Give keys their ranks, by area, in the order they came; forget those that do not count. */
static int rank_keys(struct compare *c)
{
	CLEANUP_FREE uint32_t *count = calloc(c->keys.n + 1, sizeof(*count));
	CLEANUP_FREE uint32_t *rank = calloc(c->keys.n + 1, sizeof(*rank));
	CLEANUP_FREE unsigned char *area = calloc(c->keys.n + 1, 1);
	bool mixed = compare_is_mixed(c);
	uint32_t i, a;
	size_t f;

	c->key_of = calloc(c->keys.n + 1, sizeof(*c->key_of));
	if (!count || !rank || !area || !c->key_of)
		return -ENOMEM;
	for (f = 0; f < c->n; f++)
		for (i = 0; i < c->files[f].n; i++)
			count[c->files[f].v[i].key]++;
	for (i = 0; i < c->keys.n; i++)
		area[i] = (unsigned char)area_of(c->keys.v[i]);
	for (a = 0; a < AREAS; a++) {
		for (i = 0; i < c->keys.n; i++)
			if (area[i] == a && count[i] >= (mixed ? c->n : 1)) {
				c->key_of[c->n_ranks] = i;
				rank[i] = ++c->n_ranks;
			}
		if (a <= AREA_ANSWER)
			c->gates = c->n_ranks;
	}
	for (f = 0; f < c->n; f++) {
		struct file *file = &c->files[f];
		uint32_t kept = 0;

		for (i = 0; i < file->n; i++)
			if (rank[file->v[i].key])
				file->v[kept++] = (struct pair){ rank[file->v[i].key] - 1,
								 file->v[i].value };
		file->n = kept;
		if (kept)
			qsort(file->v, kept, sizeof(*file->v), compare_by_key);
	}
	return 0;
}

static int compare_content(const struct file *a, const struct file *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->n ? memcmp(a->v, b->v, a->n * sizeof(*a->v)) : 0;
}

/* Files lie in one array: of two that are alike, the one that came first. */
static int by_content(const void *a, const void *b)
{
	const struct file *x = *(const struct file *const *)a,
			  *y = *(const struct file *const *)b;
	int r = compare_content(x, y);

	return r ? r : x < y ? -1 : x > y;
}

static int by_size(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return *x->files < *y->files ? -1 : *x->files > *y->files;
}

static int make_groups(struct compare *c)
{
	size_t i;

	c->order = calloc(c->n, sizeof(*c->order));
	c->groups = calloc(c->n, sizeof(*c->groups));
	if (!c->order || !c->groups)
		return -ENOMEM;
	for (i = 0; i < c->n; i++)
		c->order[i] = &c->files[i];
	qsort(c->order, c->n, sizeof(*c->order), by_content);
	for (i = 0; i < c->n; i++) {
		if (!i || compare_content(c->order[i - 1], c->order[i]) != 0)
			c->groups[c->n_groups++] = (struct group){ &c->order[i], 0 };
		c->groups[c->n_groups - 1].n++;
	}
	qsort(c->groups, c->n_groups, sizeof(*c->groups), by_size);
	return 0;
}

int compare_run(struct compare *c, struct err *e)
{
	int err = join(&c->kinds, &c->kinds_text);

	if (!err)
		err = join(&c->tools, &c->tools_text);
	if (!err)
		err = rank_keys(c);
	if (!err && !c->n_ranks)
		return err_set(e, -ENODATA,
			       "nothing to compare: %s have no key in common",
			       compare_kinds(c));
	if (!err)
		err = make_groups(c);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

const char *compare_kinds(const struct compare *c)
{
	return str_text(&c->kinds_text);
}

const char *compare_tools(const struct compare *c)
{
	return str_text(&c->tools_text);
}

bool compare_is_mixed(const struct compare *c)
{
	return c->kinds.n > 1 || c->tools.n > 1;
}

size_t compare_groups(const struct compare *c)
{
	return c->n_groups;
}

size_t compare_group_size(const struct compare *c, size_t group)
{
	return c->groups[group].n;
}

const char *compare_group_file(const struct compare *c, size_t group, size_t n)
{
	return c->groups[group].files[n]->name;
}

static const struct file *content(const struct compare *c, size_t group)
{
	return c->groups[group].files[0];
}

/* The value's number plus one; 0: absent. */
static uint32_t value_at(const struct file *f, uint32_t rank)
{
	const struct pair key = { rank, 0 };
	const struct pair *p =
		f->n ? bsearch(&key, f->v, f->n, sizeof(*f->v), compare_by_key) : NULL;

	return p ? p->value + 1 : 0;
}

static struct compare_value value_of(const struct compare *c, uint32_t value)
{
	struct compare_value v = { JSONTEXT_NULL, NULL };
	const char *text = value ? c->values.v[value - 1] : NULL;

	if (text)
		v = (struct compare_value){ (enum jsontext_type)(*text - '0'), text + 1 };
	return v;
}

/* Ranks at which two files differ, rising; the caller's to free. */
static int differing(const struct file *a, const struct file *b, uint32_t **out,
		     size_t *n)
{
	uint32_t *ranks = calloc((size_t)a->n + b->n + 1, sizeof(*ranks)), i = 0, k = 0;

	if (!ranks)
		return -ENOMEM;
	*n = 0;
	while (i < a->n || k < b->n) {
		if (k == b->n || (i < a->n && a->v[i].key < b->v[k].key)) {
			ranks[(*n)++] = a->v[i++].key;
		} else if (i == a->n || b->v[k].key < a->v[i].key) {
			ranks[(*n)++] = b->v[k++].key;
		} else {
			if (a->v[i].value != b->v[k].value)
				ranks[(*n)++] = a->v[i].key;
			i++;
			k++;
		}
	}
	*out = ranks;
	return 0;
}

static struct compare_diff diff_at(const struct compare *c, const struct file *a,
				   const struct file *b, uint32_t rank)
{
	struct compare_diff d = { c->keys.v[c->key_of[rank]], rank < c->gates, false,
				  value_of(c, value_at(a, rank)),
				  value_of(c, value_at(b, rank)) };

	d.unknown = (d.a.type == JSONTEXT_NULL || d.b.type == JSONTEXT_NULL) &&
		    str_has_prefix(d.key, "uring.") &&
		    str_has_suffix(d.key, "].supported");
	return d;
}

int compare_diff(const struct compare *c, size_t a, size_t b, struct compare_diff **out,
		 size_t *n)
{
	const struct file *x = content(c, a), *y = content(c, b);
	CLEANUP_FREE uint32_t *ranks = NULL;
	size_t i;

	if (differing(x, y, &ranks, n) < 0)
		return -ENOMEM;
	*out = calloc(*n + 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (i = 0; i < *n; i++)
		(*out)[i] = diff_at(c, x, y, ranks[i]);
	return 0;
}

/* How many groups that are still LIKE ours have another value there; with TAKE, they are
 * like it no more. */
static size_t tells_apart(const struct compare *c, const struct file *our, uint32_t rank,
			  bool *like, size_t n, bool taken)
{
	uint32_t value = value_at(our, rank);
	size_t i, told = 0;

	for (i = 0; i < n; i++) {
		if (!like[i] || value_at(content(c, i), rank) == value)
			continue;
		told++;
		if (taken)
			like[i] = false;
	}
	return told;
}

/* The first value that tells most; false when none tells anything. */
static bool best_rank(const struct compare *c, const struct file *our,
		      const uint32_t *ranks, size_t n, bool *like, size_t groups,
		      uint32_t *best)
{
	size_t most = 0, i;

	for (i = 0; i < n; i++) {
		size_t told = tells_apart(c, our, ranks[i], like, groups, false);

		if (told > most) {
			most = told;
			*best = ranks[i];
		}
	}
	return most > 0;
}

int compare_describe(const struct compare *c, size_t group, size_t max,
		     struct compare_diff **out, size_t *n)
{
	const struct file *norm = content(c, 0), *our = content(c, group);
	CLEANUP_FREE uint32_t *ranks = NULL;
	size_t groups = c->n_groups < max ? c->n_groups : max, n_ranks, i;
	CLEANUP_FREE bool *like = calloc(groups + 1, sizeof(*like));
	uint32_t rank = 0;

	if (!like || differing(norm, our, &ranks, &n_ranks) < 0)
		return -ENOMEM;
	*out = calloc(n_ranks + 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (i = 0; i < groups; i++)
		like[i] = i != group;
	for (*n = 0; best_rank(c, our, ranks, n_ranks, like, groups, &rank);) {
		(*out)[(*n)++] = diff_at(c, norm, our, rank);
		tells_apart(c, our, rank, like, groups, true);
	}
	return 0;
}
