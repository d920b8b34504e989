#include "host/host.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/sysctl.h"
#include "host/uring_facts.h"
#include "os/root.h"
#include "parse/gunzip.h"

#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define MAX_CONFIG (4 * 1024 * 1024)
#define CONFIG_START 16384
#define IO_URING_OPTION "CONFIG_IO_URING"
#define MAX_PROFILE (256 * 1024)
#define PROFILE_FOLDER "/etc/uringprep/profiles"

int host_new(struct host **out, const struct root *r, struct err *e)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return err_set(e, -ENOMEM, "out of memory");
	h->root = r;
	h->live = root_is_live(r);
	h->no_files = root_is_none(r);
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
	for (i = 0; i < h->kernel.n_configs; i++)
		kernel_config_clear(&h->kernel.configs[i]);
	free(h->kernel.configs);
	free(h->kernel.release);
	free(h->kernel.cmdline);
	free(h->kernel.version);
	host_clear_sysctl(h);
	for (i = 0; i < h->n_profiles; i++) {
		free(h->profiles[i].name);
		free(h->profiles[i].path);
		free(h->profiles[i].text);
	}
	free(h->profiles);
	host_boot_clear(&h->boot);
	free(h->distribution);
	host_deps_clear(&h->deps);
	host_crash_clear(&h->crash);
	host_scope_clear(&h->scope);
	host_subject_clear(&h->subject);
	json_object_put(h->recorded);
	free(h);
}

void kernel_config_clear(struct kernel_config *c)
{
	free(c->release);
	free(c->path);
	*c = (struct kernel_config){ NULL };
}

static int fill_config(struct kernel_config *c, const char *release, const char *path,
		       enum kconfig io_uring)
{
	c->release = strdup(release);
	c->path = strdup(path);
	c->io_uring = io_uring;
	if (c->release && c->path)
		return 0;
	kernel_config_clear(c);
	return -ENOMEM;
}

/* What is looked for stands in the first pages of a configuration. The rest is unpacked only
 * where it does not: that was a sixth of a whole `check`. */
static int unpack_config(const char *packed, size_t len, char **text, size_t *text_len)
{
	int err = gunzip_start(packed, len, CONFIG_START, text, text_len);

	if (err || kconfig_get(*text, *text_len, IO_URING_OPTION) >= KCONFIG_OFF)
		return err;
	free(*text);
	*text = NULL;
	return gunzip(packed, len, MAX_CONFIG, text, text_len);
}

/* 1: there, 0: not there, -ENOMEM. */
static int read_config(const struct host *h, const char *release, const char *path,
		       struct kernel_config *out)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *plain = NULL;
	size_t len, plain_len;
	int err = root_read(h->root, path, MAX_CONFIG, &text, &len);

	if (!err && str_has_suffix(path, ".gz")) {
		err = unpack_config(text, len, &plain, &plain_len);
		if (!err)
			err = fill_config(out, release, path,
					  kconfig_get(plain, plain_len, IO_URING_OPTION));
	} else if (!err) {
		err = fill_config(out, release, path,
				  kconfig_get(text, len, IO_URING_OPTION));
	}
	return err == -ENOMEM ? err : !err;
}

