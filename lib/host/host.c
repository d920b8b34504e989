#include "host/host.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/sysctl.h"
#include "os/root.h"
#include "parse/gunzip.h"

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define MAX_CONFIG (4 * 1024 * 1024)
#define MAX_PROFILE (256 * 1024)
#define PROFILE_FOLDER "/etc/uringprep/profiles"

int host_new(struct host **out, const struct root *r, struct err *e)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(e, -ENOMEM, "out of memory");
	h->root = r;
	h->live = root_is_live(r);
	h->demand = (struct host_demand){ false, HOST_RINGS, HOST_ENTRIES };
	*out = h;
	return 0;
}

bool host_is_settable(const struct host *h)
{
	return root_is_live(h->root) && !h->recorded;
}

void host_free(struct host *h)
{
	size_t i;

	if (!h)
		return;
	for (i = 0; i < h->kernel.n_configs; i++) {
		free(h->kernel.configs[i].release);
		free(h->kernel.configs[i].path);
	}
	free(h->kernel.configs);
	free(h->kernel.release);
	free(h->kernel.cmdline);
	host_clear_sysctl(h);
	for (i = 0; i < h->n_profiles; i++) {
		free(h->profiles[i].name);
		free(h->profiles[i].path);
		free(h->profiles[i].text);
	}
	free(h->profiles);
	host_boot_clear(&h->boot);
	host_scope_clear(&h->scope);
	host_subject_clear(&h->subject);
	json_object_put(h->recorded);
	free(h);
}

static int keep_config(struct host *h, const char *release, const char *path,
		       enum kconfig io_uring)
{
	struct host_kernel *k = &h->kernel;
	struct kernel_config *v = realloc(k->configs, (k->n_configs + 1) * sizeof(*v)),
			     *c;

	if (!v)
		return -ENOMEM;
	k->configs = v;
	c = &v[k->n_configs++];
	c->release = strdup(release);
	c->path = strdup(path);
	c->io_uring = io_uring;
	return c->release && c->path ? 0 : -ENOMEM;
}

static int add_config(struct host *h, const char *release, const char *path,
		      const char *text, size_t len)
{
	return keep_config(h, release, path, kconfig_get(text, len, "CONFIG_IO_URING"));
}

/* 1: there, 0: not there, -ENOMEM. */
static int try_config(struct host *h, const char *release, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *plain = NULL;
	size_t len, plain_len;
	int err = root_read(h->root, path, MAX_CONFIG, &text, &len);

	if (!err && str_has_suffix(path, ".gz")) {
		err = gunzip(text, len, MAX_CONFIG, &plain, &plain_len);
		if (!err)
			err = add_config(h, release, path, plain, plain_len);
	} else if (!err) {
		err = add_config(h, release, path, text, len);
	}
	return err == -ENOMEM ? err : !err;
}

static int running_config(struct host *h)
{
	char path[512];
	int found = try_config(h, h->kernel.release, "/proc/config.gz");

	if (!found) {
		snprintf(path, sizeof(path), "/boot/config-%s", h->kernel.release);
		found = try_config(h, h->kernel.release, path);
	}
	if (!found) {
		snprintf(path, sizeof(path), "/lib/modules/%s/config", h->kernel.release);
		found = try_config(h, h->kernel.release, path);
	}
	return found < 0 ? found : 0;
}

static int all_configs(struct host *h)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err = root_list(h->root, "/boot", &names), found;
	size_t i;

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	for (i = 0; i < names.n; i++) {
		char path[512];

		if (!str_has_prefix(names.v[i], "config-"))
			continue;
		snprintf(path, sizeof(path), "/boot/%s", names.v[i]);
		found = try_config(h, names.v[i] + strlen("config-"), path);
		if (found < 0)
			return found;
	}
	return 0;
}

static int read_kernel(struct host *h)
{
	CLEANUP_FREE char *cmdline = NULL;
	const char *path;
	enum kconfig io_uring;
	struct utsname u;
	const char *release = NULL;

	if (h->recorded) {
		const char *text = facts_text(h, "kernel", "cmdline");

		release = facts_text(h, "kernel", "release");
		h->kernel.cmdline = text ? strdup(text) : NULL;
	} else if (h->live && uname(&u) == 0) {
		release = u.release;
		if (root_read(h->root, "/proc/cmdline", 65536, &cmdline, NULL) == 0)
			h->kernel.cmdline = strdup(str_trim(cmdline));
	}
	if (release) {
		h->kernel.release = strdup(release);
		if (!h->kernel.release)
			return -ENOMEM;
	}
	if (h->recorded && release && facts_config(h, &path, &io_uring))
		return path ? keep_config(h, release, path, io_uring) : 0;
	return h->live && !h->recorded && release ? running_config(h) : all_configs(h);
}

