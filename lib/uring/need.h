/* need: what somebody wants of io_uring, in a word: "op:accept", "feat:fast_poll",
 * "multishot_recv", "level:network". */
#ifndef URING_NEED_H
#define URING_NEED_H

#include "base/err.h"
#include "uring/probe.h"

#include <stddef.h>

struct uring_need {
	bool is_level;
	enum uring_level level;
	enum uring_kind kind; /* with the number, where it is no level */
	unsigned number;
};

enum uring_met { URING_MET, URING_MISSING, URING_MET_UNKNOWN };

/* WORD is KIND:NAME, KIND:NUMBER, level:NAME, or a NAME that only one kind has. -EINVAL
 * says what is wrong with it, and which words there are near it. */
int uring_need_parse(const char *word, struct uring_need *out, struct err *e);

/* Pure. A number is looked for in what was asked; whether a ring may be made at all is
 * another question (gate.h). */
enum uring_met uring_need_met(const struct uring_answers *a, const struct uring_need *n);

#endif
