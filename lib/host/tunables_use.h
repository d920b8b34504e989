/* tunables_use: for the table alone: what on this host shows a need of each tunable, from
 * counters (host/use.h), and what each switch opens. */
#ifndef HOST_TUNABLES_USE_H
#define HOST_TUNABLES_USE_H

#include "host/tunables.h"

/* Rows of one counter, of what did not fit; what it is called; what more there is to say. */
#define TUNABLE_EVENTS(X)                                                                \
	X(listen, listen_overflows, "ListenOverflows",                                   \
	  "; servers started before keep their old backlog")                             \
	X(syn, syn_queue_full, "TCPReqQFullDrop + TCPReqQFullDoCookies", "")             \
	X(time_wait, time_wait_overflows, "TCPTimeWaitOverflow", "")                     \
	X(receive_queue, receive_queues_pruned, "PruneCalled", "")                       \
	X(tcp_memory, memory_pressures, "TCPMemoryPressures", "")                        \
	X(backlog, backlog_drops, "dropped in /proc/net/softnet_stat", "")               \
	X(budget, budget_squeezes, "time_squeeze in /proc/net/softnet_stat", "")         \
	X(receive_buffer, udp_receive_drops, "RcvbufErrors of UDP", "")                  \
	X(send_buffer, udp_send_drops, "SndbufErrors of UDP", "")                        \
	X(stall, allocation_stalls, "allocstall in /proc/vmstat", "")

#define X(name, counter, text, more)                                                     \
	int name##_use(const struct host *h, struct tunable_use *out);
TUNABLE_EVENTS(X)
#undef X

int aio_use(const struct host *h, struct tunable_use *out);
int file_use(const struct host *h, struct tunable_use *out);
int pid_use(const struct host *h, struct tunable_use *out);
int thread_use(const struct host *h, struct tunable_use *out);
int swap_use(const struct host *h, struct tunable_use *out);
int port_use(const struct host *h, struct tunable_use *out);
int orphan_use(const struct host *h, struct tunable_use *out);
int dirty_use(const struct host *h, struct tunable_use *out);
int dirty_background_use(const struct host *h, struct tunable_use *out);
int commit_use(const struct host *h, struct tunable_use *out);
int numa_use(const struct host *h, struct tunable_use *out);
int reclaim_use(const struct host *h, struct tunable_use *out);

const char *disabled_opens(uint64_t from, uint64_t to);
const char *group_opens(uint64_t from, uint64_t to);
const char *syncookies_opens(uint64_t from, uint64_t to);

#endif
