#include "job/predicted.h"

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
	}
	free(p->v);
	*p = (struct prediction){ .id = 0 };
}

static const struct txn_record *newest(const struct txn_log *log)
{
	size_t i;

	for (i = log->n; i-- > 0;)
		if (txn_is_open(&log->v[i]) && log->v[i].plan.n_predicted)
			return &log->v[i];
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

/* Whose value is it, by the files as they are now? */
static int find_who(const struct host *h, struct came_true *c)
{
	struct forecast f = { .value = NULL };
	int err = host_forecast_boot(h, c->key, NULL, &f);

	if (!err && f.how == FORECAST_SET && sysctl_value_eq(f.value, c->actual))
		c->who = f.by, f.by = NULL;
	forecast_clear(&f);
	return err;
}

static int compare(const struct host *h, const struct predicted *p, struct came_true *c)
{
	int err = host_key_live(h, p->key, &c->actual);

	c->key = p->key;
	c->predicted = p->value;
	c->by = p->by;
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	c->differs = p->value && !sysctl_value_eq(p->value, c->actual);
	return c->differs ? find_who(h, c) : 0;
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
	if (err || out->booted != 1)
		return err;
	out->v = calloc(t->plan.n_predicted, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (i = 0; i < t->plan.n_predicted && !err; i++) {
		err = compare(h, &t->plan.predicted[i], &out->v[out->n++]);
		out->differ += out->v[i].differs;
	}
	if (err)
		prediction_clear(out);
	return err;
}
