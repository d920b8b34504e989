/* ask: the questions put to the kernel, by the child of uring_ask. Private to probe.c. */
#ifndef URING_ASK_H
#define URING_ASK_H

#include "uring/probe.h"

/* Called before each question that a filter may kill: what was answered until then. */
struct uring_teller {
	void (*tell)(void *data, const struct uring_answers *so_far);
	void *data;
};

/* Fill A. NO_SOCKET is a descriptor of a pipe: what is no socket, and is never readable. */
void uring_questions(struct uring_answers *a, enum uring_depth depth, int no_socket,
		     const struct uring_teller *t);

#endif
