/* The table of tunables. What each does and its unit: Documentation/admin-guide/sysctl
 * ({fs,vm,kernel,net}.rst), Documentation/networking/ip-sysctl.rst of the kernel, and
 * epoll(7), inotify(7), tcp(7) where these are silent. Ranges: the extra1 and extra2 of the
 * kernel's own tables, asked of kernels from 5.10 to 7.0 by tests/vm/tunables.t. Left out:
 * keys that hold words; that the kernel rounds or that may come out lower than written
 * (fs.pipe-max-size, vm.nr_hugepages); whose default no write brings back
 * (vm.dirty_bytes); that exist only with a module (nf_conntrack) or with hardware that the
 * tests do not have (kernel.nmi_watchdog). */
#include "host/tunables.h"

#include "host/tunables_use.h"

#include <stddef.h>

#define NUMBERS(n, name, u, low, high)                                                   \
	.key = (name), .unit = (u), .fields = (n), .min = (low), .max = (high)
#define NUMBER(name, u, low, high) NUMBERS(1, name, u, low, high)
#define SWITCH(name) NUMBER(name, "", 0, 1)

/* Kept in jiffies, as an int: what every HZ up to 1000 takes. */
#define MAX_SECONDS (INT32_MAX / 1000)

const struct tunable tunables[TUNABLE_COUNT] = {
	/* Unsigned long to the kernel; it takes up to 2^64-1. */
	[TUNABLE_AIO_MAX_NR] = { NUMBER("fs.aio-max-nr", "requests", 0, INT64_MAX),
				 .kernel_takes_more = true,
				 .what = "limit on requests of libaio contexts, "
					 "host-wide; io_uring does not use it",
				 .default_is = "65536", .shown_by = "fs.aio-nr",
				 .use = aio_use },
	[TUNABLE_SWAPPINESS] = { NUMBER("vm.swappiness", "", 0, 200), .until = "5.8",
				 .max_before = 100,
				 .what = "cost of swapping against dropping file cache; "
					 "without a swap device it does nothing",
				 .default_is = "60",
				 .shown_by = "swap devices; pswpin and pswpout in "
					     "/proc/vmstat",
				 .use = swap_use },
	[TUNABLE_SOMAXCONN] = { NUMBER("net.core.somaxconn", "connections", 0, INT32_MAX),
				.what = "cap on the backlog given to listen(); read at "
					"listen: restart servers after a change",
				.default_is = "128 before 5.4, 4096 since",
				.shown_by = "ListenOverflows", .use = listen_use },
	[TUNABLE_FILE_MAX] = { NUMBER("fs.file-max", "files", 0, INT64_MAX),
			       .what = "limit on open files, host-wide; above it open "
				       "fails with ENFILE",
			       .default_is = "a tenth of memory in KiB; systemd 240 and "
					     "later sets the greatest",
			       .shown_by = "fs.file-nr", .use = file_use },
	[TUNABLE_IO_URING_DISABLED] = { NUMBER("kernel.io_uring_disabled", "", 0, 2),
					.since = "6.6",
					.what = "who may make rings: 0 all, 1 "
						"CAP_SYS_ADMIN and the group, 2 nobody",
					.default_is = "0; some vendors ship 1 or 2",
					.opens = disabled_opens, .narrowest = 1 },
	[TUNABLE_IO_URING_GROUP] = { NUMBER("kernel.io_uring_group", "group id", 0,
					    INT32_MAX),
				     .since = "6.6",
				     .what = "group that io_uring_disabled=1 leaves in",
				     .default_is = "-1: none", .opens = group_opens },
	/* Below 0 it reboots at once: not to be written here. */
	[TUNABLE_PANIC] = { NUMBER("kernel.panic", "seconds", 0, INT32_MAX),
			    .what = "from a panic to the reboot; 0: it stays dead; the "
				    "kernel's argument panic= holds before this is set",
			    .default_is = "0, or what the kernel was built with" },

	/* fs. Up to INT_MAX in whole words of bits. */
	[TUNABLE_NR_OPEN] = { NUMBER("fs.nr_open", "files", 64, INT32_MAX - 63),
			      .what = "greatest RLIMIT_NOFILE that may be set",
			      .default_is = "1048576" },
	[TUNABLE_EPOLL_WATCHES] = { NUMBER("fs.epoll.max_user_watches", "watches", 0,
					   INT64_MAX),
				    .what = "limit on descriptors in epoll sets, a user; "
					    "above it epoll_ctl fails with ENOSPC",
				    .default_is = "a 25th of low memory, at about 160 "
						  "bytes a watch" },
	[TUNABLE_INOTIFY_WATCHES] = { NUMBER("fs.inotify.max_user_watches", "watches", 0,
					     INT32_MAX),
				      .what = "limit on inotify watches, a user",
				      .default_is = "8192; from 5.11 on by memory, 8192 "
						    "to 1048576" },
	[TUNABLE_INOTIFY_INSTANCES] = { NUMBER("fs.inotify.max_user_instances",
					       "instances", 0, INT32_MAX),
					.what = "limit on inotify instances, a user; "
						"above it inotify_init fails with EMFILE",
					.default_is = "128" },

	/* kernel */
	[TUNABLE_PID_MAX] = { NUMBER("kernel.pid_max", "tasks", 301, 4194304),
			      .what = "process and thread ids stay below it",
			      .default_is = "32768, more with more than 32 CPUs; systemd "
					    "243 and later sets 4194304",
			      .shown_by = "tasks in /proc/loadavg", .use = pid_use },
	[TUNABLE_THREADS_MAX] = { NUMBER("kernel.threads-max", "threads", 1, 1073741823),
				  .what = "limit on threads, host-wide; from 4.1 to 5.3 "
					  "the kernel takes less where memory is small",
				  .default_is = "by memory: stacks in an eighth of it",
				  .shown_by = "tasks in /proc/loadavg",
				  .use = thread_use },
	[TUNABLE_PANIC_ON_OOPS] = { SWITCH("kernel.panic_on_oops"),
				    .kernel_takes_more = true,
				    .what = "1: an oops is a panic; 0: what is left "
					    "goes on",
				    .default_is = "0; 1 on EL" },
	/* More than 1: so many times that long (softlockup_panic), so many tasks at once. */
	[TUNABLE_SOFTLOCKUP_PANIC] = { NUMBER("kernel.softlockup_panic", "", 0,
					      INT32_MAX),
				       .until = "7.0", .max_before = 1,
				       .what = "1: a CPU that does not schedule for "
					       "twenty seconds is a panic; 0: a message",
				       .default_is = "0" },
	[TUNABLE_HUNG_TASK_PANIC] = { NUMBER("kernel.hung_task_panic", "", 0, INT32_MAX),
				      .until = "6.19", .max_before = 1,
				      .what = "1: a task that hangs for "
					      "hung_task_timeout_secs is a panic; 0: a "
					      "message",
				      .default_is = "0" },
	/* A long, in jiffies. */
	[TUNABLE_HUNG_TASK_TIMEOUT] = { NUMBER("kernel.hung_task_timeout_secs", "seconds",
					       0, INT32_MAX),
					.kernel_takes_more = true,
					.what = "how long a task may wait without being "
						"woken before it counts as hung; 0: for "
						"ever",
					.default_is = "120" },
	/* 2, memory tiering, is a bit. */
	[TUNABLE_NUMA_BALANCING] = { NUMBER("kernel.numa_balancing", "", 0, 3),
				     .kernel_takes_more = true, .until = "5.18",
				     .max_before = 1, .since = "3.13",
				     .what = "1: pages are moved to the node that uses "
					     "them, at the cost of page faults; 2: to "
					     "faster memory; 3: both",
				     .default_is = "1 with several NUMA nodes, else 0",
				     .shown_by = "the number of NUMA nodes",
				     .use = numa_use },
	[TUNABLE_SCHED_AUTOGROUP] = { SWITCH("kernel.sched_autogroup_enabled"),
				      .what = "1: each session has its own share of CPU "
					      "time, which hides nice between sessions",
				      .default_is = "1, or 0 as the kernel was built" },
	[TUNABLE_TIMER_MIGRATION] = { SWITCH("kernel.timer_migration"),
				      .what = "1: timers of an idle CPU may run on "
					      "another; 0: they stay where they were set",
				      .default_is = "1" },

	/* net.core. The kernel takes negative numbers for some; here none is written. */
	[TUNABLE_NETDEV_MAX_BACKLOG] = { NUMBER("net.core.netdev_max_backlog", "packets",
						0, INT32_MAX),
					 .what = "limit on packets a CPU has received "
						 "and "
						 "not yet worked off",
					 .default_is = "1000",
					 .shown_by = "dropped in /proc/net/softnet_stat",
					 .use = backlog_use },
	[TUNABLE_NETDEV_BUDGET] = { NUMBER("net.core.netdev_budget", "packets", 1,
					   INT32_MAX),
				    .kernel_takes_more = true,
				    .what = "packets worked off in one round of polling "
					    "network cards",
				    .default_is = "300",
				    .shown_by = "time_squeeze in /proc/net/softnet_stat",
				    .use = budget_use },
	/* SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF, on 64-bit machines. */
	[TUNABLE_RMEM_MAX] = { NUMBER("net.core.rmem_max", "bytes", 2304, INT32_MAX),
			       .what = "greatest SO_RCVBUF that a program may ask for",
			       .default_is = "212992; 4194304 from 6.18 on",
			       .shown_by = "RcvbufErrors of UDP",
			       .use = receive_buffer_use },
	[TUNABLE_WMEM_MAX] = { NUMBER("net.core.wmem_max", "bytes", 4608, INT32_MAX),
			       .what = "greatest SO_SNDBUF that a program may ask for",
			       .default_is = "212992; 4194304 from 6.18 on",
			       .shown_by = "SndbufErrors of UDP",
			       .use = send_buffer_use },
	[TUNABLE_RMEM_DEFAULT] = { NUMBER("net.core.rmem_default", "bytes", 2304,
					  INT32_MAX),
				   .what = "receive buffer of a socket that asks for "
					   "none "
					   "(UDP; TCP has tcp_rmem)",
				   .default_is = "212992",
				   .shown_by = "RcvbufErrors of UDP",
				   .use = receive_buffer_use },
	[TUNABLE_WMEM_DEFAULT] = { NUMBER("net.core.wmem_default", "bytes", 4608,
					  INT32_MAX),
				   .what = "send buffer of a socket that asks for none "
					   "(UDP; TCP has tcp_wmem)",
				   .default_is = "212992",
				   .shown_by = "SndbufErrors of UDP",
				   .use = send_buffer_use },
	[TUNABLE_OPTMEM_MAX] = { NUMBER("net.core.optmem_max", "bytes", 0, INT32_MAX),
				 .what = "limit on a socket's options and on what "
					 "zero-copy sends have outstanding",
				 .default_is = "20480; 131072 from 6.8 on" },
	[TUNABLE_BUSY_READ] = { NUMBER("net.core.busy_read", "microseconds", 0,
				       INT32_MAX),
				.since = "3.11",
				.what = "how long a read polls the network card before "
					"it sleeps; costs CPU",
				.default_is = "0: not" },
	[TUNABLE_BUSY_POLL] = { NUMBER("net.core.busy_poll", "microseconds", 0,
				       INT32_MAX),
				.since = "3.11",
				.what = "the same for poll and select, and epoll from "
					"4.12 on",
				.default_is = "0: not" },

	/* net.ipv4: for IPv6, too. Ports below ip_unprivileged_port_start, 1024, are refused. */
	[TUNABLE_IP_LOCAL_PORT_RANGE] = { NUMBERS(2, "net.ipv4.ip_local_port_range",
						  "port", 1024, 65535),
					  .what = "first and last port of outgoing "
						  "connections",
					  .default_is = "32768 60999 (61000 before 4.2)",
					  .shown_by = "sockets in TIME_WAIT",
					  .use = port_use },
	/* Some kernels take less than a page; others refuse it. */
	[TUNABLE_TCP_RMEM] = { NUMBERS(3, "net.ipv4.tcp_rmem", "bytes", 4096, INT32_MAX),
			       .kernel_takes_more = true,
			       .what = "receive buffer of a TCP socket: least, first, "
				       "greatest that it grows to by itself",
			       .default_is = "4096 131072 and by memory up to 6291456 "
					     "(87380 in the middle before 4.20)",
			       .shown_by = "PruneCalled", .use = receive_queue_use },
	[TUNABLE_TCP_WMEM] = { NUMBERS(3, "net.ipv4.tcp_wmem", "bytes", 4096, INT32_MAX),
			       .kernel_takes_more = true,
			       .what = "send buffer of a TCP socket: least, first, "
				       "greatest that it grows to by itself",
			       .default_is = "4096 16384 and by memory up to 4194304" },
	[TUNABLE_TCP_MEM] = { NUMBERS(3, "net.ipv4.tcp_mem", "pages", 0, INT64_MAX),
			      .kernel_takes_more = true,
			      .what = "memory of all TCP sockets: below the first no "
				      "care, above the second buffers shrink, none above "
				      "the third",
			      .default_is = "by memory", .shown_by = "TCPMemoryPressures",
			      .use = tcp_memory_use },
	[TUNABLE_TCP_MAX_SYN_BACKLOG] = { NUMBER("net.ipv4.tcp_max_syn_backlog",
						 "connections", 0, INT32_MAX),
					  .what = "limit on half-open connections of a "
						  "listening socket, besides its backlog",
					  .default_is = "by memory, 128 at least",
					  .shown_by = "TCPReqQFullDrop and "
						      "TCPReqQFullDoCookies",
					  .use = syn_use },
	[TUNABLE_TCP_SYNCOOKIES] = { NUMBER("net.ipv4.tcp_syncookies", "", 0, 2),
				     .kernel_takes_more = true,
				     .what = "1: connections are answered without state "
					     "where their queue is full; 2: always; 0: "
					     "never",
				     .default_is = "1", .opens = syncookies_opens },
	[TUNABLE_TCP_MAX_TW_BUCKETS] = { NUMBER("net.ipv4.tcp_max_tw_buckets", "sockets",
						0, INT32_MAX),
					 .what = "limit on sockets in TIME_WAIT; above "
						 "it they are closed at once",
					 .default_is = "by memory, up to 262144",
					 .shown_by = "TCPTimeWaitOverflow",
					 .use = time_wait_use },
	[TUNABLE_TCP_TW_REUSE] = { NUMBER("net.ipv4.tcp_tw_reuse", "", 0, 2),
				   .until = "4.19", .max_before = 1,
				   .what = "1: outgoing connections may take ports in "
					   "TIME_WAIT; 2: on loopback only",
				   .default_is = "0 before 4.19, 2 since",
				   .shown_by = "sockets in TIME_WAIT", .use = port_use },
	[TUNABLE_TCP_FIN_TIMEOUT] = { NUMBER("net.ipv4.tcp_fin_timeout", "seconds", 1,
					     MAX_SECONDS),
				      .kernel_takes_more = true,
				      .what = "how long a socket that its program has "
					      "closed waits for the other side's end",
				      .default_is = "60", .shown_by = "orphaned sockets",
				      .use = orphan_use },
	[TUNABLE_TCP_KEEPALIVE_TIME] = { NUMBER("net.ipv4.tcp_keepalive_time", "seconds",
						1, MAX_SECONDS),
					 .kernel_takes_more = true,
					 .what = "idle time before the first probe of "
						 "sockets with SO_KEEPALIVE",
					 .default_is = "7200" },
	[TUNABLE_TCP_KEEPALIVE_INTVL] = { NUMBER("net.ipv4.tcp_keepalive_intvl",
						 "seconds", 1, MAX_SECONDS),
					  .kernel_takes_more = true,
					  .what = "time between these probes",
					  .default_is = "75" },
	/* A byte to the kernel; a socket takes 127 at most. */
	[TUNABLE_TCP_KEEPALIVE_PROBES] = { NUMBER("net.ipv4.tcp_keepalive_probes",
						  "probes", 1, 127),
					   .kernel_takes_more = true,
					   .what = "unanswered probes after which a "
						   "connection is given up",
					   .default_is = "9" },
	[TUNABLE_TCP_SLOW_START_AFTER_IDLE] = { SWITCH("net.ipv4.tcp_slow_start_after_"
						       "idle"),
						.kernel_takes_more = true,
						.what = "1: a connection that was idle "
							"sends slowly first",
						.default_is = "1" },
	[TUNABLE_TCP_NOTSENT_LOWAT] = { NUMBER("net.ipv4.tcp_notsent_lowat", "bytes", 0,
					       UINT32_MAX),
					.since = "3.12",
					.what = "unsent bytes below which a socket is "
						"writable again",
					.default_is = "4294967295: no limit of its own" },
	/* Bits: 1 client, 2 server, 4 and 0x200 without a cookie, 0x400 every listener. */
	[TUNABLE_TCP_FASTOPEN] = { NUMBER("net.ipv4.tcp_fastopen", "", 0, 0x607),
				   .kernel_takes_more = true,
				   .what = "data in the first packet: 1 for clients, 2 "
					   "for servers, 3 both",
				   .default_is = "1 (0 before 3.13)" },
	[TUNABLE_TCP_WINDOW_SCALING] = { SWITCH("net.ipv4.tcp_window_scaling"),
					 .kernel_takes_more = true,
					 .what = "1: windows above 64 KiB",
					 .default_is = "1" },
	[TUNABLE_TCP_TIMESTAMPS] = { NUMBER("net.ipv4.tcp_timestamps", "", 0, 2),
				     .kernel_takes_more = true,
				     .what = "1: timestamps with a random offset; 2: "
					     "without; 0: none, and tcp_tw_reuse does "
					     "nothing",
				     .default_is = "1" },

	/* vm */
	[TUNABLE_DIRTY_RATIO] = { NUMBER("vm.dirty_ratio", "percent", 0, 100),
				  .instead = "vm.dirty_bytes",
				  .what = "dirty share of available memory at which "
					  "writers have to wait; refused while "
					  "vm.dirty_bytes holds instead",
				  .default_is = "20",
				  .shown_by = "dirty pages now (not a proof)",
				  .use = dirty_use },
	[TUNABLE_DIRTY_BACKGROUND_RATIO] = { NUMBER("vm.dirty_background_ratio",
						    "percent", 0, 100),
					     .instead = "vm.dirty_background_bytes",
					     .what = "dirty share of available memory at "
						     "which writing back begins; refused "
						     "while vm.dirty_background_bytes "
						     "holds instead",
					     .default_is = "10",
					     .shown_by = "dirty pages now (not a proof)",
					     .use = dirty_background_use },
	[TUNABLE_DIRTY_EXPIRE] = { NUMBER("vm.dirty_expire_centisecs",
					  "hundredths of a second", 0, INT32_MAX),
				   .what = "age at which dirty pages are written back",
				   .default_is = "3000" },
	[TUNABLE_DIRTY_WRITEBACK] = { NUMBER("vm.dirty_writeback_centisecs",
					     "hundredths of a second", 0, INT32_MAX),
				      .what = "time between looks for such pages; 0: "
					      "none",
				      .default_is = "500" },
	[TUNABLE_MAX_MAP_COUNT] = { NUMBER("vm.max_map_count", "mappings", 0, INT32_MAX),
				    .what = "limit on a process's mappings; above it "
					    "mmap fails with ENOMEM",
				    .default_is = "65530" },
	[TUNABLE_MIN_FREE_KBYTES] = { NUMBER("vm.min_free_kbytes", "KiB", 0, INT32_MAX),
				      .what = "memory kept free; too much of it stops "
					      "the host",
				      .default_is = "by memory",
				      .shown_by = "allocstall in /proc/vmstat",
				      .use = stall_use },
	[TUNABLE_VFS_CACHE_PRESSURE] = { NUMBER("vm.vfs_cache_pressure", "percent", 0,
						INT32_MAX),
					 .what = "how readily names and inodes are "
						 "dropped, against other cache",
					 .default_is = "100" },
	[TUNABLE_OVERCOMMIT_MEMORY] = { NUMBER("vm.overcommit_memory", "", 0, 2),
					.what = "memory promised beyond what there is: 0 "
						"within reason, 1 always, 2 up to a "
						"limit",
					.default_is = "0" },
	[TUNABLE_OVERCOMMIT_RATIO] = { NUMBER("vm.overcommit_ratio", "percent", 0,
					      INT32_MAX),
				       .instead = "vm.overcommit_kbytes",
				       .what = "share of memory in that limit, swap "
					       "comes on top; refused while "
					       "vm.overcommit_kbytes holds instead",
				       .default_is = "50",
				       .shown_by = "vm.overcommit_memory; Committed_AS",
				       .use = commit_use },
	[TUNABLE_STAT_INTERVAL] = { NUMBER("vm.stat_interval", "seconds", 1, MAX_SECONDS),
				    .kernel_takes_more = true,
				    .what = "time between updates of vm statistics",
				    .default_is = "1" },
	/* Bits: 1 on, 2 by writing dirty pages, 4 by swapping. */
	[TUNABLE_ZONE_RECLAIM_MODE] = { NUMBER("vm.zone_reclaim_mode", "", 0, 7),
					.kernel_takes_more = true,
					.what = "1: a full NUMA node frees its own "
						"memory before it takes another's; 2 "
						"and 4 add writing and swapping",
					.default_is = "0",
					.shown_by = "the number of NUMA nodes",
					.use = reclaim_use },
};
