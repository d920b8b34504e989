#include "host/tunables_use.h"

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

/* NAME is a counter of what did not fit; -1: it is not known. */
static int events(struct tunable_use *out, int64_t n, const char *name, const char *more)
{
	if (n < 0)
		return 0;
	return say(out, n ? TUNABLE_NEEDED : TUNABLE_NOT_SHOWN,
		   str_format("%s is %" PRId64 "%s%s", name, n,
			      n ? "" : ": no gain expected", more));
}

#define X(name, counter, text, more)                                                     \
	int name##_use(const struct host *h, struct tunable_use *out)                    \
	{                                                                                \
		return events(out, h->use.counter, text, more);                          \
	}
TUNABLE_EVENTS(X)
#undef X

/* The live value of tunable K. */
static bool live(const struct host *h, enum tunable_index k, struct tunable_value *out)
{
	const char *text = h->sysctl[k].live;

	return text && tunable_parse(&tunables[k], text, out) == 0;
}

/* N is counted against limit K: four fifths and more are close to it. */
static int share(const struct host *h, int64_t n, enum tunable_index k, const char *what,
		 const char *more, struct tunable_use *out)
{
	struct tunable_value limit;
	bool close;

	if (n < 0 || !live(h, k, &limit))
		return 0;
	close = (uint64_t)n >= limit.v[0] - limit.v[0] / 5;
	return say(out, close ? TUNABLE_NEEDED : TUNABLE_NOT_SHOWN,
		   str_format("%s %" PRId64 " of %" PRIu64 "%s%s", what, n, limit.v[0],
			      close ? "" : ": no gain expected", more));
}

int aio_use(const struct host *h, struct tunable_use *out)
{
	return share(h, h->use.aio_nr, TUNABLE_AIO_MAX_NR, "fs.aio-nr",
		     "; io_uring does not count here", out);
}

int file_use(const struct host *h, struct tunable_use *out)
{
	return share(h, h->use.files_open, TUNABLE_FILE_MAX, "fs.file-nr", "", out);
}

int pid_use(const struct host *h, struct tunable_use *out)
{
	return share(h, h->use.tasks, TUNABLE_PID_MAX, "tasks (/proc/loadavg)", "", out);
}

int thread_use(const struct host *h, struct tunable_use *out)
{
	return share(h, h->use.tasks, TUNABLE_THREADS_MAX, "tasks (/proc/loadavg)", "",
		     out);
}

int swap_use(const struct host *h, struct tunable_use *out)
{
	int64_t pages = h->use.pages_swapped;

	if (h->use.swap_devices == 0)
		return say(out, TUNABLE_NO_EFFECT, strdup("no swap device: no effect"));
	if (h->use.swap_devices < 0 || pages < 0)
		return 0;
	return say(out, pages ? TUNABLE_NEEDED : TUNABLE_NOT_SHOWN,
		   str_format("%" PRId64 " pages swapped in or out since boot", pages));
}

/* Of the sockets in TIME_WAIT only those of outgoing connections take up a port of the
 * range, so that many of them prove nothing. */
int port_use(const struct host *h, struct tunable_use *out)
{
	int64_t n = h->use.sockets_time_wait;
	struct tunable_value range;
	uint64_t ports;
	bool few;

	if (n < 0 || !live(h, TUNABLE_IP_LOCAL_PORT_RANGE, &range))
		return 0;
	ports = range.v[1] - range.v[0] + 1;
	few = (uint64_t)n < ports / 2;
	return say(out, few ? TUNABLE_NOT_SHOWN : TUNABLE_UNKNOWN,
		   str_format("%" PRId64 " sockets in TIME_WAIT now, for %" PRIu64
			      " local ports%s",
			      n, ports, few ? ": no gain expected" : ""));
}

int orphan_use(const struct host *h, struct tunable_use *out)
{
	int64_t n = h->use.sockets_orphaned;

	if (n < 0)
		return 0;
	return say(out, n ? TUNABLE_UNKNOWN : TUNABLE_NOT_SHOWN,
		   str_format("%" PRId64 " orphaned sockets now%s", n,
			      n ? "" : ": no gain expected"));
}

/* What is dirty at one moment proves nothing: it is shown. */
static int dirty(const struct host *h, int64_t limit, const char *then,
		 struct tunable_use *out)
{
	if (h->use.pages_dirty < 0 || limit < 0)
		return 0;
	return say(out, TUNABLE_UNKNOWN,
		   str_format("%" PRId64 " dirty pages now; at %" PRId64 " %s",
			      h->use.pages_dirty, limit, then));
}

int dirty_use(const struct host *h, struct tunable_use *out)
{
	return dirty(h, h->use.pages_dirty_limit, "writers have to wait", out);
}

int dirty_background_use(const struct host *h, struct tunable_use *out)
{
	return dirty(h, h->use.pages_dirty_background, "writing back begins", out);
}

int commit_use(const struct host *h, struct tunable_use *out)
{
	struct tunable_value mode;

	if (!live(h, TUNABLE_OVERCOMMIT_MEMORY, &mode))
		return 0;
	if (mode.v[0] != 2)
		return say(out, TUNABLE_NO_EFFECT,
			   str_format("vm.overcommit_memory is %" PRIu64
				      ", not 2: no effect",
				      mode.v[0]));
	if (h->use.committed_kib < 0 || h->use.commit_limit_kib < 0)
		return 0;
	return say(out, TUNABLE_UNKNOWN,
		   str_format("%" PRId64 " of %" PRId64
			      " KiB are promised (Committed_AS)",
			      h->use.committed_kib, h->use.commit_limit_kib));
}

static int one_node(const struct host *h, enum tunable_need need, const char *text,
		    struct tunable_use *out)
{
	return h->use.numa_nodes == 1 ? say(out, need, strdup(text)) : 0;
}

int numa_use(const struct host *h, struct tunable_use *out)
{
	return one_node(h, TUNABLE_NO_EFFECT, "one NUMA node: nothing to balance", out);
}

int reclaim_use(const struct host *h, struct tunable_use *out)
{
	return one_node(h, TUNABLE_NOT_SHOWN,
			"one NUMA node: no memory of others to save, no gain expected",
			out);
}

const char *disabled_opens(uint64_t from, uint64_t to)
{
	if (to >= from)
		return NULL;
	return to ? "io_uring to CAP_SYS_ADMIN and to members of kernel.io_uring_group"
		  : "io_uring to every process";
}

/* With io_uring_disabled at 0 or 2 the group opens nothing; which of these it is cannot be
 * seen here. */
const char *group_opens(uint64_t from, uint64_t to)
{
	return from == to || to == UINT64_MAX
		       ? NULL
		       : "io_uring to that group, where kernel.io_uring_disabled is 1";
}

const char *syncookies_opens(uint64_t from, uint64_t to)
{
	return from && !to ? "listening sockets to SYN floods" : NULL;
}
