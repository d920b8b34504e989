#include "host/deps.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/osrelease.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define MAX_OSRELEASE 65536
#define BANNER "GNU C Library ("

/* Where libraries of 64-bit systems stand, most usual first. */
static const char *const folders[] = {
	"/lib64",
	"/usr/lib64",
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu",
	"/usr/lib/aarch64-linux-gnu",
	"/lib",
	"/usr/lib",
	"/usr/local/lib",
};

void host_deps_clear(struct host_deps *d)
{
	free(d->libc_version);
	free(d->libc_path);
	free(d->liburing_path);
	free(d->liburing_version);
	*d = (struct host_deps){ NULL };
}

int host_read_distro(struct host *h)
{
	CLEANUP(cleanup_osrelease) struct osrelease o = { NULL };
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int err = root_read(h->root, "/etc/os-release", MAX_OSRELEASE, &text, &len);

	if (err < 0 && err != -ENOMEM)
		err = root_read(h->root, "/usr/lib/os-release", MAX_OSRELEASE, &text,
				&len);
	if (!err)
		err = osrelease_parse(&o, text, len);
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	h->distribution = TAKE_PTR(o.pretty_name);
	if (!h->distribution)
		h->distribution = TAKE_PTR(o.name);
	return 0;
}

/* FOLDER/NAME with its links followed. 1, 0 not there, -ENOMEM. */
static int find(const struct host *h, const char *folder, const char *name, char **path)
{
	char where[256];
	int err;

	snprintf(where, sizeof(where), "%s/%s", folder, name);
	/* Resolving alone does not tell that the last component is there. */
	if (!root_exists(h->root, where))
		return 0;
	err = root_resolve(h->root, where, path);
	return err == -ENOMEM ? err : !err;
}

/* "2.17" of "/usr/lib64/libc-2.17.so", as glibc named itself before 2.34; NULL: it does
 * not. */
static const char *version_in_name(const char *path, size_t *len)
{
	const char *name = strrchr(path, '/') + 1;

	if (!str_has_prefix(name, "libc-") || !str_has_suffix(name, ".so"))
		return NULL;
	*len = strlen(name) - strlen("libc-") - strlen(".so");
	return name + strlen("libc-");
}

/* "2.36" of what follows BANNER: "Debian GLIBC 2.36-9) stable release version 2.36." */
static const char *version_in_banner(const char *text, size_t *n)
{
	static const char word[] = " version ";
	const char *p = strstr(text, word);

	if (!p)
		return NULL;
	p += strlen(word);
	*n = strspn(p, "0123456789.");
	while (*n && p[*n - 1] == '.')
		--*n;
	return *n ? p : NULL;
}

/* The version of the glibc at D->libc_path. */
static int glibc_file(const struct host *h, struct host_deps *d)
{
	size_t n = 0;
	const char *version = version_in_name(d->libc_path, &n);
	char text[256];
	int err;

	if (!version) {
		err = root_search(h->root, d->libc_path, BANNER, text, sizeof(text));
		version = err < 0 ? NULL : version_in_banner(text, &n);
		d->libc_error = err == -ENODATA ? 0 : err < 0 ? err : 0;
	}
	if (version && !(d->libc_version = strndup(version, n)))
		return -ENOMEM;
	return 0;
}

/* Was this program loaded with the system's own C library? AT_BASE is where its loader
 * lies; a static program has none. */
static bool is_dynamic(void)
{
	return getauxval(AT_BASE) != 0;
}

static int read_libc(const struct host *h, struct host_deps *d)
{
	static const char *const musl[] = { "ld-musl-x86_64.so.1",
					    "ld-musl-aarch64.so.1" };
	size_t i;
	int found = 0;

	if (root_is_live(h->root) && is_dynamic()) {
		d->libc = "glibc";
		d->libc_version = strdup(gnu_get_libc_version());
		return d->libc_version ? 0 : -ENOMEM;
	}
	for (i = 0; i < ARRAY_SIZE(folders) && !found; i++)
		found = find(h, folders[i], "libc.so.6", &d->libc_path);
	if (found > 0) {
		d->libc = "glibc";
		return glibc_file(h, d);
	}
	for (i = 0; i < ARRAY_SIZE(musl) && !found; i++)
		found = find(h, "/lib", musl[i], &d->libc_path);
	if (found > 0)
		d->libc = "musl";
	return found < 0 ? found : 0;
}

/* The newest soname first: a program is linked with one of them. */
static int read_liburing(const struct host *h, struct host_deps *d)
{
	static const char *const names[] = { "liburing.so.2", "liburing.so.1" };
	int found = 0;
	size_t i, k;

	for (k = 0; k < ARRAY_SIZE(names) && !found; k++)
		for (i = 0; i < ARRAY_SIZE(folders) && !found; i++)
			found = find(h, folders[i], names[k], &d->liburing_path);
	if (found > 0) {
		const char *so = strstr(d->liburing_path, ".so.");

		d->liburing_version = so ? strdup(so + strlen(".so.")) : NULL;
		if (so && !d->liburing_version)
			return -ENOMEM;
	}
	return found < 0 ? found : 0;
}

int host_read_deps(struct host *h)
{
	int err = read_libc(h, &h->deps);

	return err < 0 ? err : read_liburing(h, &h->deps);
}
