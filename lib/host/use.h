/* use: counters and the like that tell whether a tunable matters here. */
#ifndef HOST_USE_H
#define HOST_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

/* Names in a recording, too. The first ones are what checks look at: HOST_SYSCTL reads
 * these, HOST_TUNABLES all. */
#define HOST_USES(X)                                                                     \
	X(aio_nr)                                                                        \
	X(files_open)                                                                    \
	X(listen_overflows)                                                              \
	X(swap_devices)                                                                  \
	X(pages_swapped)                                                                 \
	X(syn_queue_full)                                                                \
	X(time_wait_overflows)                                                           \
	X(receive_queues_pruned)                                                         \
	X(memory_pressures)                                                              \
	X(backlog_drops)                                                                 \
	X(budget_squeezes)                                                               \
	X(udp_receive_drops)                                                             \
	X(udp_send_drops)                                                                \
	X(sockets_time_wait)                                                             \
	X(sockets_orphaned)                                                              \
	X(allocation_stalls)                                                             \
	X(pages_dirty)                                                                   \
	X(pages_dirty_limit)                                                             \
	X(pages_dirty_background)                                                        \
	X(committed_kib)                                                                 \
	X(commit_limit_kib)                                                              \
	X(numa_nodes)                                                                    \
	X(tasks)

/* -1: unknown. */
struct host_use {
#define X(name) int64_t name;
	HOST_USES(X)
#undef X
};

struct host_use_key {
	const char *name;
	size_t offset; /* of its int64_t */
};

extern const struct host_use_key host_use_keys[];
extern const size_t host_use_keys_n;

/* Those that checks look at, or all. */
void host_read_use(struct host *h, bool all);

#endif
