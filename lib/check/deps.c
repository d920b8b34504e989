/* What programs that use io_uring need besides the kernel. Nothing here fails: a static
 * program needs neither, and one that brings its own liburing does not need the host's. */
#include "check/check.h"
#include "host/host.h"

#include <string.h>

static int glibc(const struct check_on *on, struct finding *f)
{
	const struct host_deps *d = &on->host->deps;
	const char *path = d->libc_path ? d->libc_path : "this program is loaded with it";
	int err;

	if (!d->libc)
		return finding_found(f, CHECK_SKIP,
				     "no C library was found: static programs need none");
	if (strcmp(d->libc, "glibc") != 0)
		return finding_found(f, CHECK_SKIP,
				     "%s: programs built for glibc do not run here, "
				     "static ones do",
				     path);
	if (!d->libc_version)
		return finding_found(f, CHECK_UNKNOWN, "%s: %s", path,
				     d->libc_error ? strerror(-d->libc_error)
						   : "it does not say its version");
	err = finding_text(&f->evidence, "%s", path);
	return err ? err
		   : finding_found(f, CHECK_PASS,
				   "%s: for programs built on that or older; static ones "
				   "need none",
				   d->libc_version);
}

const struct check check_deps_glibc = {
	.id = "deps.glibc",
	.title = "C library",
	.needs = HOST_DEPS,
	.run = glibc,
};

static int liburing(const struct check_on *on, struct finding *f)
{
	const struct host_deps *d = &on->host->deps;
	enum uring_level level =
		on->host->live ? uring_level(&on->host->uring) : URING_NONE;
	int err;

	if (!d->liburing_path)
		return finding_found(f, CHECK_SKIP,
				     "not installed: programs that bring their own, and "
				     "static ones, do not need it");
	err = finding_text(&f->evidence, "%s", d->liburing_path);
	if (err)
		return err;
	if (!d->liburing_version)
		return finding_found(f, CHECK_UNKNOWN, "it does not say its version");
	if (d->liburing_version[0] != '1' || level < URING_MODERN)
		return finding_found(f, CHECK_PASS, "%s", d->liburing_version);
	err = finding_found(f, CHECK_FAIL, "%s, and the kernel's level is %s",
			    d->liburing_version, uring_level_name(level));
	return err ? err
		   : finding_advise(f, "2 or later", "programs linked with it",
				    "it is older than multishot operations and rings of "
				    "buffers: programs linked with it leave them unused",
				    "install the distribution's liburing 2, or build the "
				    "program with its own");
}

const struct check check_deps_liburing = {
	.id = "deps.liburing",
	.title = "liburing",
	.needs = HOST_DEPS | HOST_URING,
	.run = liburing,
};
