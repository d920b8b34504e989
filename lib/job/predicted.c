#include "job/predicted.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/state.h"
#include "host/forecast.h"
#include "host/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void prediction_clear(struct prediction *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].actual);
		free(p->v[i].who);
		free(p->v[i].next);
		free(p->v[i].next_by);
	}
	free(p->v);
	*p = (struct prediction){ .id = 0 };
}

/* Of the profiles that are one over another the last: it takes back what the others had
 * predicted, also when it predicts nothing itself. */
static const struct txn_record *newest(const struct txn_log *log)
{
	size_t i;

	for (i = log->n; i-- > 0;)
		if (txn_is_open(&log->v[i]) && strcmp(log->v[i].kind, "profile") == 0)
			return log->v[i].plan.n_predicted ? &log->v[i] : NULL;
	return NULL;
}

/* A boot has a name of its own; a tree's own kernel is not running. 0 or -ENOMEM. */
static int has_booted(const struct host *h, const struct plan *p, int *booted)
{
	char *now;
	int err;

	if (!h->live || !p->boot_id)
		return 0;
	err = host_boot_id(h, &now);
	if (!err && now)
		*booted = strcmp(now, p->boot_id) != 0;
	free(now);
	return err;
}

/* Whose value it is, and whether the next boot brings another, by the files as they are
 * now. */
static int look_at_files(const struct host *h, struct came_true *c)
{
	struct forecast f = { .value = NULL };
	int err = host_forecast_boot(h, c->key, NULL, &f);

	if (!err && f.how == FORECAST_SET) {
		if (c->differs && sysctl_value_eq(f.value, c->actual))
			c->who = strdup(f.by);
		if (c->predicted && !sysctl_value_eq(f.value, c->predicted)) {
			c->next = TAKE_PTR(f.value);
			c->next_by = TAKE_PTR(f.by);
		}
	}
	forecast_clear(&f);
	return err;
}

static int compare(const struct host *h, const struct predicted *p, bool booted,
		   struct came_true *c)
{
	int err = booted ? host_key_live(h, p->key, &c->actual) : 0;

	c->key = p->key;
	c->predicted = p->value;
	c->by = p->by;
	if (err == -ENOMEM)
		return err;
	c->differs = c->actual && p->value && !sysctl_value_eq(p->value, c->actual);
	return look_at_files(h, c);
}

int job_predicted(const struct host *h, const struct txn_log *log, struct prediction *out)
{
	const struct txn_record *t = newest(log);
	size_t i;
	int err = 0;

	*out = (struct prediction){ .booted = -1 };
	if (!t)
		return 0;
	out->id = t->id;
	err = has_booted(h, &t->plan, &out->booted);
	if (err)
		return err;
	out->v = calloc(t->plan.n_predicted, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (i = 0; i < t->plan.n_predicted && !err; i++) {
		err = compare(h, &t->plan.predicted[i], out->booted == 1,
			      &out->v[out->n++]);
		out->differ += out->v[i].differs;
		out->moved += out->v[i].next != NULL;
	}
	if (err)
		prediction_clear(out);
	return err;
}
