#include "host/use.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/proc.h"

#include <string.h>

const struct host_use_key host_use_keys[] = {
#define X(name) { #name, offsetof(struct host_use, name) },
	HOST_USES(X)
#undef X
};

const size_t host_use_keys_n = ARRAY_SIZE(host_use_keys);

static void aio(const char *text, struct host_use *u)
{
	u->aio_nr = proc_number(text);
}

static void files(const char *text, struct host_use *u)
{
	u->files_open = proc_first_number(text);
}

static void swaps(const char *text, struct host_use *u)
{
	u->swap_devices = proc_swaps(text);
}

/* -1: one of them is not known. */
static int64_t sum(int64_t a, int64_t b)
{
	return a < 0 || b < 0 ? -1 : a + b;
}

static void listening(const char *text, struct host_use *u)
{
	u->listen_overflows = proc_netstat(text, "TcpExt", "ListenOverflows");
}

static void netstat(const char *text, struct host_use *u)
{
	u->syn_queue_full = sum(proc_netstat(text, "TcpExt", "TCPReqQFullDrop"),
				proc_netstat(text, "TcpExt", "TCPReqQFullDoCookies"));
	u->time_wait_overflows = proc_netstat(text, "TcpExt", "TCPTimeWaitOverflow");
	u->receive_queues_pruned = proc_netstat(text, "TcpExt", "PruneCalled");
	u->memory_pressures = proc_netstat(text, "TcpExt", "TCPMemoryPressures");
}

static void snmp(const char *text, struct host_use *u)
{
	u->udp_receive_drops = proc_netstat(text, "Udp", "RcvbufErrors");
	u->udp_send_drops = proc_netstat(text, "Udp", "SndbufErrors");
}

static void sockstat(const char *text, struct host_use *u)
{
	u->sockets_time_wait = proc_sockstat(text, "TCP", "tw");
	u->sockets_orphaned = proc_sockstat(text, "TCP", "orphan");
}

/* The second and the third number of each CPU's line. */
static void softnet(const char *text, struct host_use *u)
{
	u->backlog_drops = proc_hex_column(text, 1);
	u->budget_squeezes = proc_hex_column(text, 2);
}

static void swapped(const char *text, struct host_use *u)
{
	u->pages_swapped = sum(proc_named(text, "pswpin"), proc_named(text, "pswpout"));
}

static void vmstat(const char *text, struct host_use *u)
{
	u->allocation_stalls = proc_named_sum(text, "allocstall");
	u->pages_dirty = proc_named(text, "nr_dirty");
	u->pages_dirty_limit = proc_named(text, "nr_dirty_threshold");
	u->pages_dirty_background = proc_named(text, "nr_dirty_background_threshold");
}

static void meminfo(const char *text, struct host_use *u)
{
	u->committed_kib = proc_named(text, "Committed_AS:");
	u->commit_limit_kib = proc_named(text, "CommitLimit:");
}

static void loadavg(const char *text, struct host_use *u)
{
	u->tasks = proc_tasks(text);
}

/* A file is read once and all that is in it taken. */
static const struct {
	const char *path;
	void (*checked)(const char *text, struct host_use *u); /* by HOST_SYSCTL */
	void (*more)(const char *text, struct host_use *u);
} sources[] = {
	{ "/proc/sys/fs/aio-nr", aio, NULL },
	{ "/proc/sys/fs/file-nr", files, NULL },
	{ "/proc/swaps", swaps, NULL },
	{ "/proc/net/netstat", listening, netstat },
	{ "/proc/vmstat", swapped, vmstat },
	{ "/proc/net/snmp", NULL, snmp },
	{ "/proc/net/sockstat", NULL, sockstat },
	{ "/proc/net/softnet_stat", NULL, softnet },
	{ "/proc/meminfo", NULL, meminfo },
	{ "/proc/loadavg", NULL, loadavg },
};

static int64_t count_nodes(const struct host *h)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int64_t n = 0;
	size_t i;

	if (root_list(h->root, "/sys/devices/system/node", &names) < 0)
		return -1;
	for (i = 0; i < names.n; i++)
		n += str_has_prefix(names.v[i], "node") &&
		     strspn(names.v[i] + 4, "0123456789") > 0;
	return n ? n : -1;
}

static void recorded(const struct host *h, struct host_use *u)
{
	size_t i;

	for (i = 0; i < host_use_keys_n; i++) {
		const struct host_use_key *k = &host_use_keys[i];

		*(int64_t *)(void *)((char *)u + k->offset) =
			facts_i64(h, "use", k->name, -1);
	}
}

void host_read_use(struct host *h, bool all)
{
	struct host_use *u = &h->use;
	size_t i;

	memset(u, -1, sizeof(*u));
	if (h->recorded)
		recorded(h, u);
	if (h->recorded || !h->live)
		return;
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		CLEANUP_FREE char *text = NULL;

		if ((!all && !sources[i].checked) ||
		    root_read(h->root, sources[i].path, 256 * 1024, &text, NULL) < 0)
			continue;
		if (sources[i].checked)
			sources[i].checked(text, u);
		if (all && sources[i].more)
			sources[i].more(text, u);
	}
	if (all)
		u->numa_nodes = count_nodes(h);
}
