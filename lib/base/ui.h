/* ui: what must be shown while work goes on; given by cmd/, for lib/ prints nothing. */
#ifndef BASE_UI_H
#define BASE_UI_H

#include <stdbool.h>

struct ui {
	void *data;
	/* Ask a yes/no question. 1 yes, 0 no, -ENOTTY when there is nobody to ask. */
	int (*confirm)(void *data, const char *question);
	/* One line of progress ("pinned: round 3 of 8, 4 s left"); may be dropped. */
	void (*progress)(void *data, const char *line);
	/* A server listens: TEXT is the line that says where. */
	void (*ready)(void *data, const char *text);
};

#endif
