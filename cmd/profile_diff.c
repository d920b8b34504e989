/* profile diff: in what two profiles differ. */
#include "profile.h"

#include "base/cleanup.h"
#include "host/host.h"

#include <stdlib.h>

static const struct column columns[] = {
	{ "key", "KEY", 0 },
	{ "a", "A", 0 },
	{ "b", "B", 0 },
};

/* One value of a profile, in words; the caller's to free; NULL: it has none. */
typedef char *value_of(const struct profile *p, size_t k);

static char *sysctl_of(const struct profile *p, size_t k)
{
	const struct setting *s = profile_setting(p, k);

	return s ? setting_text(s) : NULL;
}

static char *limit_of(const struct profile *p, size_t k)
{
	return p->limits[k].where ? limit_text(&p->limits[k]) : NULL;
}

static char *units_of(const struct profile *p, size_t k)
{
	(void)k;
	return p->units.n ? strv_join(&p->units, " ") : NULL;
}

static char *uring_of(const struct profile *p, size_t k)
{
	const char *word = profile_uring_word(p);

	(void)k;
	return word ? str_format("%s", word) : NULL;
}

static char *needs_of(const struct profile *p, size_t k)
{
	CLEANUP(cleanup_strv) struct strv words = { NULL, 0 };
	size_t i;

	(void)k;
	for (i = 0; i < p->n_needs; i++)
		if (strv_add(&words, p->needs[i].word) < 0)
			return NULL;
	strv_sort(&words);
	return words.n ? strv_join(&words, " ") : NULL;
}

static void compare(struct node *list, const char *key, value_of *of, size_t k,
		    const struct profile p[2])
{
	CLEANUP_FREE char *a = of(&p[0], k);
	CLEANUP_FREE char *b = of(&p[1], k);
	struct node *row;

	if (str_eq(a, b))
		return;
	row = node_object(list, NULL);
	node_text(row, "key", key);
	node_text(row, "a", a);
	node_text(row, "b", b);
}

static void compare_all(struct node *list, const struct profile p[2])
{
	size_t k;

	for (k = 0; k < TUNABLE_COUNT; k++)
		compare(list, tunables[k].key, sysctl_of, k, p);
	compare(list, "limits memlock", limit_of, LIMIT_MEMLOCK, p);
	compare(list, "limits nofile", limit_of, LIMIT_NOFILE, p);
	compare(list, "limits units", units_of, 0, p);
	compare(list, "require uring", uring_of, 0, p);
	compare(list, "require needs", needs_of, 0, p);
}

static int load(struct ctx *c, const char *word, struct profile *out)
{
	CLEANUP(cleanup_problems) struct problems found = { NULL, 0 };
	CLEANUP(cleanup_profile_word) struct profile_word w = { NULL };
	const struct problem *wrong;
	CLEANUP_FREE char *where = NULL;
	int err = profile_word_read(&w, word, &c->err);

	if (err < 0)
		return EXIT_FAILED;
	err = profile_word_load(&w, c->host, out, &found, &c->err);
	if (err < 0)
		return profile_failed(err);
	wrong = problems_error(&found);
	where = wrong ? problem_where(wrong) : NULL;
	return wrong ? err_set(&c->err, EXIT_FAILED, "%s: %s", where ? where : "",
			       wrong->text)
		     : 0;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	struct node *root = report_root(c->report), *list;
	struct profile p[2] = { { .name = NULL }, { .name = NULL } };
	int code = host_need(c->host, HOST_PROFILES, &c->err) < 0 ? EXIT_FAILED : 0;

	(void)opts;
	(void)argc;
	if (!code)
		code = load(c, argv[0], &p[0]);
	if (!code)
		code = load(c, argv[1], &p[1]);
	if (!code) {
		node_text(root, "a", argv[0]);
		node_text(root, "b", argv[1]);
		list = node_list(root, "differences");
		compare_all(list, p);
		report_field(c->report, "A", root, "a");
		report_field(c->report, "B", root, "b");
		report_section(c->report, NULL);
		report_table(c->report, list, columns, ARRAY_SIZE(columns),
			     "No difference.", NULL, NULL);
		c->have_report = true;
		code = node_count(list) ? EXIT_NO : EXIT_YES;
	}
	profile_clear(&p[0]);
	profile_clear(&p[1]);
	return code;
}

const struct command cmd_profile_diff = {
	.name = "profile diff",
	.operands = "A B",
	.summary = "show in what two profiles differ",
	.help = "Each is a profile's name, or a file: a word with a slash in it or .conf "
		"at its\n"
		"end. What they come to is compared, not their text. Exits 1 when they\n"
		"differ.\n\n"
		"  uringprep profile diff server storage\n"
		"  uringprep profile diff server ./server.conf\n",
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
