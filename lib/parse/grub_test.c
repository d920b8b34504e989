/* The command [ as GRUB has it: arguments are taken three, two or one at a time from the
 * left, "-a" binds closer than "-o" (GRUB's manual, "test"; and its order of trying). */
#include "parse/grub_eval.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NESTING 16

struct test {
	struct grub_eval *ev;
	char **argv;
	size_t argc, at;
	unsigned nesting;
	int err;
};

/* What came so far in one pair of brackets. */
struct terms {
	enum grub_truth all, any;
	bool negate;
};

static enum grub_truth both(enum grub_truth a, enum grub_truth b)
{
	if (a == GRUB_FALSE || b == GRUB_FALSE)
		return GRUB_FALSE;
	return a == GRUB_TRUE && b == GRUB_TRUE ? GRUB_TRUE : GRUB_MAYBE;
}

static enum grub_truth opposite(enum grub_truth a)
{
	return a == GRUB_MAYBE ? a : a == GRUB_TRUE ? GRUB_FALSE : GRUB_TRUE;
}

static enum grub_truth either(enum grub_truth a, enum grub_truth b)
{
	return opposite(both(opposite(a), opposite(b)));
}

static void term(struct terms *t, enum grub_truth value)
{
	t->all = both(t->all, t->negate ? opposite(value) : value);
	t->negate = false;
}

static enum grub_truth truth(bool b)
{
	return b ? GRUB_TRUE : GRUB_FALSE;
}

/* A comparison of A and B, or -1 when OP is none. */
static int compare(const char *a, const char *op, const char *b)
{
	static const struct {
		const char *text, *number;
	} ops[] = { { "=", "-eq" },  { "==", NULL }, { "!=", "-ne" }, { "<", "-lt" },
		    { "<=", "-le" }, { ">", "-gt" }, { ">=", "-ge" } };
	int64_t left, right;
	size_t i;
	int order;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(op, ops[i].text) == 0 ||
		    (ops[i].number && strcmp(op, ops[i].number) == 0))
			break;
	if (i == sizeof(ops) / sizeof(ops[0]))
		return -1;
	if (grub_is_unknown(a) || grub_is_unknown(b))
		return GRUB_MAYBE;
	order = strcmp(a, b);
	if (op[0] == '-') {
		if (str_to_i64(a, INT64_MIN + 1, INT64_MAX, &left) < 0 ||
		    str_to_i64(b, INT64_MIN + 1, INT64_MAX, &right) < 0)
			return GRUB_MAYBE; /* GRUB reads what it can */
		order = left < right ? -1 : left > right;
	}
	switch (i) {
	case 0:
	case 1:
		return truth(order == 0);
	case 2:
		return truth(order != 0);
	case 3:
		return truth(order < 0);
	case 4:
		return truth(order <= 0);
	case 5:
		return truth(order > 0);
	default:
		return truth(order >= 0);
	}
}

/* Comparisons of dates and of numbers behind a common prefix: known, not worked out. */
static bool is_undecided(const char *op)
{
	static const char *const ops[] = { "-pgt", "-plt", "-nt", "-ot" };
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(op, ops[i]) == 0)
			return true;
	return false;
}

static enum grub_truth maybe_file(struct test *t, const char *name, const char *why)
{
	int err = grub_because(t->ev, "whether %s is there is unknown: %s", name, why);

	t->err = t->err ? t->err : err;
	return GRUB_MAYBE;
}

static enum grub_truth file(struct test *t, char kind, const char *arg)
{
	const struct grub_files *files = t->ev->files;
	const char *path = grub_file_path(t->ev, arg);
	int is = path ? files->look(files->data, path) : -EIO;

	if (!path)
		return arg[0] ? GRUB_MAYBE : GRUB_FALSE;
	if (is == -ENOMEM)
		t->err = is;
	if (is == -ENOENT)
		return arg[0] == '(' ? maybe_file(t, path, "it names a device")
				     : GRUB_FALSE;
	if (is < 0)
		return maybe_file(t, path, strerror(-is));
	switch (kind) {
	case 'd':
		return truth(is == 2);
	case 'f':
		return truth(is != 2);
	case 's':
		return truth(is == 1);
	default:
		return GRUB_TRUE;
	}
}

/* A test of one thing, or -1 when OP is none. */
static int unary(struct test *t, const char *op, const char *arg)
{
	if (strcmp(op, "-n") != 0 && strcmp(op, "-z") != 0) {
		if (op[0] != '-' || !op[1] || op[2] || !strchr("defs", op[1]))
			return -1;
		return file(t, op[1], arg);
	}
	/* Text with something unknown in it is not empty unless all of it is unknown. */
	if (arg[0] == GRUB_UNKNOWN && !arg[1])
		return GRUB_MAYBE;
	return truth((op[1] == 'z') == !arg[0]);
}

static enum grub_truth evaluate(struct test *t);

/* One or more arguments that are no comparison. True: a ')' ended the brackets. */
static bool word(struct test *t, struct terms *terms)
{
	const char *arg = t->argv[t->at++];

	if (strcmp(arg, ")") == 0)
		return true;
	if (strcmp(arg, "(") == 0) {
		term(terms, evaluate(t));
	} else if (strcmp(arg, "-o") == 0) {
		terms->any = either(terms->any, terms->all);
		terms->all = GRUB_TRUE;
	} else if (strcmp(arg, "!") == 0) {
		terms->negate = !terms->negate;
	} else if (strcmp(arg, "-a") != 0) {
		if (arg[0] == GRUB_UNKNOWN && !arg[1])
			term(terms, GRUB_MAYBE);
		else
			term(terms, truth(arg[0] != '\0'));
	}
	return false;
}

static enum grub_truth evaluate(struct test *t)
{
	struct terms terms = { GRUB_TRUE, GRUB_FALSE, false };

	if (++t->nesting > MAX_NESTING)
		t->at = t->argc;
	while (t->at < t->argc) {
		char **a = t->argv + t->at;
		size_t left = t->argc - t->at;
		int is = -1;

		if (left >= 3 && is_undecided(a[1]))
			is = GRUB_MAYBE;
		else if (left >= 3)
			is = compare(a[0], a[1], a[2]);
		if (is >= 0) {
			t->at += 3;
			term(&terms, (enum grub_truth)is);
			continue;
		}
		if (left >= 2)
			is = unary(t, a[0], a[1]);
		if (is >= 0) {
			t->at += 2;
			term(&terms, (enum grub_truth)is);
			continue;
		}
		if (word(t, &terms))
			break;
	}
	t->nesting--;
	return either(terms.any, terms.all);
}

int grub_test(struct grub_eval *ev, char **argv, size_t argc)
{
	struct test t = { ev, argv, argc, 0, 0, 0 };
	int err = 0;

	if (!ev->cause)
		err = grub_because(ev, "what is compared depends on the machine");
	ev->status = evaluate(&t); /* nothing at all is true */
	return err ? err : t.err;
}
