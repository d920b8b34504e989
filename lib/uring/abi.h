/* abi: the kernel's io_uring interface in our own words, for EL7 has no header of it.
 *
 * Layouts and values are the kernel's user interface (Linux 5.1 to 6.18); each constant
 * says in which release it came. */
#ifndef URING_ABI_H
#define URING_ABI_H

#include <stddef.h>
#include <stdint.h>

/* System calls; the same on every port of Linux but alpha. */
#define URING_NR_SETUP 425
#define URING_NR_ENTER 426
#define URING_NR_REGISTER 427

enum uring_op {
	URING_OP_NOP = 0,	    /* 5.1 */
	URING_OP_POLL_ADD = 6,	    /* 5.1 */
	URING_OP_SENDMSG = 9,	    /* 5.3 */
	URING_OP_RECVMSG = 10,	    /* 5.3 */
	URING_OP_TIMEOUT = 11,	    /* 5.4 */
	URING_OP_ACCEPT = 13,	    /* 5.5 */
	URING_OP_ASYNC_CANCEL = 14, /* 5.5 */
	URING_OP_CONNECT = 16,	    /* 5.5 */
	URING_OP_READ = 22,	    /* 5.6 */
	URING_OP_WRITE = 23,	    /* 5.6 */
	URING_OP_SEND = 26,	    /* 5.6 */
	URING_OP_RECV = 27,	    /* 5.6 */
	URING_OP_SEND_ZC = 47,	    /* 6.0 */
};

enum uring_setup_flag {
	URING_SETUP_IOPOLL = 1u << 0,		   /* 5.1 */
	URING_SETUP_SQPOLL = 1u << 1,		   /* 5.1 */
	URING_SETUP_SQ_AFF = 1u << 2,		   /* 5.1, with SQPOLL */
	URING_SETUP_CQSIZE = 1u << 3,		   /* 5.5 */
	URING_SETUP_CLAMP = 1u << 4,		   /* 5.6 */
	URING_SETUP_ATTACH_WQ = 1u << 5,	   /* 5.6 */
	URING_SETUP_SUBMIT_ALL = 1u << 7,	   /* 5.18 */
	URING_SETUP_COOP_TASKRUN = 1u << 8,	   /* 5.19 */
	URING_SETUP_TASKRUN_FLAG = 1u << 9,	   /* 5.19, with COOP or DEFER */
	URING_SETUP_CQE32 = 1u << 11,		   /* 5.19 */
	URING_SETUP_SINGLE_ISSUER = 1u << 12,	   /* 6.0 */
	URING_SETUP_DEFER_TASKRUN = 1u << 13,	   /* 6.1, with SINGLE_ISSUER */
	URING_SETUP_NO_MMAP = 1u << 14,		   /* 6.5 */
	URING_SETUP_REGISTERED_FD_ONLY = 1u << 15, /* 6.5, with NO_MMAP */
	URING_SETUP_NO_SQARRAY = 1u << 16,	   /* 6.6 */
	URING_SETUP_HYBRID_IOPOLL = 1u << 17,	   /* 6.13, with IOPOLL */
	URING_SETUP_SQ_REWIND = 1u << 20,	   /* 7.0, with NO_SQARRAY */
};

enum uring_feature {
	URING_FEAT_SINGLE_MMAP = 1u << 0, /* 5.4 */
	URING_FEAT_NODROP = 1u << 1,	  /* 5.5 */
	URING_FEAT_FAST_POLL = 1u << 5,	  /* 5.7 */
	URING_FEAT_EXT_ARG = 1u << 8,	  /* 5.11 */
};

enum uring_enter_flag {
	URING_ENTER_GETEVENTS = 1u << 0,       /* 5.1 */
	URING_ENTER_EXT_ARG = 1u << 3,	       /* 5.11 */
	URING_ENTER_REGISTERED_RING = 1u << 4, /* 5.18 */
};

enum uring_register_op {
	URING_REGISTER_PROBE = 8,	 /* 5.6 */
	URING_REGISTER_RING_FDS = 20,	 /* 5.18 */
	URING_UNREGISTER_RING_FDS = 21,	 /* 5.18 */
	URING_REGISTER_PBUF_RING = 22,	 /* 5.19 */
	URING_UNREGISTER_PBUF_RING = 23, /* 5.19 */
	URING_REGISTER_ZCRX_IFQ = 32,	 /* 6.15; a hole in 6.13 and 6.14 */
	URING_REGISTER_QUERY = 35,	 /* 6.18 */
};

#define URING_SQE_IO_LINK (1u << 2)	  /* sqe.flags, 5.3 */
#define URING_SQE_BUFFER_SELECT (1u << 5) /* sqe.flags, 5.7 */
#define URING_SQE_CQE_SKIP (1u << 6)	  /* sqe.flags, 5.17: no completion on success */

#define URING_ACCEPT_MULTISHOT (1u << 0)  /* sqe.ioprio, 5.19 */
#define URING_RECV_MULTISHOT (1u << 1)	  /* sqe.ioprio, 6.0 */
#define URING_NOP_INJECT_RESULT (1u << 0) /* sqe.op_flags, 6.10 */

#define URING_CQE_BUFFER (1u << 0)   /* 5.7: the buffer's number is in the high half */
#define URING_CQE_MORE (1u << 1)     /* 5.13: the request stays armed */
#define URING_CQE_BUF_MORE (1u << 4) /* 6.12: the buffer will be used again */
#define URING_CQE_BUFFER_SHIFT 16

