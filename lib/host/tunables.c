#include "host/tunables.h"

#include "base/str.h"
#include "host/host.h"

#include <inttypes.h>
#include <string.h>

static char *aio_evidence(const struct host *h)
{
	int64_t nr = h->use.aio_nr;

	if (nr < 0)
		return NULL;
	return str_format("fs.aio-nr is %" PRId64 "; io_uring does not count here", nr);
}

static char *swap_evidence(const struct host *h)
{
	if (h->use.swap_devices == 0)
		return str_format("no swap device: no effect");
	if (h->use.swap_devices < 0 || h->use.pages_swapped < 0)
		return NULL;
	return str_format("%" PRId64 " pages swapped in or out since boot",
			  h->use.pages_swapped);
}

static char *listen_evidence(const struct host *h)
{
	if (h->use.listen_overflows < 0)
		return NULL;
	return str_format("ListenOverflows is %" PRId64 "%s; servers started before keep "
			  "their old backlog",
			  h->use.listen_overflows,
			  h->use.listen_overflows ? "" : ": no gain expected");
}

static char *file_evidence(const struct host *h)
{
	if (h->use.files_open < 0)
		return NULL;
	return str_format("%" PRId64 " files are open (fs.file-nr)", h->use.files_open);
}

/* Sources: Documentation/admin-guide/sysctl/{fs,vm,kernel}.rst, net.rst; ranges and
 * defaults as measured on 3.10 to 6.18. */
const struct tunable tunables[TUNABLE_COUNT] = {
	[TUNABLE_AIO_MAX_NR] = { "fs.aio-max-nr",
				 "limit on requests of libaio contexts, host-wide", 0,
				 INT64_MAX, "65536", aio_evidence },
	[TUNABLE_SWAPPINESS] = { "vm.swappiness",
				 "cost of swapping against dropping file cache", 0, 200,
				 "60 (0-100 before 5.8, 0-200 since)", swap_evidence },
	[TUNABLE_SOMAXCONN] = { "net.core.somaxconn",
				"cap on the backlog given to listen()", 0, INT32_MAX,
				"128 before 5.4, 4096 since", listen_evidence },
	[TUNABLE_FILE_MAX] = { "fs.file-max",
			       "limit on open files, host-wide: ENFILE above it", 0,
			       INT64_MAX,
			       "a tenth of memory in KiB; systemd 240 and later sets the "
			       "greatest",
			       file_evidence },
	[TUNABLE_IO_URING_DISABLED] = { "kernel.io_uring_disabled",
					"who may make rings: 0 all, 1 CAP_SYS_ADMIN and "
					"the "
					"group, 2 nobody",
					0, 2,
					"0 (6.6 and later; some vendors ship 1 or 2)",
					NULL },
	[TUNABLE_IO_URING_GROUP] = { "kernel.io_uring_group",
				     "group that io_uring_disabled=1 leaves in", 0,
				     UINT32_MAX, "-1: none (6.6 and later)", NULL },
	[TUNABLE_PANIC] = { "kernel.panic",
			    "seconds from a panic to the reboot; 0: it stays dead", 0,
			    INT32_MAX, "0, or what the kernel was built with", NULL },
};

const struct tunable *tunable_find(const char *key)
{
	size_t i, k;

	for (i = 0; i < TUNABLE_COUNT; i++) {
		const char *have = tunables[i].key;

		for (k = 0;
		     have[k] && (have[k] == key[k] || (have[k] == '.' && key[k] == '/'));
		     k++)
			;
		if (!have[k] && !key[k])
			return &tunables[i];
	}
	return NULL;
}
