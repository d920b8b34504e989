#include "host/tunables.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int say(struct tunable_use *out, enum tunable_need need, char *text)
{
	*out = (struct tunable_use){ need, text };
	return text ? 0 : -ENOMEM;
}

static int aio_use(const struct host *h, struct tunable_use *out)
{
	int64_t nr = h->use.aio_nr;

	if (nr < 0)
		return 0;
	return say(
		out, TUNABLE_UNKNOWN,
		str_format("fs.aio-nr is %" PRId64 "; io_uring does not count here", nr));
}

static int swap_use(const struct host *h, struct tunable_use *out)
{
	int64_t pages = h->use.pages_swapped;

	if (h->use.swap_devices == 0)
		return say(out, TUNABLE_NO_EFFECT, strdup("no swap device: no effect"));
	if (h->use.swap_devices < 0 || pages < 0)
		return 0;
	return say(out, pages ? TUNABLE_NEEDED : TUNABLE_NOT_SHOWN,
		   str_format("%" PRId64 " pages swapped in or out since boot", pages));
}

static int listen_use(const struct host *h, struct tunable_use *out)
{
	int64_t n = h->use.listen_overflows;

	if (n < 0)
		return 0;
	return say(out, n ? TUNABLE_NEEDED : TUNABLE_NOT_SHOWN,
		   str_format("ListenOverflows is %" PRId64 "%s; servers started before "
			      "keep their old backlog",
			      n, n ? "" : ": no gain expected"));
}

static int file_use(const struct host *h, struct tunable_use *out)
{
	if (h->use.files_open < 0)
		return 0;
	return say(
		out, TUNABLE_UNKNOWN,
		str_format("%" PRId64 " files are open (fs.file-nr)", h->use.files_open));
}

static const char *disabled_opens(uint64_t from, uint64_t to)
{
	if (to >= from)
		return NULL;
	return to ? "io_uring to CAP_SYS_ADMIN and to members of kernel.io_uring_group"
		  : "io_uring to every process";
}

static const char *group_opens(uint64_t from, uint64_t to)
{
	return from == to ? NULL : "io_uring to that group, where io_uring_disabled is 1";
}

/* Sources: Documentation/admin-guide/sysctl/{fs,vm,kernel}.rst, net.rst; ranges and
 * defaults as measured on 3.10 to 6.18. */
const struct tunable tunables[TUNABLE_COUNT] = {
	[TUNABLE_AIO_MAX_NR] = { .key = "fs.aio-max-nr",
				 .what = "limit on requests of libaio contexts, "
					 "host-wide",
				 .unit = "requests",
				 .fields = 1,
				 .max = INT64_MAX,
				 .default_is = "65536",
				 .use = aio_use },
	[TUNABLE_SWAPPINESS] = { .key = "vm.swappiness",
				 .what = "cost of swapping against dropping file cache",
				 .unit = "",
				 .fields = 1,
				 .max = 200,
				 .until = "5.8",
				 .max_before = 100,
				 .default_is = "60 (0-100 before 5.8, 0-200 since)",
				 .use = swap_use },
	[TUNABLE_SOMAXCONN] = { .key = "net.core.somaxconn",
				.what = "cap on the backlog given to listen()",
				.unit = "connections",
				.fields = 1,
				.max = INT32_MAX,
				.default_is = "128 before 5.4, 4096 since",
				.use = listen_use },
	[TUNABLE_FILE_MAX] = { .key = "fs.file-max",
			       .what = "limit on open files, host-wide: ENFILE above it",
			       .unit = "files",
			       .fields = 1,
			       .max = INT64_MAX,
			       .default_is = "a tenth of memory in KiB; systemd 240 and "
					     "later sets the greatest",
			       .use = file_use },
	[TUNABLE_IO_URING_DISABLED] = { .key = "kernel.io_uring_disabled",
					.what = "who may make rings: 0 all, 1 "
						"CAP_SYS_ADMIN and the group, 2 nobody",
					.unit = "",
					.fields = 1,
					.max = 2,
					.default_is = "0 (6.6 and later; some vendors "
						      "ship 1 or 2)",
					.opens = disabled_opens,
					.narrowest = 1 },
	[TUNABLE_IO_URING_GROUP] = { .key = "kernel.io_uring_group",
				     .what = "group that io_uring_disabled=1 leaves in",
				     .unit = "group id",
				     .fields = 1,
				     .max = UINT32_MAX,
				     .default_is = "-1: none (6.6 and later)",
				     .opens = group_opens },
	[TUNABLE_PANIC] = { .key = "kernel.panic",
			    .what = "seconds from a panic to the reboot; 0: it stays "
				    "dead",
			    .unit = "seconds",
			    .fields = 1,
			    .max = INT32_MAX,
			    .default_is = "0, or what the kernel was built with" },
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

int tunable_parse(const struct tunable *t, const char *text, struct tunable_value *out)
{
	CLEANUP_FREE char *copy = strdup(text);
	struct tunable_value found = { 0, { 0 } };
	char *save = NULL, *word;

	if (!copy)
		return -ENOMEM;
	for (word = strtok_r(copy, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save)) {
		int err = found.n == t->fields
				  ? -EINVAL
				  : str_to_u64(word, 0, UINT64_MAX, &found.v[found.n]);

		if (err < 0)
			return err == -ERANGE ? err : -EINVAL;
		if (found.v[found.n] < t->min || found.v[found.n] > t->max)
			return -ERANGE;
		found.n++;
	}
	if (found.n != t->fields)
		return -EINVAL;
	*out = found;
	return 0;
}

char *tunable_text(const struct tunable_value *v)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	unsigned i;

	for (i = 0; i < v->n; i++)
		str_addf(&text, "%s%" PRIu64, i ? " " : "", v->v[i]);
	return str_take(&text);
}

bool tunable_value_eq(const struct tunable_value *a, const struct tunable_value *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(*a->v)) == 0;
}
