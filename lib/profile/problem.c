#include "profile/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int problem_add(struct problems *p, enum problem_grade grade, const char *kind,
		const struct profile_place *at, const char *fmt, ...)
{
	struct problem *v = realloc(p->v, (p->n + 1) * sizeof(*v));
	va_list ap;

	if (!v)
		return -ENOMEM;
	p->v = v;
	v += p->n++;
	*v = (struct problem){ .grade = grade, .kind = kind, .line = at->line };
	v->column = at->column;
	v->file = strdup(at->file);
	va_start(ap, fmt);
	v->text = str_vformat(fmt, ap);
	va_end(ap);
	return v->file && v->text ? 0 : -ENOMEM;
}

char *problem_where(const struct problem *p)
{
	return p->line ? str_format("%s:%u:%u", p->file, p->line, p->column)
		       : strdup(p->file);
}

const struct problem *problems_error(const struct problems *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].grade == PROBLEM_ERROR)
			return &p->v[i];
	return NULL;
}

void problems_clear(struct problems *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].file);
		free(p->v[i].text);
	}
	free(p->v);
	*p = (struct problems){ NULL, 0 };
}