/* C becomes the host's. */
static int keep_config(struct host *h, struct kernel_config *c)
{
	struct host_kernel *k = &h->kernel;
	struct kernel_config *v = realloc(k->configs, (k->n_configs + 1) * sizeof(*v));

	if (!v) {
		kernel_config_clear(c);
		return -ENOMEM;
	}
	k->configs = v;
	v[k->n_configs++] = *c;
	return 1;
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

int host_config_read(const struct host *h, const char *release, struct kernel_config *out)
{
	char path[512];
	int found;

	snprintf(path, sizeof(path), "/boot/config-%s", release);
	found = read_config(h, release, path, out);
	if (!found) {
		snprintf(path, sizeof(path), "/lib/modules/%s/config", release);
		found = read_config(h, release, path, out);
	}
	return found;
}

static int running_config(struct host *h)
{
	const char *release = h->kernel.release;
	struct kernel_config c;
	int found = read_config(h, release, "/proc/config.gz", &c);

	if (!found)
		found = host_config_read(h, release, &c);
	if (found > 0)
		found = keep_config(h, &c);
	return found < 0 ? found : 0;
}

/* Those of the releases that FOLDER's names tell behind PREFIX. */
static int configs_of(struct host *h, const char *folder, const char *prefix)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int found = root_list(h->root, folder, &names) == -ENOMEM ? -ENOMEM : 0;
	size_t i;

	for (i = 0; i < names.n && found >= 0; i++) {
		const char *release = names.v[i] + strlen(prefix);
		struct kernel_config c;

		if (!str_has_prefix(names.v[i], prefix) || host_config(h, release))
			continue;
		found = host_config_read(h, release, &c);
		if (found > 0)
			found = keep_config(h, &c);
	}
	return found < 0 ? found : 0;
}

static int all_configs(struct host *h)
{
	int err = configs_of(h, "/boot", "config-");

	return err ? err : configs_of(h, "/lib/modules", "");
}

static int read_kernel(struct host *h)
{
	CLEANUP_FREE char *cmdline = NULL;
	struct kernel_config config = { NULL };
	const char *release = NULL, *path;
	enum kconfig io_uring;
	struct utsname u;
	int err;

	if (h->recorded) {
		const char *text = facts_text(h, "kernel", "cmdline");

		release = facts_text(h, "kernel", "release");
		h->kernel.cmdline = text ? strdup(text) : NULL;
		text = facts_text(h, "kernel", "version");
		h->kernel.version = text ? strdup(text) : NULL;
	} else if (h->live && uname(&u) == 0) {
		release = u.release;
		h->kernel.version = strdup(u.version);
		if (root_read(h->root, "/proc/cmdline", 65536, &cmdline, NULL) == 0)
			h->kernel.cmdline = strdup(str_trim(cmdline));
	}
	if (release) {
		h->kernel.release = strdup(release);
		if (!h->kernel.release)
			return -ENOMEM;
	}
	if (h->recorded && release && facts_config(h, &path, &io_uring)) {
		if (!path)
			return 0;
		err = fill_config(&config, release, path, io_uring);
		if (!err)
			err = keep_config(h, &config);
		return err < 0 ? err : 0;
	}
	return 0;
}

/* Unpacking /proc/config.gz takes longer than asking: a kernel that has made a ring, in the
 * same run, need not be looked up. */
static int read_configs(struct host *h)
{
	if (!h->live || !h->kernel.release)
		return all_configs(h);
	if (h->have & HOST_URING && uring_level(&h->uring) != URING_NONE)
		return 0;
	return h->recorded ? all_configs(h) : running_config(h);
}

/* Does fstab name a filesystem for /var that is not mounted? */
/* Is something mounted on DIR? Not by its device: a bind mount has that of its source. */
static bool is_mounted(const char *mounts, const char *dir)
{
	const char *cur = mounts, *line;
	size_t n;

	while ((line = str_line(&cur, mounts + strlen(mounts), &n))) {
		char where[512];

		if (sscanf(line, "%*s %*s %*s %*s %511s", where) == 1 &&
		    strcmp(where, dir) == 0)
			return true;
	}
	return false;
}

/* Does fstab have a file system for our folder, or for one above it, that is missing? */
static bool var_is_unmounted(const struct root *r)
{
	static const char *const above[] = { "/var", "/var/lib", STATE_DIR };
	CLEANUP_FREE char *fstab = NULL;
	CLEANUP_FREE char *mounts = NULL;
	const char *cur, *end, *line;
	size_t n, i;

	if (!root_is_live(r) || root_read(r, "/etc/fstab", 1 << 20, &fstab, &n) < 0 ||
	    root_read(r, "/proc/self/mountinfo", 1 << 22, &mounts, NULL) < 0)
		return false;
	end = fstab + n;
	for (cur = fstab; (line = str_line(&cur, end, &n));) {
		char dev[512], dir[512];
		CLEANUP_FREE char *copy = strndup(line, n);

		if (!copy || sscanf(copy, " %511s %511s", dev, dir) != 2 || dev[0] == '#')
			continue;
		for (n = strlen(dir); n > 1 && dir[n - 1] == '/';)
			dir[--n] = '\0';
		for (i = 0; i < ARRAY_SIZE(above); i++)
			if (strcmp(dir, above[i]) == 0 && !is_mounted(mounts, dir))
				return true;
	}
	return false;
}

