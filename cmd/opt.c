#include "opt.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 48

/* getopt_long reports the row through `val`: short options by their letter, long ones by
 * this plus the row's place. */
#define LONG_BASE 256

struct parser {
	const struct opt *row[MAX_OPTIONS];
	void *values[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 1];
	char shorts[3 * MAX_OPTIONS + 4];
	size_t n;
};

static void build(struct parser *p, const struct opt_set *sets, size_t n_sets, bool stop)
{
	char *s = p->shorts;
	size_t i, k;

	*s++ = stop ? '+' : '-'; /* '-': operands come back as option 1, in order */
	*s++ = ':';		 /* a missing argument is told from an unknown option */
	for (i = 0; i < n_sets; i++)
		for (k = 0; k < sets[i].n && p->n < MAX_OPTIONS; k++, p->n++) {
			const struct opt *o = &sets[i].rows[k];

			p->row[p->n] = o;
			p->values[p->n] = sets[i].values;
			p->longs[p->n] =
				(struct option){ o->name,
						 o->arg ? required_argument : no_argument,
						 NULL, LONG_BASE + (int)p->n };
			if (!o->letter)
				continue;
			*s++ = o->letter;
			if (o->arg)
				*s++ = ':';
		}
	*s = '\0';
}

static int find_letter(const struct parser *p, int letter)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->row[i]->letter == letter)
			return (int)i;
	return -1;
}

static bool is_choice(const char *choices, const char *word, size_t n)
{
	const char *p;

	for (p = choices; p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
		if (strncmp(p, word, n) == 0 && (p[n] == '|' || !p[n]) && n)
			return true;
	return false;
}

static int store_list(const struct opt *o, struct opt_list *list, const char *arg,
		      struct err *e)
{
	const char *p = arg;
	size_t n;

	for (; o->choices && p; p = p[n] ? p + n + 1 : NULL) {
		n = strcspn(p, ",");
		if (!is_choice(o->choices, p, n))
			return err_set(e, -EINVAL, "--%s %s: expected one of %s", o->name,
				       arg, o->choices);
	}
	if (list->n == OPT_LIST_MAX)
		return err_set(e, -EINVAL, "--%s %s: given too often, at most %d times",
			       o->name, arg, OPT_LIST_MAX);
	list->v[list->n].option = o->name;
	list->v[list->n++].value = arg;
	return 0;
}

static int store(const struct opt *o, void *values, const char *arg, struct err *e)
{
	char *at = (char *)values + o->offset;
	int err;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_TEXT:
		if (o->choices && !is_choice(o->choices, arg, strlen(arg)))
			return err_set(e, -EINVAL, "--%s %s: expected one of %s", o->name,
				       arg, o->choices);
		*(const char **)(void *)at = arg;
		return 0;
	case OPT_U64:
		err = str_to_u64(arg, o->min, o->max, (uint64_t *)(void *)at);
		return err < 0 ? err_set(e, -EINVAL,
					 "--%s %s: expected a number from %llu to %llu",
					 o->name, arg, (unsigned long long)o->min,
					 (unsigned long long)o->max)
			       : 0;
	case OPT_LIST:
		return store_list(o, (struct opt_list *)(void *)at, arg, e);
	}
	return -EINVAL;
}

/* What getopt_long gave back, into the values. */
static int take(const struct parser *p, int c, char **argv, struct err *e)
{
	int i = c >= LONG_BASE ? c - LONG_BASE : find_letter(p, c);

	if (c == ':')
		return err_set(e, -EINVAL, "%s: needs a value", argv[optind - 1]);
	if (c == '?' || i < 0) {
		if (optopt > 0 && optopt < LONG_BASE)
			return err_set(e, -EINVAL, "-%c: unknown option", optopt);
		return err_set(e, -EINVAL, "%s: %s", argv[optind - 1],
			       optopt ? "takes no value" : "unknown or ambiguous option");
	}
	return store(p->row[i], p->values[i], optarg, e);
}

int opt_parse(const struct opt_set *sets, size_t n_sets, int argc, char **argv, bool stop,
	      struct err *e)
{
	struct parser p = { .n = 0 };
	int operands = 0, c, err = 0;

	build(&p, sets, n_sets, stop);
	optind =
		0; /* glibc: start anew, and take the first letter of shorts into account */
	opterr = 0;
	/* getopt_long starts at argv[1]: so give it the word before, which it never reads. */
	while (!err &&
	       (c = getopt_long(argc + 1, argv - 1, p.shorts, p.longs, NULL)) != -1) {
		if (c == 1)
			argv[operands++] = optarg;
		else
			err = take(&p, c, argv - 1, e);
	}
	if (err)
		return err;
	if (stop)
		return optind - 1;
	for (c = optind - 1; c < argc; c++) /* behind "--" */
		argv[operands++] = argv[c];
	return operands;
}

void opt_help(const struct opt *rows, size_t n, struct str *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char left[64];
		int used = snprintf(
			left, sizeof(left), "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
			rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ',
			rows[i].name, rows[i].arg ? " " : "",
			rows[i].arg ? rows[i].arg : "");

		str_addf(out, "  %s%*s%s\n", left, used < 26 ? 26 - used : 1, "",
			 rows[i].help);
	}
}
