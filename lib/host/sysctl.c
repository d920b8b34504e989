#include "host/sysctl.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/sysctl_d.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)

/* Earlier folders hide files of the same name in later ones (sysctl.d(5)); /run is the
 * running system's and not part of a tree. */
static const char *const folders[] = {
	"/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d", "/lib/sysctl.d",
};

static int set(char **slot, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*slot);
	*slot = copy;
	return 0;
}

/* Does LINE set KEY? An explicit line beats a glob wherever that stands (systemd 246 and
 * later; older ones know no globs). */
static bool line_sets(const struct sysctl_line *l, const char *path, bool has_explicit)
{
	if (sysctl_path_is_glob(l->path))
		return !has_explicit && l->value &&
		       fnmatch(l->path, path, FNM_PATHNAME) == 0;
	return l->value && strcmp(l->path, path) == 0;
}

static int apply_line(struct sysctl_fact *f, const struct sysctl_line *l,
		      const char *file, bool at_boot)
{
	CLEANUP_FREE char *by = str_format("%s:%u", file, l->line);
	int err;

	if (!by)
		return -ENOMEM;
	err = set(&f->all_value, l->value);
	if (!err)
		err = set(&f->all_by, by);
	if (!err && at_boot)
		err = set(&f->boot_value, l->value);
	if (!err && at_boot)
		err = set(&f->boot_by, by);
	if (strcmp(file, HOST_OWN_SYSCTL) == 0)
		f->ours = true;
	else if (!err && at_boot)
		err = set(&f->other_value, l->value);
	return err;
}

/* A link to /dev/null switches a file off (sysctl.d(5)). */
static bool is_masked(const struct host *h, const char *path)
{
	CLEANUP_FREE char *target = NULL;

	return root_resolve(h->root, path, &target) == 0 &&
	       strcmp(target, "/dev/null") == 0;
}

static int apply_file(struct host *h, const char *path, bool at_boot, bool *explicit)
{
	CLEANUP_FREE char *text = NULL;
	struct sysctl_file file;
	size_t len, i, k;
	int err = root_read(h->root, path, MAX_FILE, &text, &len);

	if (err < 0)
		return err == -ENOMEM || err == -ENOENT || is_masked(h, path)
			       ? (err == -ENOMEM ? err : 0)
			       : strv_addf(&h->sysctl_unread, "%s: %s", path,
					   strerror(-err));
	err = sysctl_d_parse(&file, text, len);
	if (err < 0)
		return err;
	for (k = 0; k < TUNABLE_COUNT && !err; k++) {
		CLEANUP_FREE char *key = sysctl_path(tunables[k].key);

		for (i = 0; key && i < file.n && !err; i++) {
			if (!line_sets(&file.v[i], key, explicit[k]))
				continue;
			explicit[k] |= !sysctl_path_is_glob(file.v[i].path);
			err = apply_line(&h->sysctl[k], &file.v[i], path, at_boot);
		}
	}
	if (file.bad_line && !err)
		err = strv_addf(&h->sysctl_bad, "%s:%u", path, file.bad_line);
	sysctl_file_clear(&file);
	return err;
}

/* "name\tfolder" of every *.conf that is not hidden, sorted: names are compared first. */
static int collect(const struct host *h, struct strv *files)
{
	CLEANUP(cleanup_strv) struct strv seen = { NULL, 0 };
	size_t i, k;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };

		if (!root_is_live(h->root) && str_has_prefix(folders[i], "/run/"))
			continue;
		if (root_list(h->root, folders[i], &names) == -ENOMEM)
			return -ENOMEM;
		for (k = 0; k < names.n && !err; k++) {
			if (!str_has_suffix(names.v[k], ".conf") ||
			    strv_has(&seen, names.v[k]))
				continue;
			err = strv_add(&seen, names.v[k]);
			if (!err)
				err = strv_addf(files, "%s\t%s", names.v[k], folders[i]);
		}
	}
	strv_sort(files);
	return err;
}

static int read_files(struct host *h)
{
	CLEANUP(cleanup_strv) struct strv files = { NULL, 0 };
	bool explicit[TUNABLE_COUNT] = { false };
	int err = collect(h, &files);
	size_t i;

	for (i = 0; i < files.n && !err; i++) {
		char *tab = strchr(files.v[i], '\t');
		char path[1024];

		*tab = '\0';
		snprintf(path, sizeof(path), "%s/%s", tab + 1, files.v[i]);
		err = apply_file(h, path, true, explicit);
	}
	if (!err)
		err = apply_file(h, "/etc/sysctl.conf", false, explicit);
	if (!err && root_read(h->root, HOST_OWN_SYSCTL, MAX_FILE, &h->own_sysctl, NULL) ==
			    -ENOMEM)
		err = -ENOMEM;
	return err;
}

