#include "check/check.h"

#include "base/cleanup.h"
#include "check/container.h"
#include "check/select.h"
#include "host/host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check *const rows[] = {
#define X(name) &check_##name,
	CHECKS(X)
#undef X
};

struct check_list check_all(void)
{
	return (struct check_list){ rows, ARRAY_SIZE(rows) };
}

const char *check_status_name(enum check_status s)
{
	static const char *const names[] = { "PASS", "WARN", "FAIL", "UNKNOWN", "SKIP" };

	return names[s];
}

void check_area(const struct check *c, char *area, size_t size)
{
	snprintf(area, size, "%.*s", (int)strcspn(c->id, "."), c->id);
}

unsigned check_needs(const struct check_select *select)
{
	unsigned groups = HOST_SCOPE;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (check_is_selected(select, i))
			groups |= rows[i]->needs;
	return groups;
}

static int run_one(const struct check *c, const struct check_on *on, unsigned marks,
		   struct finding *f)
{
	int err;

	*f = (struct finding){ .check = c,
			       .status = CHECK_UNKNOWN,
			       .required = c->required,
			       .named = marks & CHECK_NAMED };
	if (c->live && !on->host->live)
		err = finding_found(
			f, CHECK_SKIP,
			"belongs to a running system, and this is a tree of files");
	else
		err = check_not_here(on, f);
	if (!err && !f->found)
		err = c->run(on, f);
	err = err > 0 ? 0 : err;
	if (marks & CHECK_LENIENT)
		f->required = false;
	if (f->status == CHECK_FAIL && !f->required)
		f->status = CHECK_WARN;
	return err;
}

int check_run(const struct check_on *on, const struct check_select *select,
	      struct findings *out, struct err *e)
{
	struct findings found = { .v = calloc(ARRAY_SIZE(rows), sizeof(*found.v)) };
	size_t i;
	int err = found.v ? 0 : -ENOMEM;

	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++) {
		struct finding *f;

		if (!check_is_selected(select, i))
			continue;
		f = &found.v[found.n++];
		err = run_one(rows[i], on, select->marks[i], f);
		found.count[f->status]++;
	}
	if (err < 0) {
		findings_clear(&found);
		return err_set(e, err, "out of memory");
	}
	*out = found;
	return 0;
}

void findings_clear(struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		free(f->v[i].found);
		free(f->v[i].want);
		free(f->v[i].want_by);
		free(f->v[i].why);
		free(f->v[i].fix);
		free(f->v[i].evidence);
	}
	free(f->v);
	*f = (struct findings){ .v = NULL };
}

static int set(char **slot, const char *fmt, va_list ap)
{
	free(*slot);
	*slot = str_vformat(fmt, ap);
	return *slot ? 0 : -ENOMEM;
}

int finding_found(struct finding *f, enum check_status s, const char *fmt, ...)
{
	va_list ap;
	int err;

	f->status = s;
	va_start(ap, fmt);
	err = set(&f->found, fmt, ap);
	va_end(ap);
	return err;
}

int finding_text(char **slot, const char *fmt, ...)
{
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = set(slot, fmt, ap);
	va_end(ap);
	return err;
}

static int copy(char **slot, const char *text)
{
	return text ? finding_text(slot, "%s", text) : 0;
}

int finding_advise(struct finding *f, const char *want, const char *want_by,
		   const char *why, const char *fix)
{
	int err = copy(&f->want, want);

	if (!err)
		err = copy(&f->want_by, want_by);
	if (!err)
		err = copy(&f->why, why);
	return err ? err : copy(&f->fix, fix);
}