#define URING_SQ_CQ_OVERFLOW (1u << 1) /* 5.8: completions wait outside the ring */

#define URING_PBUF_MMAP 1u /* buf_reg.flags, 6.4: the kernel makes the memory */
#define URING_PBUF_INC 2u  /* buf_reg.flags, 6.12: buffers are used piece by piece */

#define URING_OFF_SQ 0ULL
#define URING_OFF_CQ 0x8000000ULL
#define URING_OFF_SQES 0x10000000ULL

#define URING_PROBE_SUPPORTED 1u

struct uring_sqe {
	uint8_t opcode;
	uint8_t flags;
	uint16_t ioprio;
	int32_t fd;
	uint64_t off;
	uint64_t addr;
	uint32_t len;
	uint32_t op_flags; /* msg_flags, accept_flags, timeout_flags, ... */
	uint64_t user_data;
	uint16_t buf_group; /* or buf_index */
	uint16_t personality;
	int32_t file_index;
	uint64_t addr3;
	uint64_t pad;
};

struct uring_cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

struct uring_sq_offsets {
	uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv;
	uint64_t user_addr;
};

struct uring_cq_offsets {
	uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv;
	uint64_t user_addr;
};

struct uring_params {
	uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features;
	uint32_t wq_fd, resv[3];
	struct uring_sq_offsets sq_off;
	struct uring_cq_offsets cq_off;
};

/* Two 64-bit words also on 32-bit systems. */
struct uring_timespec {
	int64_t sec, nsec;
};

struct uring_getevents_arg {
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t min_wait_usec; /* 6.12; zero before */
	uint64_t ts;
};

struct uring_rsrc_update {
	uint32_t offset, resv;
	uint64_t data;
};

struct uring_probe_op {
	uint8_t op, resv;
	uint16_t flags;
	uint32_t resv2;
};

struct uring_probe {
	uint8_t last_op, ops_len;
	uint16_t resv;
	uint32_t resv2[3];
	struct uring_probe_op ops[256];
};

/* 6.18: one question of QUERY, and the answer to question 0. */
struct uring_query {
	uint64_t next, data;
	uint32_t op, size; /* of the answer */
	int32_t result;
	uint32_t resv[3];
};

struct uring_query_opcodes {
	uint32_t n_ops, n_register_ops;
	uint64_t features, setup_flags, enter_flags, sqe_flags;
	uint32_t n_queries, pad;
};

/* The tail of a ring of buffers is the resv of its first entry. */
struct uring_buf {
	uint64_t addr;
	uint32_t len;
	uint16_t bid, resv;
};

struct uring_buf_reg {
	uint64_t ring_addr;
	uint32_t ring_entries;
	uint16_t bgid, flags;
	uint64_t resv[3];
};

_Static_assert(sizeof(struct uring_sqe) == 64, "sqe");
_Static_assert(offsetof(struct uring_sqe, off) == 8, "sqe.off");
_Static_assert(offsetof(struct uring_sqe, addr) == 16, "sqe.addr");
_Static_assert(offsetof(struct uring_sqe, len) == 24, "sqe.len");
_Static_assert(offsetof(struct uring_sqe, op_flags) == 28, "sqe.op_flags");
_Static_assert(offsetof(struct uring_sqe, user_data) == 32, "sqe.user_data");
_Static_assert(offsetof(struct uring_sqe, buf_group) == 40, "sqe.buf_group");
_Static_assert(offsetof(struct uring_sqe, file_index) == 44, "sqe.file_index");
_Static_assert(offsetof(struct uring_sqe, addr3) == 48, "sqe.addr3");
_Static_assert(sizeof(struct uring_cqe) == 16, "cqe");
_Static_assert(offsetof(struct uring_cqe, res) == 8, "cqe.res");
_Static_assert(sizeof(struct uring_sq_offsets) == 40, "sq_off");
_Static_assert(sizeof(struct uring_cq_offsets) == 40, "cq_off");
_Static_assert(offsetof(struct uring_sq_offsets, array) == 24, "sq_off.array");
_Static_assert(offsetof(struct uring_cq_offsets, cqes) == 20, "cq_off.cqes");
_Static_assert(sizeof(struct uring_params) == 120, "params");
_Static_assert(offsetof(struct uring_params, features) == 20, "params.features");
_Static_assert(offsetof(struct uring_params, sq_off) == 40, "params.sq_off");
_Static_assert(offsetof(struct uring_params, cq_off) == 80, "params.cq_off");
_Static_assert(sizeof(struct uring_timespec) == 16, "timespec");
_Static_assert(sizeof(struct uring_getevents_arg) == 24, "getevents_arg");
_Static_assert(offsetof(struct uring_getevents_arg, ts) == 16, "getevents_arg.ts");
_Static_assert(sizeof(struct uring_rsrc_update) == 16, "rsrc_update");
_Static_assert(sizeof(struct uring_probe_op) == 8, "probe_op");
_Static_assert(sizeof(struct uring_probe) == 16 + 8 * 256, "probe");
_Static_assert(sizeof(struct uring_query) == 40, "query");
_Static_assert(offsetof(struct uring_query, result) == 24, "query.result");
_Static_assert(sizeof(struct uring_query_opcodes) == 48, "query_opcodes");
_Static_assert(offsetof(struct uring_query_opcodes, n_queries) == 40, "n_queries");
_Static_assert(sizeof(struct uring_buf) == 16, "buf");
_Static_assert(offsetof(struct uring_buf, resv) == 14, "buf.resv");
_Static_assert(sizeof(struct uring_buf_reg) == 40, "buf_reg");

#endif