static int read_live(struct host *h)
{
	size_t i;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		CLEANUP_FREE char *key = sysctl_path(tunables[i].key);
		CLEANUP_FREE char *text = NULL;
		struct sysctl_fact *f = &h->sysctl[i];
		char path[256];
		int err;

		if (h->recorded) {
			const char *value = facts_text(h, "sysctl", tunables[i].key);

			f->live = value ? strdup(value) : NULL;
			f->live_error =
				value ? 0 : facts_sysctl_error(h, tunables[i].key);
			continue;
		}
		if (!key)
			return -ENOMEM;
		snprintf(path, sizeof(path), "/proc/sys/%s", key);
		err = root_read(h->root, path, 4096, &text, NULL);
		if (err == -ENOMEM)
			return err;
		f->live_error = err;
		f->live = err < 0 ? NULL : strdup(str_trim(text));
	}
	return 0;
}

static int64_t number(const char *text)
{
	int64_t v;

	return str_to_i64(text, 0, INT64_MAX, &v) < 0 ? -1 : v;
}

/* Value of NAME in lines of "name value"; -1: not there. */
static int64_t named_number(const char *text, const char *name)
{
	const char *cur = text, *line;
	size_t n, m = strlen(name);

	while ((line = str_line(&cur, text + strlen(text), &n)))
		if (n > m && memcmp(line, name, m) == 0 && line[m] == ' ') {
			CLEANUP_FREE char *value = strndup(line + m + 1, n - m - 1);

			return value ? number(str_trim(value)) : -1;
		}
	return -1;
}

/* /proc/net/netstat: a line of names, then a line of values, for each group. */
static int64_t listen_overflows(const char *text)
{
	const char *names = strstr(text, "TcpExt: "), *values;
	char name[64], value[64];
	int a, b;

	values = names ? strstr(names + 1, "\nTcpExt: ") : NULL;
	if (!values)
		return -1;
	names += strlen("TcpExt:");
	values += strlen("\nTcpExt:");
	while (sscanf(names, " %63[A-Za-z0-9]%n", name, &a) == 1 &&
	       sscanf(values, " %63[0-9]%n", value, &b) == 1) {
		if (strcmp(name, "ListenOverflows") == 0)
			return number(value);
		names += a;
		values += b;
	}
	return -1;
}

static void read_use(struct host *h)
{
	static const struct host_use unknown = { -1, -1, -1, -1 };
	CLEANUP_FREE char *aio = NULL;
	CLEANUP_FREE char *netstat = NULL;
	CLEANUP_FREE char *swaps = NULL;
	CLEANUP_FREE char *vmstat = NULL;
	struct host_use *u = &h->use;
	const char *p;
	int64_t in, out;

	*u = unknown;
	if (h->recorded) {
		u->aio_nr = facts_i64(h, "use", "aio_nr", -1);
		u->listen_overflows = facts_i64(h, "use", "listen_overflows", -1);
		u->swap_devices = facts_i64(h, "use", "swap_devices", -1);
		u->pages_swapped = facts_i64(h, "use", "pages_swapped", -1);
		return;
	}
	if (!h->live)
		return;
	if (root_read(h->root, "/proc/sys/fs/aio-nr", 4096, &aio, NULL) == 0)
		u->aio_nr = number(str_trim(aio));
	if (root_read(h->root, "/proc/net/netstat", 65536, &netstat, NULL) == 0)
		u->listen_overflows = listen_overflows(netstat);
	if (root_read(h->root, "/proc/swaps", 65536, &swaps, NULL) == 0)
		for (u->swap_devices = -1, p = swaps; p; p = strchr(p + 1, '\n'))
			u->swap_devices += p == swaps || p[1] != '\0';
	if (root_read(h->root, "/proc/vmstat", 65536, &vmstat, NULL) == 0) {
		in = named_number(vmstat, "pswpin");
		out = named_number(vmstat, "pswpout");
		u->pages_swapped = in < 0 || out < 0 ? -1 : in + out;
	}
}

int host_read_sysctl(struct host *h)
{
	int err = read_files(h);

	if (!err && h->live)
		err = read_live(h);
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
	}
	free(h->own_sysctl);
	strv_clear(&h->sysctl_unread);
	strv_clear(&h->sysctl_bad);
}
