#include "host/sysctl.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/forecast.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int copy(char **slot, const char *text)
{
	*slot = text ? strdup(text) : NULL;
	return text && !*slot ? -ENOMEM : 0;
}

/* A winner's value and its "path:line"; both stay NULL where there is none. */
static int copy_winner(const struct sysctl_setter *w, char **value, char **by)
{
	if (!w)
		return 0;
	*value = strdup(w->value);
	*by = str_format("%s:%u", w->path, w->line);
	return *value && *by ? 0 : -ENOMEM;
}

/* What the files come to for tunable K. */
static int sum_up(struct host *h, size_t k)
{
	struct sysctl_fact *f = &h->sysctl[k];
	const struct sysctl_setter *other;
	int err = host_sysctl_setters(h, tunables[k].key, &f->setters);
	size_t i;

	if (err)
		return err;
	for (i = 0; i < f->setters.n; i++)
		f->ours |= strcmp(f->setters.v[i].path, HOST_OWN_SYSCTL) == 0;
	other = sysctl_winner(&f->setters, SYSCTL_BOOT, HOST_OWN_SYSCTL);
	if (!other)
		other = sysctl_winner(&f->setters, SYSCTL_KERNEL, NULL);
	err = copy(&f->other_value, other ? other->value : NULL);
	if (!err)
		err = copy_winner(sysctl_winner(&f->setters, SYSCTL_BOOT, NULL),
				  &f->boot_value, &f->boot_by);
	return err ? err
		   : copy_winner(sysctl_winner(&f->setters, SYSCTL_SYSTEM, NULL),
				 &f->all_value, &f->all_by);
}

/* 0: it can be set from here; 1: cannot be told, for who runs this may not anyway. */
static int write_error(const struct host *h, const char *path)
{
	int err = root_access(h->root, path);

	return err == -EACCES && geteuid() != 0 ? 1 : err;
}

const char *host_sysctl_why(int live_error)
{
	return live_error == -ENODATA  ? "/proc is not mounted here"
	       : live_error == -ENOMSG ? "it was not recorded"
				       : strerror(-live_error);
}

static int read_live(struct host *h, enum tunable_index k)
{
	const struct tunable *t = &tunables[k];
	struct sysctl_fact *f = &h->sysctl[k];
	CLEANUP_FREE char *path = sysctl_proc(t->key);
	CLEANUP_FREE char *instead = NULL;

	if (!path)
		return -ENOMEM;
	f->live_error = host_key_live(h, t->key, &f->live);
	f->write_error = h->recorded	 ? (int)facts_i64(h, "sysctl_write", t->key, 1)
			 : f->live_error ? 1
					 : write_error(h, path);
	if (t->instead && host_key_live(h, t->instead, &instead) == 0 &&
	    strcmp(instead, "0") != 0)
		f->instead = TAKE_PTR(instead);
	return f->live_error == -ENOMEM ? -ENOMEM : 0;
}

static int read_tunable(struct host *h, enum tunable_index k)
{
	int err;

	if (h->sysctl[k].read)
		return 0;
	h->sysctl[k].read = true;
	err = sum_up(h, k);
	return err || !h->live ? err : read_live(h, k);
}

/* Who is in the group that kernel.io_uring_group names. */
static int read_group(struct host *h)
{
	const struct sysctl_fact *f = &h->sysctl[TUNABLE_IO_URING_GROUP];
	const char *value = f->live ? f->live : f->boot_value;
	CLEANUP_FREE char *group = NULL;
	CLEANUP_FREE char *passwd = NULL;
	struct host_group_of *g = &h->uring_group;

	g->id = -1;
	if (!value || str_to_i64(value, 0, UINT32_MAX, &g->id) < 0)
		return 0;
	g->error = root_read(h->root, "/etc/group", 4 << 20, &group, NULL);
	if (!g->error &&
	    accounts_group(group, (uint32_t)g->id, &g->name, &g->members) == -ENOMEM)
		return -ENOMEM;
	if (root_read(h->root, "/etc/passwd", 4 << 20, &passwd, NULL) == 0)
		g->primary = accounts_primary(passwd, (uint32_t)g->id);
	return g->error == -ENOMEM ? -ENOMEM : 0;
}

int host_read_sysctl(struct host *h)
{
	int err = host_read_sources(h);
	int k;

	for (k = 0; k < TUNABLE_CHECKED && !err; k++)
		err = read_tunable(h, (enum tunable_index)k);
	if (!err)
		err = read_group(h);
	if (!err)
		err = host_read_managers(h);
	for (k = 0; k < TUNABLE_COUNT && !err; k++)
		if (h->managers.tuned_sets[k].value)
			err = read_tunable(h, (enum tunable_index)k);
	host_read_use(h, false);
	return err;
}

int host_read_tunables(struct host *h)
{
	int k, err = 0;

	for (k = 0; k < TUNABLE_COUNT && !err; k++)
		err = read_tunable(h, (enum tunable_index)k);
	host_read_use(h, true);
	return err;
}

void host_clear_sysctl(struct host *h)
{
	size_t i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		struct sysctl_fact *f = &h->sysctl[i];

		free(f->live);
		free(f->instead);
		free(f->boot_value);
		free(f->boot_by);
		free(f->other_value);
		free(f->all_value);
		free(f->all_by);
		free(f->setters.v);
	}
	free(h->own_sysctl);
	free(h->uring_group.name);
	free(h->uring_group.members);
	strv_clear(&h->sysctl_unread);
	strv_clear(&h->sysctl_bad);
	host_clear_sources(h);
	host_clear_managers(h);
}
