/* What every kernel from 5.1 to 7.1 calls the things of io_uring, and the mainline release
 * each came in (include/uapi/linux/io_uring.h of each release; stable and vendor kernels
 * have some of it earlier: ask, never infer). */
#include "uring/names.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

static const struct uring_name names[] = {
	{ URING_OPS, 0, "nop", "5.1", "nothing: measures the ring itself" },
	{ URING_OPS, 1, "readv", "5.1", "preadv into several buffers" },
	{ URING_OPS, 2, "writev", "5.1", "pwritev from several buffers" },
	{ URING_OPS, 3, "fsync", "5.1", "flush a file to disk" },
	{ URING_OPS, 4, "read_fixed", "5.1", "read into a registered buffer" },
	{ URING_OPS, 5, "write_fixed", "5.1", "write from a registered buffer" },
	{ URING_OPS, 6, "poll_add", "5.1", "wait until a descriptor is ready" },
	{ URING_OPS, 7, "poll_remove", "5.1", "end or change such a wait" },
	{ URING_OPS, 8, "sync_file_range", "5.2", "flush a part of a file" },
	{ URING_OPS, 9, "sendmsg", "5.3", "sendmsg" },
	{ URING_OPS, 10, "recvmsg", "5.3", "recvmsg" },
	{ URING_OPS, 11, "timeout", "5.4",
	  "complete after a time or a number of completions" },
	{ URING_OPS, 12, "timeout_remove", "5.5", "end or change a timeout" },
	{ URING_OPS, 13, "accept", "5.5", "accept a connection" },
	{ URING_OPS, 14, "async_cancel", "5.5", "cancel requests under way" },
	{ URING_OPS, 15, "link_timeout", "5.5", "time limit of the request before it" },
	{ URING_OPS, 16, "connect", "5.5", "connect a socket" },
	{ URING_OPS, 17, "fallocate", "5.6", "reserve or free space of a file" },
	{ URING_OPS, 18, "openat", "5.6", "open a file" },
	{ URING_OPS, 19, "close", "5.6", "close a descriptor" },
	{ URING_OPS, 20, "files_update", "5.6", "change registered files" },
	{ URING_OPS, 21, "statx", "5.6", "stat of a file" },
	{ URING_OPS, 22, "read", "5.6", "pread" },
	{ URING_OPS, 23, "write", "5.6", "pwrite" },
	{ URING_OPS, 24, "fadvise", "5.6", "advice on the use of a file" },
	{ URING_OPS, 25, "madvise", "5.6", "advice on the use of memory" },
	{ URING_OPS, 26, "send", "5.6", "send" },
	{ URING_OPS, 27, "recv", "5.6", "recv" },
	{ URING_OPS, 28, "openat2", "5.6", "open a file under rules" },
	{ URING_OPS, 29, "epoll_ctl", "5.6", "change an epoll set" },
	{ URING_OPS, 30, "splice", "5.7", "move bytes between pipe and file" },
	{ URING_OPS, 31, "provide_buffers", "5.7",
	  "give buffers to choose from (the old way)" },
	{ URING_OPS, 32, "remove_buffers", "5.7", "take such buffers back" },
	{ URING_OPS, 33, "tee", "5.8", "copy bytes between pipes" },
	{ URING_OPS, 34, "shutdown", "5.11", "shut a socket down" },
	{ URING_OPS, 35, "renameat", "5.11", "rename a file" },
	{ URING_OPS, 36, "unlinkat", "5.11", "remove a file" },
	{ URING_OPS, 37, "mkdirat", "5.15", "make a folder" },
	{ URING_OPS, 38, "symlinkat", "5.15", "make a symbolic link" },
	{ URING_OPS, 39, "linkat", "5.15", "make a hard link" },
	{ URING_OPS, 40, "msg_ring", "5.18", "post a completion to another ring" },
	{ URING_OPS, 41, "fsetxattr", "5.19", "set an attribute of an open file" },
	{ URING_OPS, 42, "setxattr", "5.19", "set an attribute of a file" },
	{ URING_OPS, 43, "fgetxattr", "5.19", "read an attribute of an open file" },
	{ URING_OPS, 44, "getxattr", "5.19", "read an attribute of a file" },
	{ URING_OPS, 45, "socket", "5.19", "make a socket" },
	{ URING_OPS, 46, "uring_cmd", "5.19",
	  "a command of a driver (NVMe passthrough, ublk, sockets)" },
	{ URING_OPS, 47, "send_zc", "6.0", "send without copying" },
	{ URING_OPS, 48, "sendmsg_zc", "6.1", "sendmsg without copying" },
	{ URING_OPS, 49, "read_multishot", "6.7",
	  "read again and again into chosen buffers" },
	{ URING_OPS, 50, "waitid", "6.7", "wait for a child" },
	{ URING_OPS, 51, "futex_wait", "6.7", "wait on a futex" },
	{ URING_OPS, 52, "futex_wake", "6.7", "wake waiters of a futex" },
	{ URING_OPS, 53, "futex_waitv", "6.7", "wait on several futexes" },
	{ URING_OPS, 54, "fixed_fd_install", "6.8",
	  "make a registered file a descriptor" },
	{ URING_OPS, 55, "ftruncate", "6.9", "set the length of a file" },
	{ URING_OPS, 56, "bind", "6.11", "bind a socket" },
	{ URING_OPS, 57, "listen", "6.11", "listen on a socket" },
	{ URING_OPS, 58, "recv_zc", "6.15",
	  "receive without copying (needs a NIC that can)" },
	{ URING_OPS, 59, "epoll_wait", "6.15", "wait for events of an epoll set" },
	{ URING_OPS, 60, "readv_fixed", "6.15",
	  "read into parts of a registered buffer" },
	{ URING_OPS, 61, "writev_fixed", "6.15",
	  "write from parts of a registered buffer" },
	{ URING_OPS, 62, "pipe", "6.16", "make a pipe" },
	{ URING_OPS, 63, "nop128", "6.19", "nothing, in a slot of 128 bytes" },
	{ URING_OPS, 64, "uring_cmd128", "6.19",
	  "a driver's command in a slot of 128 bytes" },
	{ URING_SETUP_FLAGS, 0, "iopoll", "5.1", "completions are polled for, for NVMe" },
	{ URING_SETUP_FLAGS, 1, "sqpoll", "5.1",
	  "a kernel thread submits: no system calls, a busy core" },
	{ URING_SETUP_FLAGS, 2, "sq_aff", "5.1", "that thread is bound to a CPU" },
	{ URING_SETUP_FLAGS, 3, "cqsize", "5.5", "the number of completions is chosen" },
	{ URING_SETUP_FLAGS, 4, "clamp", "5.6", "too large sizes are cut, not refused" },
	{ URING_SETUP_FLAGS, 5, "attach_wq", "5.6",
	  "workers are shared with another ring" },
	{ URING_SETUP_FLAGS, 6, "r_disabled", "5.10",
	  "a ring starts disabled, to be restricted first" },
	{ URING_SETUP_FLAGS, 7, "submit_all", "5.18",
	  "a bad request does not stop the rest" },
	{ URING_SETUP_FLAGS, 8, "coop_taskrun", "5.19",
	  "completions do not interrupt the program" },
	{ URING_SETUP_FLAGS, 9, "taskrun_flag", "5.19",
	  "a flag tells that completions wait" },
	{ URING_SETUP_FLAGS, 10, "sqe128", "5.19", "requests of 128 bytes" },
	{ URING_SETUP_FLAGS, 11, "cqe32", "5.19", "completions of 32 bytes" },
	{ URING_SETUP_FLAGS, 12, "single_issuer", "6.0",
	  "one thread submits: less locking" },
	{ URING_SETUP_FLAGS, 13, "defer_taskrun", "6.1",
	  "completions run only when asked for: the fastest for servers" },
	{ URING_SETUP_FLAGS, 14, "no_mmap", "6.5",
	  "the ring lies in the program's own memory" },
	{ URING_SETUP_FLAGS, 15, "registered_fd_only", "6.5",
	  "a ring without a descriptor" },
	{ URING_SETUP_FLAGS, 16, "no_sqarray", "6.6", "no array of indices in between" },
	{ URING_SETUP_FLAGS, 17, "hybrid_iopoll", "6.13", "sleeps first, then polls" },
	{ URING_SETUP_FLAGS, 18, "cqe_mixed", "6.18",
	  "completions of both sizes in one ring" },
	{ URING_SETUP_FLAGS, 19, "sqe_mixed", "6.19",
	  "requests of both sizes in one ring" },
	{ URING_SETUP_FLAGS, 20, "sq_rewind", "7.0",
	  "the queue of requests starts over at each call" },
	{ URING_FEATURES, 0, "single_mmap", "5.4", "one mapping holds both rings" },
	{ URING_FEATURES, 1, "nodrop", "5.5", "completions beyond the ring are kept" },
	{ URING_FEATURES, 2, "submit_stable", "5.5",
	  "request data may go after submitting" },
	{ URING_FEATURES, 3, "rw_cur_pos", "5.6", "offset -1 is the file's position" },
	{ URING_FEATURES, 4, "cur_personality", "5.6", "requests run as who submits" },
	{ URING_FEATURES, 5, "fast_poll", "5.7",
	  "sockets wait without a thread each: what servers need" },
	{ URING_FEATURES, 6, "poll_32bits", "5.9", "all poll events (EPOLLEXCLUSIVE)" },
	{ URING_FEATURES, 7, "sqpoll_nonfixed", "5.11",
	  "SQPOLL takes files that are not registered" },
	{ URING_FEATURES, 8, "ext_arg", "5.11",
	  "waiting with a time limit in the call itself" },
	{ URING_FEATURES, 9, "native_workers", "5.12",
	  "workers are the program's own threads" },
	{ URING_FEATURES, 10, "rsrc_tags", "5.13",
	  "registered resources can be changed while used" },
	{ URING_FEATURES, 11, "cqe_skip", "5.17", "success may go without a completion" },
	{ URING_FEATURES, 12, "linked_file", "5.18",
	  "linked requests see files opened before them" },
	{ URING_FEATURES, 13, "reg_reg_ring", "6.3",
	  "register through a registered ring" },
	{ URING_FEATURES, 14, "recvsend_bundle", "6.10",
	  "many buffers in one send or receive" },
	{ URING_FEATURES, 15, "min_timeout", "6.12", "wait for many, but not for long" },
	{ URING_FEATURES, 16, "rw_attr", "6.14", "metadata with reads and writes" },
	{ URING_FEATURES, 17, "no_iowait", "6.15", "waiting need not count as iowait" },
	{ URING_REGISTER_OPS, 0, "buffers", "5.1", "memory for fixed reads and writes" },
	{ URING_REGISTER_OPS, 1, "unregister_buffers", "5.1", "give it back" },
	{ URING_REGISTER_OPS, 2, "files", "5.1", "files without reference counting" },
	{ URING_REGISTER_OPS, 3, "unregister_files", "5.1", "give them back" },
	{ URING_REGISTER_OPS, 4, "eventfd", "5.2", "an eventfd for completions" },
	{ URING_REGISTER_OPS, 5, "unregister_eventfd", "5.2", "take it away" },
	{ URING_REGISTER_OPS, 6, "files_update", "5.5", "change registered files" },
	{ URING_REGISTER_OPS, 7, "eventfd_async", "5.6",
	  "eventfd for completions of workers only" },
	{ URING_REGISTER_OPS, 8, "probe", "5.6", "which operations there are" },
	{ URING_REGISTER_OPS, 9, "personality", "5.6", "credentials to submit under" },
	{ URING_REGISTER_OPS, 10, "unregister_personality", "5.6", "forget them" },
	{ URING_REGISTER_OPS, 11, "restrictions", "5.10", "what a ring may do" },
	{ URING_REGISTER_OPS, 12, "enable_rings", "5.10",
	  "enable a ring that started disabled" },
	{ URING_REGISTER_OPS, 13, "files2", "5.13", "files with tags" },
	{ URING_REGISTER_OPS, 14, "files_update2", "5.13", "change those" },
	{ URING_REGISTER_OPS, 15, "buffers2", "5.13", "buffers with tags" },
	{ URING_REGISTER_OPS, 16, "buffers_update", "5.13", "change those" },
	{ URING_REGISTER_OPS, 17, "iowq_aff", "5.14", "CPUs of the workers" },
	{ URING_REGISTER_OPS, 18, "unregister_iowq_aff", "5.14", "any CPU again" },
	{ URING_REGISTER_OPS, 19, "iowq_max_workers", "5.15",
	  "how many workers at most" },
	{ URING_REGISTER_OPS, 20, "ring_fds", "5.18",
	  "a ring without descriptor look-ups" },
	{ URING_REGISTER_OPS, 21, "unregister_ring_fds", "5.18", "undo that" },
	{ URING_REGISTER_OPS, 22, "pbuf_ring", "5.19",
	  "a ring of buffers to receive into" },
	{ URING_REGISTER_OPS, 23, "unregister_pbuf_ring", "5.19", "take it away" },
	{ URING_REGISTER_OPS, 24, "sync_cancel", "6.0", "cancel and wait for it" },
	{ URING_REGISTER_OPS, 25, "file_alloc_range", "6.0",
	  "slots that direct descriptors come from" },
	{ URING_REGISTER_OPS, 26, "pbuf_status", "6.8",
	  "how far a ring of buffers is used" },
	{ URING_REGISTER_OPS, 27, "napi", "6.9", "busy polling of the network" },
	{ URING_REGISTER_OPS, 28, "unregister_napi", "6.9", "end that" },
	{ URING_REGISTER_OPS, 29, "clock", "6.12", "the clock of timeouts" },
	{ URING_REGISTER_OPS, 30, "clone_buffers", "6.12",
	  "share buffers of another ring" },
	{ URING_REGISTER_OPS, 31, "send_msg_ring", "6.13",
	  "message a ring without one of your own" },
	{ URING_REGISTER_OPS, 32, "zcrx_ifq", "6.15",
	  "a NIC queue to receive from without copying" },
	{ URING_REGISTER_OPS, 33, "resize_rings", "6.13", "other sizes while it runs" },
	{ URING_REGISTER_OPS, 34, "mem_region", "6.13", "memory for wait arguments" },
	{ URING_REGISTER_OPS, 35, "query", "6.18",
	  "what the kernel offers, without a ring" },
	{ URING_REGISTER_OPS, 36, "zcrx_ctrl", "6.19", "control of such a queue" },
	{ URING_REGISTER_OPS, 37, "bpf_filter", "7.0", "filter requests by BPF" },
	{ URING_ENTER_FLAGS, 0, "getevents", "5.1", "wait for completions" },
	{ URING_ENTER_FLAGS, 1, "sq_wakeup", "5.1", "wake the SQPOLL thread" },
	{ URING_ENTER_FLAGS, 2, "sq_wait", "5.10", "wait for room with SQPOLL" },
	{ URING_ENTER_FLAGS, 3, "ext_arg", "5.11", "a time limit with the call" },
	{ URING_ENTER_FLAGS, 4, "registered_ring", "5.18",
	  "the ring is a registered one" },
	{ URING_ENTER_FLAGS, 5, "abs_timer", "6.12", "the limit is a point in time" },
	{ URING_ENTER_FLAGS, 6, "ext_arg_reg", "6.13",
	  "wait arguments lie in registered memory" },
	{ URING_ENTER_FLAGS, 7, "no_iowait", "6.15", "waiting does not count as iowait" },
	{ URING_SQE_FLAGS, 0, "fixed_file", "5.1", "the file is a registered one" },
	{ URING_SQE_FLAGS, 1, "io_drain", "5.2", "after everything before it" },
	{ URING_SQE_FLAGS, 2, "io_link", "5.3", "the next one starts when this is done" },
	{ URING_SQE_FLAGS, 3, "io_hardlink", "5.5", "the same, also after a failure" },
	{ URING_SQE_FLAGS, 4, "async", "5.6", "straight to a worker" },
	{ URING_SQE_FLAGS, 5, "buffer_select", "5.7", "the kernel chooses the buffer" },
	{ URING_SQE_FLAGS, 6, "cqe_skip_success", "5.17", "no completion on success" },
	{ URING_OP_FLAGS, URING_OPF_MULTISHOT_ACCEPT, "multishot_accept", "5.19",
	  "one request accepts connection after connection" },
	{ URING_OP_FLAGS, URING_OPF_ACCEPT_DONTWAIT, "accept_dontwait", "6.10",
	  "accept only what is there" },
	{ URING_OP_FLAGS, URING_OPF_ACCEPT_POLL_FIRST, "accept_poll_first", "6.10",
	  "accept waits before it tries" },
	{ URING_OP_FLAGS, URING_OPF_POLL_FIRST, "poll_first", "5.19",
	  "recv and send wait before they try" },
	{ URING_OP_FLAGS, URING_OPF_MULTISHOT_RECV, "multishot_recv", "6.0",
	  "one request receives again and again" },
	{ URING_OP_FLAGS, URING_OPF_RECV_BUNDLE, "recv_bundle", "6.10",
	  "one receive fills several buffers" },
	{ URING_OP_FLAGS, URING_OPF_SEND_BUNDLE, "send_bundle", "6.10",
	  "one send takes several buffers" },
	{ URING_OP_FLAGS, URING_OPF_SEND_VECTORIZED, "send_vectorized", "6.17",
	  "send takes a list of buffers" },
	{ URING_OP_FLAGS, URING_OPF_SEND_ZC_FIXED_BUF, "send_zc_fixed_buf", "6.0",
	  "send_zc from a registered buffer" },
	{ URING_OP_FLAGS, URING_OPF_SEND_ZC_REPORT_USAGE, "send_zc_report_usage", "6.2",
	  "send_zc tells whether it copied" },
	{ URING_OP_FLAGS, URING_OPF_MULTISHOT_POLL, "multishot_poll", "5.13",
	  "one poll reports again and again" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_ALL, "cancel_all", "5.19",
	  "cancel all that match" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_FD, "cancel_fd", "5.19",
	  "cancel by descriptor" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_ANY, "cancel_any", "5.19",
	  "cancel everything" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_FD_FIXED, "cancel_fd_fixed", "6.0",
	  "cancel by registered file" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_USERDATA, "cancel_userdata", "6.6",
	  "cancel by user_data, said expressly" },
	{ URING_OP_FLAGS, URING_OPF_CANCEL_OP, "cancel_op", "6.6",
	  "cancel by operation" },
	{ URING_OP_FLAGS, URING_OPF_TIMEOUT_ABS, "timeout_abs", "5.5",
	  "timeout at a point in time" },
	{ URING_OP_FLAGS, URING_OPF_TIMEOUT_BOOTTIME, "timeout_boottime", "5.15",
	  "timeout that counts sleep" },
	{ URING_OP_FLAGS, URING_OPF_TIMEOUT_REALTIME, "timeout_realtime", "5.15",
	  "timeout on the wall clock" },
	{ URING_OP_FLAGS, URING_OPF_TIMEOUT_ETIME_SUCCESS, "timeout_etime_success",
	  "5.16", "an expired timeout breaks no chain" },
	{ URING_OP_FLAGS, URING_OPF_MULTISHOT_TIMEOUT, "multishot_timeout", "6.4",
	  "one timeout fires again and again" },
	{ URING_OP_FLAGS, URING_OPF_NOP_INJECT_RESULT, "nop_inject_result", "6.10",
	  "nop returns what it is told" },
	{ URING_OP_FLAGS, URING_OPF_PBUF_RING_MMAP, "pbuf_ring_mmap", "6.4",
	  "the kernel makes the memory of a ring of buffers" },
	{ URING_OP_FLAGS, URING_OPF_PBUF_RING_INC, "pbuf_ring_inc", "6.12",
	  "buffers are used piece by piece" },
};

