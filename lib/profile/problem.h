/* problem: what is wrong with a profile, or may be: all of it, with its place. */
#ifndef PROFILE_PROBLEM_H
#define PROFILE_PROBLEM_H

#include "base/err.h"
#include "profile/profile.h"

enum problem_grade {
	PROBLEM_ERROR,	 /* the profile cannot be used */
	PROBLEM_WARNING, /* it can; it may not do what was meant */
	PROBLEM_NOTE,	 /* to be known */
};

struct problem {
	enum problem_grade grade;
	const char *kind; /* "syntax", "key", "value", "include", "twice", "kernel",
			   * "security", "limits", "empty", "read" */
	char *file;
	unsigned line, column; /* 0: the whole file */
	char *text;
};

struct problems {
	struct problem *v;
	size_t n;
};

/* 0 or -ENOMEM. */
int problem_add(struct problems *p, enum problem_grade grade, const char *kind,
		const struct profile_place *at, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* "mine.conf:2:9"; the caller's to free; NULL: no memory. */
char *problem_where(const struct problem *p);
/* The first error; NULL: there is none. */
const struct problem *problems_error(const struct problems *p);
void problems_clear(struct problems *p);

static inline void cleanup_problems(struct problems *p)
{
	problems_clear(p);
}

#endif
