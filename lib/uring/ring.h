/* ring: one io_uring, for one thread: made, fed and reaped by the thread that made it. */
#ifndef URING_RING_H
#define URING_RING_H

#include "abi.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uring {
	int fd;
	uint32_t setup_flags; /* those it was made with */
	uint32_t features;
	uint64_t calls; /* system calls made for it so far */

	/* The rest is ring.c's. */
	int enter_fd;
	uint32_t enter_flags;
	char *rings[2];
	size_t ring_len[2];
	struct uring_sqe *sqes;
	size_t sqes_len;
	uint32_t *sq_head, *sq_tail, *sq_flags, sq_entries, sq_next;
	uint32_t *cq_head, *cq_tail, cq_mask, cq_next;
	const struct uring_cqe *cqes;
};

#define URING_INIT                                                                       \
	{                                                                                \
		.fd = -1                                                                 \
	}

/* The fastest way to be served that this kernel knows; for the FLAGS of uring_init. */
#define URING_FAST                                                                       \
	(URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN |                         \
	 URING_SETUP_COOP_TASKRUN | URING_SETUP_NO_SQARRAY | URING_SETUP_SUBMIT_ALL)

/* A ring of ENTRIES requests and CQ_ENTRIES completions (0: twice ENTRIES). Of FLAGS the
 * newest are dropped until the kernel takes the rest. U holds nothing on failure. */
int uring_init(struct uring *u, unsigned entries, unsigned cq_entries, uint32_t flags,
	       struct err *e);
/* Requests still under way are cancelled by the kernel, some time later: what they use
 * must be waited for before. */
void uring_clear(struct uring *u);

/* A zeroed request to fill in; submits what is queued when there is no room. NULL when
 * that failed (errno says why). */
struct uring_sqe *uring_sqe(struct uring *u);

/* Hand over everything queued and wait until WANT completions are there, or for
 * TIMEOUT_NS (< 0: no limit). 0, also when the time was over or a signal came: the
 * completions say what happened. */
int uring_submit(struct uring *u, unsigned want, int64_t timeout_ns);

/* The next completion, copied; false when there is none (those that did not fit into the
 * ring are fetched first). */
bool uring_next(struct uring *u, struct uring_cqe *out);

static inline void cleanup_uring(struct uring *u)
{
	uring_clear(u);
}

/* A ring of equal buffers that receives choose from. */
struct uring_bufs {
	unsigned n, size; /* n is a power of two */
	bool incremental; /* the kernel fills a buffer piece by piece (6.12) */
	uint16_t group;

	struct uring_buf *ring;
	char *memory;
	size_t ring_len, memory_len;
	uint32_t *used; /* incremental: bytes of each buffer that were handed out */
	uint16_t tail;
};

/* All buffers are the kernel's to fill afterwards. INCREMENTAL is asked for, and dropped
 * when the kernel does not know it. -EINVAL: the kernel knows no rings of buffers. */
int uring_bufs_init(struct uring_bufs *b, struct uring *u, uint16_t group, unsigned n,
		    unsigned size, bool incremental, struct err *e);
/* Only when no request can use them any more. */
void uring_bufs_clear(struct uring_bufs *b, struct uring *u);
/* Where the CQE's bytes are. CQE has URING_CQE_BUFFER set. *MORE: the kernel keeps the
 * buffer (BUF_MORE), else it is the caller's until uring_bufs_give. */
char *uring_bufs_take(struct uring_bufs *b, const struct uring_cqe *cqe, unsigned *bid,
		      bool *more);
/* Give a buffer back; seen by the kernel after uring_bufs_publish. */
void uring_bufs_give(struct uring_bufs *b, unsigned bid);
void uring_bufs_publish(struct uring_bufs *b);

#endif
