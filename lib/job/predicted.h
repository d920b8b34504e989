/* predicted: what apply said of the next boot, and what that boot made of it. */
#ifndef JOB_PREDICTED_H
#define JOB_PREDICTED_H

#include <stdbool.h>
#include <stddef.h>

struct host;
struct txn_log;

struct came_true {
	const char *key;       /* lent by the journal, as are the next two */
	const char *predicted; /* NULL: it could not be told */
	const char *by;
	char *actual; /* NULL: it cannot be read, or it has not booted */
	char *who;    /* who sets the actual value, where it differs; NULL: not known */
	bool differs;
	/* What the files as they are now come to: a line came after ours, or went. */
	char *next, *next_by; /* NULL: as predicted, or it cannot be told */
};

struct prediction {
	unsigned id; /* the transaction that predicts; 0: none is open */
	/* Since then: 1 booted, 0 not, -1 it cannot be told. What is is only read if 1. */
	int booted;
	struct came_true *v;
	size_t n;
	size_t differ, moved;
};

/* Of the newest open profile, if it sets sysctls. Needs HOST_SYSCTL. 0 or
 * -ENOMEM. */
int job_predicted(const struct host *h, const struct txn_log *log,
		  struct prediction *out);
void prediction_clear(struct prediction *p);

#endif
