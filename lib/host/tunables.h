/* tunables: what a sysctl may be and how its use on this host is measured. */
#ifndef HOST_TUNABLES_H
#define HOST_TUNABLES_H

#include <stdbool.h>
#include <stdint.h>

struct host;

/* Does this host show a need of a larger (or whatever is asked for) value? */
enum tunable_need {
	TUNABLE_UNKNOWN,   /* nothing here tells */
	TUNABLE_NEEDED,	   /* counters show it */
	TUNABLE_NOT_SHOWN, /* counters show no need */
	TUNABLE_NO_EFFECT, /* it can do nothing here: no swap device, say */
};

struct tunable_use {
	enum tunable_need need;
	char *text; /* one sentence; the caller's to free; NULL: nothing to go by */
};

enum { TUNABLE_FIELDS = 3 };

/* "10", or several numbers, as net.ipv4.tcp_rmem has. */
struct tunable_value {
	unsigned n;
	uint64_t v[TUNABLE_FIELDS];
};

struct tunable {
	const char *key;
	const char *what;  /* one line */
	const char *unit;  /* of the numbers: "requests", "seconds"; "" : none */
	unsigned fields;   /* how many numbers */
	uint64_t min, max; /* of each number, widest of all kernels */
	/* Mainline before release `until` takes at most `max_before` ("5.8", 100); NULL:
	 * always the same. A vendor's kernel may take more: it is the one that refuses. */
	const char *until;
	uint64_t max_before;
	/* The kernel takes values out of this range, too, at least some kernel does: the range
	 * is what has a meaning. Else it refuses them. */
	bool kernel_takes_more;
	const char *since; /* mainline release that brought the key; NULL: before 3.10 */
	const char *default_is; /* in words, with the release that changed it */
	/* A key that holds in place of this one where it is not 0, and that a write of this
	 * one sets to 0 ("vm.dirty_bytes"); NULL: none. */
	const char *instead;
	const char *shown_by; /* what `use` looks at, in words */
	/* 0 or -ENOMEM. NULL: there is no way to tell. Needs HOST_TUNABLES. */
	int (*use)(const struct host *h, struct tunable_use *out);
	/* A security switch: what going from FROM (UINT64_MAX: none, or not known) to TO
	 * opens, in words (static); NULL: it opens nothing. NULL in a row: no switch. */
	const char *(*opens)(uint64_t from, uint64_t to);
	/* Of a switch whose larger values are the tighter ones: the tightest that opens
	 * anything, which --accept without a value allows. 0: it is not of that kind. */
	uint64_t narrowest;
};

/* A row each; another key is no tunable of ours. The first ones are what checks and gates
 * look at: HOST_SYSCTL reads these, HOST_TUNABLES all. */
#define TUNABLES_CHECKED(X)                                                              \
	X(AIO_MAX_NR)                                                                    \
	X(SWAPPINESS)                                                                    \
	X(SOMAXCONN)                                                                     \
	X(FILE_MAX)                                                                      \
	X(IO_URING_DISABLED)                                                             \
	X(IO_URING_GROUP)                                                                \
	X(PANIC)

#define TUNABLES_MORE(X)                                                                 \
	X(NR_OPEN)                                                                       \
	X(EPOLL_WATCHES)                                                                 \
	X(INOTIFY_WATCHES)                                                               \
	X(INOTIFY_INSTANCES)                                                             \
	X(PID_MAX)                                                                       \
	X(THREADS_MAX)                                                                   \
	X(PANIC_ON_OOPS)                                                                 \
	X(SOFTLOCKUP_PANIC)                                                              \
	X(HUNG_TASK_PANIC)                                                               \
	X(HUNG_TASK_TIMEOUT)                                                             \
	X(NUMA_BALANCING)                                                                \
	X(SCHED_AUTOGROUP)                                                               \
	X(TIMER_MIGRATION)                                                               \
	X(NETDEV_MAX_BACKLOG)                                                            \
	X(NETDEV_BUDGET)                                                                 \
	X(RMEM_MAX)                                                                      \
	X(WMEM_MAX)                                                                      \
	X(RMEM_DEFAULT)                                                                  \
	X(WMEM_DEFAULT)                                                                  \
	X(OPTMEM_MAX)                                                                    \
	X(BUSY_READ)                                                                     \
	X(BUSY_POLL)                                                                     \
	X(IP_LOCAL_PORT_RANGE)                                                           \
	X(TCP_RMEM)                                                                      \
	X(TCP_WMEM)                                                                      \
	X(TCP_MEM)                                                                       \
	X(TCP_MAX_SYN_BACKLOG)                                                           \
	X(TCP_SYNCOOKIES)                                                                \
	X(TCP_MAX_TW_BUCKETS)                                                            \
	X(TCP_TW_REUSE)                                                                  \
	X(TCP_FIN_TIMEOUT)                                                               \
	X(TCP_KEEPALIVE_TIME)                                                            \
	X(TCP_KEEPALIVE_INTVL)                                                           \
	X(TCP_KEEPALIVE_PROBES)                                                          \
	X(TCP_SLOW_START_AFTER_IDLE)                                                     \
	X(TCP_NOTSENT_LOWAT)                                                             \
	X(TCP_FASTOPEN)                                                                  \
	X(TCP_WINDOW_SCALING)                                                            \
	X(TCP_TIMESTAMPS)                                                                \
	X(DIRTY_RATIO)                                                                   \
	X(DIRTY_BACKGROUND_RATIO)                                                        \
	X(DIRTY_EXPIRE)                                                                  \
	X(DIRTY_WRITEBACK)                                                               \
	X(MAX_MAP_COUNT)                                                                 \
	X(MIN_FREE_KBYTES)                                                               \
	X(VFS_CACHE_PRESSURE)                                                            \
	X(OVERCOMMIT_MEMORY)                                                             \
	X(OVERCOMMIT_RATIO)                                                              \
	X(STAT_INTERVAL)                                                                 \
	X(ZONE_RECLAIM_MODE)

#define TUNABLES(X) TUNABLES_CHECKED(X) TUNABLES_MORE(X)

#define X(name) TUNABLE_##name,
enum tunable_index { TUNABLES(X) TUNABLE_COUNT };
#undef X

enum { TUNABLE_CHECKED = TUNABLE_PANIC + 1 }; /* behind the last that HOST_SYSCTL reads */

extern const struct tunable tunables[TUNABLE_COUNT];

/* The row of KEY (dots or slashes); NULL: none. */
const struct tunable *tunable_find(const char *key);

/* TEXT ("10", "4096\t131072 6291456") as a value of T. -EINVAL: not that many numbers;
 * -ERANGE: out of the row's range, or one is smaller than the one before it (of all keys
 * that have several, these are a least, a middle and a greatest). */
int tunable_parse(const struct tunable *t, const char *text, struct tunable_value *out);
/* "4096 131072 6291456"; the caller's to free; NULL: no memory. */
char *tunable_text(const struct tunable_value *v);
bool tunable_value_eq(const struct tunable_value *a, const struct tunable_value *b);

#endif
