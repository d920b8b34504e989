#include "host/sysctl.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/accounts.h"
#include "parse/proc.h"

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

static int read_files(struct host *h)
{
	int err = host_read_sources(h);
	size_t k;

	for (k = 0; k < TUNABLE_COUNT && !err; k++)
		err = sum_up(h, k);
	return err;
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

/* Where /proc has tunable K; NULL: out of memory. */
static char *live_path(enum tunable_index k)
{
	CLEANUP_FREE char *key = sysctl_path(tunables[k].key);

	return key ? str_format("/proc/sys/%s", key) : NULL;
}

int host_sysctl_live(const struct host *h, enum tunable_index k, char **out)
{
	const char *value = h->recorded ? facts_text(h, "sysctl", tunables[k].key) : NULL;
	CLEANUP_FREE char *path = live_path(k);
	CLEANUP_FREE char *text = NULL;
	int err = 0;

	if (h->recorded && !value)
		return facts_sysctl_error(h, tunables[k].key);
	if (!value) {
		err = path ? root_read(h->root, path, 4096, &text, NULL) : -ENOMEM;
		value = err < 0 ? NULL : str_squeeze(text);
	}
	if (err == -ENOENT && !root_exists(h->root, "/proc/sys/kernel"))
		return -ENODATA;
	if (err < 0)
		return err;
	*out = strdup(value);
	return *out ? 0 : -ENOMEM;
}

static int read_live(struct host *h)
{
	int i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		struct sysctl_fact *f = &h->sysctl[i];
		CLEANUP_FREE char *path = live_path((enum tunable_index)i);

		if (!path)
			return -ENOMEM;
		f->live_error = host_sysctl_live(h, (enum tunable_index)i, &f->live);
		f->write_error = h->recorded	 ? (int)facts_i64(h, "sysctl_write",
								  tunables[i].key, 1)
				 : f->live_error ? 1
						 : write_error(h, path);
	}
	return 0;
}

/* -1: the file cannot be read, or has no such number. */
static int64_t counter(const struct host *h, const char *path,
		       int64_t (*get)(const char *text))
{
	CLEANUP_FREE char *text = NULL;

	return root_read(h->root, path, 65536, &text, NULL) < 0 ? -1 : get(text);
}

static int64_t listen_overflows(const char *text)
{
	return proc_netstat(text, "TcpExt", "ListenOverflows");
}

static int64_t pages_swapped(const char *text)
{
	int64_t in = proc_named(text, "pswpin"), out = proc_named(text, "pswpout");

	return in < 0 || out < 0 ? -1 : in + out;
}

static void read_use(struct host *h)
{
	static const struct host_use unknown = { -1, -1, -1, -1, -1 };
	struct host_use *u = &h->use;

	*u = unknown;
	if (h->recorded) {
		u->aio_nr = facts_i64(h, "use", "aio_nr", -1);
		u->listen_overflows = facts_i64(h, "use", "listen_overflows", -1);
		u->swap_devices = facts_i64(h, "use", "swap_devices", -1);
		u->pages_swapped = facts_i64(h, "use", "pages_swapped", -1);
		u->files_open = facts_i64(h, "use", "files_open", -1);
		return;
	}
	if (!h->live)
		return;
	u->aio_nr = counter(h, "/proc/sys/fs/aio-nr", proc_number);
	u->listen_overflows = counter(h, "/proc/net/netstat", listen_overflows);
	u->swap_devices = counter(h, "/proc/swaps", proc_swaps);
	u->files_open = counter(h, "/proc/sys/fs/file-nr", proc_first_number);
	u->pages_swapped = counter(h, "/proc/vmstat", pages_swapped);
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
	int err = read_files(h);

	if (!err && h->live)
		err = read_live(h);
	if (!err)
		err = read_group(h);
	if (!err)
		err = host_read_managers(h);
	read_use(h);
	return err;
}

void host_clear_sysctl(struct host *h)
{
	size_t i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		struct sysctl_fact *f = &h->sysctl[i];

		free(f->live);
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