const struct kernel_config *host_config(const struct host *h, const char *release)
{
	size_t i;

	if (!release)
		release = h->kernel.release;
	for (i = 0; release && i < h->kernel.n_configs; i++)
		if (strcmp(h->kernel.configs[i].release, release) == 0)
			return &h->kernel.configs[i];
	return NULL;
}

static int read_uring(struct host *h, enum uring_depth depth, struct err *e)
{
	if (h->recorded) {
		facts_uring(h, &h->uring);
		return 0;
	}
	return h->live ? host_subject_ask(h, depth, e) : 0;
}

/* Does fstab name a filesystem for /var that is not mounted? */
static bool var_is_unmounted(const struct root *r)
{
	CLEANUP_FREE char *fstab = NULL;
	const char *cur, *line;
	struct stat top, var;
	size_t n;

	if (!root_is_live(r) || root_stat(r, "/", &top) < 0 ||
	    root_stat(r, "/var", &var) < 0)
		return false;
	if (top.st_dev != var.st_dev ||
	    root_read(r, "/etc/fstab", 1 << 20, &fstab, &n) < 0)
		return false;
	for (cur = fstab; (line = str_line(&cur, fstab + strlen(fstab), &n));) {
		char dev[512], dir[512];
		CLEANUP_FREE char *copy = strndup(line, n);

		if (copy && sscanf(copy, " %511s %511s", dev, dir) == 2 &&
		    dev[0] != '#' &&
		    (strcmp(dir, "/var") == 0 || strcmp(dir, "/var/") == 0))
			return true;
	}
	return false;
}

static void read_state(struct host *h)
{
	struct stat st;
	int err = root_stat(h->root, STATE_DIR, &st);

	h->state.missing = err == -ENOENT;
	h->state.error = err == -ENOENT	       ? root_access_parent(h->root, STATE_DIR)
			 : err < 0	       ? err
			 : S_ISDIR(st.st_mode) ? root_access(h->root, STATE_DIR)
					       : -ENOTDIR;
	h->state.var_unmounted = var_is_unmounted(h->root);
}

static int read_profiles(struct host *h)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err = root_list(h->root, PROFILE_FOLDER, &names);
	size_t i;

	if (err < 0 || !names.n)
		return err == -ENOMEM ? err : 0;
	h->profiles = calloc(names.n, sizeof(*h->profiles));
	if (!h->profiles)
		return -ENOMEM;
	for (i = 0; i < names.n; i++) {
		struct host_profile *p = &h->profiles[h->n_profiles];

		if (!str_has_suffix(names.v[i], ".conf"))
			continue;
		h->n_profiles++;
		p->path = str_format(PROFILE_FOLDER "/%s", names.v[i]);
		p->name = strndup(names.v[i], strlen(names.v[i]) - strlen(".conf"));
		if (!p->path || !p->name)
			return -ENOMEM;
		p->error = root_read(h->root, p->path, MAX_PROFILE, &p->text, &p->len);
	}
	return 0;
}

int host_need(struct host *h, unsigned mask, struct err *e)
{
	unsigned todo;
	int err = 0;

	if (mask & HOST_URING_WHOLE)
		mask |= HOST_URING;
	if (mask & HOST_LIMITS) /* whether capabilities count */
		mask |= HOST_SCOPE;
	todo = mask & ~h->have;
	h->have |= mask;
	if (todo & HOST_SCOPE)
		err = h->recorded ? facts_scope(h) : host_read_scope(h);
	if (!err && todo & HOST_KERNEL)
		err = read_kernel(h);
	if (!err && todo & HOST_SYSCTL)
		err = host_read_sysctl(h);
	/* Limits first: what asking for rings leaves charged is taken back late. */
	if (!err && todo & HOST_LIMITS)
		err = host_read_limits(h, e);
	if (!err && todo & HOST_URING_WHOLE)
		err = read_uring(h, URING_WHOLE, e);
	else if (!err && todo & HOST_URING)
		err = read_uring(h, URING_BRIEF, e);
	if (!err && todo & HOST_BOOT)
		err = host_read_boot(h, e);
	if (!err && todo & HOST_PROFILES)
		err = read_profiles(h);
	if (!err && todo & HOST_STATE)
		read_state(h);
	return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
}