static int read_state(struct host *h, struct err *e)
{
	struct stat st;
	int err = root_stat(h->root, STATE_DIR, &st);

	h->state.missing = err == -ENOENT;
	h->state.error = err == -ENOENT	       ? root_access_parent(h->root, STATE_DIR)
			 : err < 0	       ? err
			 : S_ISDIR(st.st_mode) ? root_access(h->root, STATE_DIR)
					       : -ENOTDIR;
	h->state.var_unmounted = var_is_unmounted(h->root);
	(void)e;
	return 0;
}

static int read_profiles(struct host *h, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err = root_list(h->root, PROFILE_FOLDER, &names);
	size_t i;

	/* One of them may stand in for one of ours: not to be taken for absent. */
	if (err < 0 && err != -ENOENT)
		return err_set(e, err, "%s" PROFILE_FOLDER ": cannot read: %s",
			       root_prefix(h->root), strerror(-err));
	if (!names.n)
		return 0;
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

static int read_scope(struct host *h, struct err *e)
{
	(void)e;
	return h->recorded ? facts_scope(h) : host_read_scope(h);
}

static int read_uring_whole(struct host *h, struct err *e)
{
	h->have |= HOST_URING;
	return host_read_uring(h, URING_WHOLE, e);
}

static int read_uring_brief(struct host *h, struct err *e)
{
	return host_read_uring(h, URING_BRIEF, e);
}

#define PLAIN(name)                                                                      \
	static int need_##name(struct host *h, struct err *e)                            \
	{                                                                                \
		(void)e;                                                                 \
		return name(h);                                                          \
	}
PLAIN(read_kernel)
PLAIN(host_read_sysctl)
PLAIN(host_read_tunables)
PLAIN(read_configs)
PLAIN(host_read_distro)
PLAIN(host_read_deps)
PLAIN(host_read_crash)

/* In this order, for some look at those before them. WITH: groups that are read first. */
static const struct {
	unsigned group, with;
	int (*read)(struct host *h, struct err *e);
} readers[] = {
	{ HOST_SCOPE, 0, read_scope },
	{ HOST_KERNEL, 0, need_read_kernel },
	{ HOST_SYSCTL, HOST_KERNEL, need_host_read_sysctl }, /* its arguments */
	{ HOST_TUNABLES, HOST_SYSCTL | HOST_KERNEL, need_host_read_tunables },
	/* Before rings: what asking for them leaves charged is taken back late. */
	{ HOST_LIMITS, 0, host_read_limits },
	{ HOST_URING_WHOLE, 0, read_uring_whole },
	{ HOST_URING, 0, read_uring_brief },
	{ HOST_CONFIG, HOST_KERNEL, need_read_configs },
	{ HOST_BOOT, 0, host_read_boot },
	{ HOST_PROFILES, 0, read_profiles },
	{ HOST_STATE, 0, read_state },
	{ HOST_DISTRO, 0, need_host_read_distro },
	{ HOST_DEPS, 0, need_host_read_deps },
	{ HOST_CRASH, 0, need_host_read_crash },
};

int host_need(struct host *h, unsigned mask, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(readers); i++)
		if (mask & readers[i].group)
			mask |= readers[i].with;
	for (i = 0; i < ARRAY_SIZE(readers) && !err; i++) {
		if (!(mask & ~h->have & readers[i].group))
			continue;
		h->have |= readers[i].group;
		err = readers[i].read(h, e);
	}
	return err == -ENOMEM ? err_set(e, err, "out of memory") : err;
}
