/* What belongs to a container, and what in one belongs to its host. */
#include "check/container.h"

#include "base/cleanup.h"
#include "host/host.h"

#include <errno.h>
#include <string.h>

/* Checks that judge files, which a recording does not hold. An id that ends in a dot
 * stands for its whole area. */
static const char *const of_files[] = {
	"boot.",	"initramfs.",	     "deps.",		"state.",
	"sysctl.files", "sysctl.precedence", "sysctl.managers", "security.",
};

/* Whose each check's subject is; what is not listed can be judged anywhere. */
static const struct {
	const char *id;
	int tunable; /* -1: none */
} rows[] = {
	{ "boot.", -1 },
	{ "initramfs.", -1 },
	{ "kernel.panic_reboots", -1 },
	{ "sysctl.aio_max_nr", TUNABLE_AIO_MAX_NR },
	{ "sysctl.somaxconn", TUNABLE_SOMAXCONN },
	{ "sysctl.swappiness", TUNABLE_SWAPPINESS },
};

static bool is_row(const char *row, const char *id)
{
	size_t n = strlen(row);

	return n && row[n - 1] == '.' ? strncmp(row, id, n) == 0 : strcmp(row, id) == 0;
}

static int of_container(const struct host *h, int tunable, struct finding *f)
{
	const char *why;

	if (!host_in_container(h))
		return 0;
	if (tunable < 0)
		return finding_found(f, CHECK_SKIP,
				     "the host boots, and this is a container")
			       ?: 1;
	if (!host_only_elsewhere(h, (enum tunable_index)tunable, &why))
		return 0;
	return finding_found(f, CHECK_SKIP, "%s", why) ?: 1;
}

/* What /proc/sys/net shows is our network namespace's. */
static int of_network(const struct host *h, int tunable, struct finding *f)
{
	const struct host_subject *s = &h->subject;

	if (tunable < 0 || !str_has_prefix(tunables[tunable].key, "net.") ||
	    s->kind == SUBJECT_SELF || s->same[SUBJECT_NET] != 0)
		return 0;
	return finding_found(f, CHECK_UNKNOWN,
			     "%s is in another network namespace, which has its own",
			     s->name)
		       ?: 1;
}

int check_not_here(const struct check_on *on, struct finding *f)
{
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(of_files) && on->host->no_files; i++)
		if (is_row(of_files[i], f->check->id))
			return finding_found(f, CHECK_SKIP,
					     "judges files, and a recording holds none: "
					     "give --root")
				       ?: 1;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!is_row(rows[i].id, f->check->id))
			continue;
		r = of_container(on->host, rows[i].tunable, f);
		return r ? r : of_network(on->host, rows[i].tunable, f);
	}
	return 0;
}

/* Is what is asked here what a program will meet? */
static int scope(const struct check_on *on, struct finding *f)
{
	CLEANUP_FREE char *text = host_scope_text(on->host);
	enum scope_kind kind = on->host->scope.kind;
	int err;

	if (!text)
		return -ENOMEM;
	err = finding_found(f,
			    kind == SCOPE_BUILD	    ? CHECK_FAIL
			    : kind == SCOPE_FILES   ? CHECK_SKIP
			    : kind == SCOPE_UNKNOWN ? CHECK_UNKNOWN
						    : CHECK_PASS,
			    "%s", text);
	if (err || kind != SCOPE_BUILD)
		return err;
	return finding_advise(
		f, "asked where the program will run", "io_uring",
		"the kernel, its sysctls and the seccomp filter are those of the "
		"builder: the image will meet others",
		"ask when the container starts: uringprep is-ready --only uring");
}

const struct check check_container_scope = {
	.id = "container.scope",
	.title = "where this is asked",
	.needs = HOST_SCOPE,
	.run = scope,
};