/* The word of --require, the key in JSON, the title of a table. */
static const struct {
	const char *word, *key, *title;
} kinds[URING_KINDS] = {
	[URING_OPS] = { "op", "opcodes", "Operations" },
	[URING_SETUP_FLAGS] = { "setup", "setup_flags", "Setup flags" },
	[URING_FEATURES] = { "feat", "features", "Features" },
	[URING_REGISTER_OPS] = { "register", "register_ops", "Register operations" },
	[URING_ENTER_FLAGS] = { "enter", "enter_flags", "Enter flags" },
	[URING_SQE_FLAGS] = { "sqe", "sqe_flags", "Request flags" },
	[URING_OP_FLAGS] = { "flag", "op_flags", "Flags of single operations" },
};

struct uring_names uring_names_all(void)
{
	return (struct uring_names){ names, ARRAY_SIZE(names) };
}

const struct uring_name *uring_name(enum uring_kind kind, unsigned number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].kind == kind && names[i].number == number)
			return &names[i];
	return NULL;
}

const struct uring_name *uring_name_find(enum uring_kind kind, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].kind == kind && strcmp(names[i].name, name) == 0)
			return &names[i];
	return NULL;
}

const char *uring_kind_word(enum uring_kind kind)
{
	return kinds[kind].word;
}

const char *uring_kind_key(enum uring_kind kind)
{
	return kinds[kind].key;
}

const char *uring_kind_title(enum uring_kind kind)
{
	return kinds[kind].title;
}

unsigned uring_since(const char *release)
{
	unsigned major, minor;
	char rest;

	if (sscanf(release, "%u.%u%c", &major, &minor, &rest) != 2 || major > 999 ||
	    minor > 999)
		return 0;
	return major * 1000 + minor;
}
