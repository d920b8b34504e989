/* names: what the numbers of io_uring are called, since when, and what for. */
#ifndef URING_NAMES_H
#define URING_NAMES_H

#include "uring/probe.h"

#include <stddef.h>

struct uring_name {
	enum uring_kind kind;
	unsigned number;
	const char *name;  /* the kernel's, in lower case, without its prefix */
	const char *since; /* the mainline release: "6.1" */
	const char *what;  /* a few words */
};

struct uring_names {
	const struct uring_name *v; /* kind after kind, numbers rising */
	size_t n;
};

struct uring_names uring_names_all(void);
/* NULL: newer than we are. */
const struct uring_name *uring_name(enum uring_kind kind, unsigned number);
const struct uring_name *uring_name_find(enum uring_kind kind, const char *name);

const char *uring_kind_word(enum uring_kind kind);  /* "op", "setup", "feat", ... */
const char *uring_kind_key(enum uring_kind kind);   /* "opcodes", "setup_flags", ... */
const char *uring_kind_title(enum uring_kind kind); /* "Operations", ... */

/* A release as a number that can be compared; 0: it is none ("6.1" is one, "6.1.2" not). */
unsigned uring_since(const char *release);

/* The numbers of URING_OP_FLAGS: ours, for ever (recordings hold them). */
enum uring_op_flag {
	URING_OPF_MULTISHOT_ACCEPT,
	URING_OPF_ACCEPT_DONTWAIT,
	URING_OPF_ACCEPT_POLL_FIRST,
	URING_OPF_POLL_FIRST,
	URING_OPF_MULTISHOT_RECV,
	URING_OPF_RECV_BUNDLE,
	URING_OPF_SEND_BUNDLE,
	URING_OPF_SEND_VECTORIZED,
	URING_OPF_SEND_ZC_FIXED_BUF,
	URING_OPF_SEND_ZC_REPORT_USAGE,
	URING_OPF_MULTISHOT_POLL,
	URING_OPF_CANCEL_ALL,
	URING_OPF_CANCEL_FD,
	URING_OPF_CANCEL_ANY,
	URING_OPF_CANCEL_FD_FIXED,
	URING_OPF_CANCEL_USERDATA,
	URING_OPF_CANCEL_OP,
	URING_OPF_TIMEOUT_ABS,
	URING_OPF_TIMEOUT_BOOTTIME,
	URING_OPF_TIMEOUT_REALTIME,
	URING_OPF_TIMEOUT_ETIME_SUCCESS,
	URING_OPF_MULTISHOT_TIMEOUT,
	URING_OPF_NOP_INJECT_RESULT,
	URING_OPF_PBUF_RING_MMAP,
	URING_OPF_PBUF_RING_INC,
};

#endif
