/* Rings of buffers that receives choose from. */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int register_ring(const struct uring_bufs *b, const struct uring *u,
			 uint16_t flags)
{
	struct uring_buf_reg reg;

	memset(&reg, 0, sizeof(reg));
	reg.ring_addr = (uint64_t)(uintptr_t)b->ring;
	reg.ring_entries = b->n;
	reg.bgid = b->group;
	reg.flags = flags;
	if (syscall(URING_NR_REGISTER, u->fd, URING_REGISTER_PBUF_RING, &reg, 1) < 0)
		return -errno;
	return 0;
}

static void *anonymous(size_t len)
{
	void *m = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return m == MAP_FAILED ? NULL : m;
}

static void release(struct uring_bufs *b)
{
	if (b->ring)
		munmap(b->ring, b->ring_len);
	if (b->memory)
		munmap(b->memory, b->memory_len);
	free(b->used);
	memset(b, 0, sizeof(*b));
}

int uring_bufs_init(struct uring_bufs *b, struct uring *u, uint16_t group, unsigned n,
		    unsigned size, bool incremental, struct err *e)
{
	unsigned i;
	int r = -ENOMEM;

	memset(b, 0, sizeof(*b));
	b->n = n;
	b->size = size;
	b->group = group;
	b->incremental = incremental;
	b->ring_len = n * sizeof(struct uring_buf);
	b->memory_len = (size_t)n * size;
	b->ring = anonymous(b->ring_len);
	b->memory = anonymous(b->memory_len);
	b->used = calloc(n, sizeof(*b->used));
	if (b->ring && b->memory && b->used) {
		r = register_ring(b, u, incremental ? URING_PBUF_INC : 0);
		if (r == -EINVAL && incremental) {
			b->incremental = false;
			r = register_ring(b, u, 0);
		}
	}
	if (r < 0) {
		release(b);
		return err_set(e, r, "io_uring: cannot register %u buffers: %s", n,
			       strerror(-r));
	}
	for (i = 0; i < n; i++)
		uring_bufs_give(b, i);
	uring_bufs_publish(b);
	return 0;
}

void uring_bufs_clear(struct uring_bufs *b, struct uring *u)
{
	struct uring_buf_reg reg;

	if (!b->ring)
		return;
	memset(&reg, 0, sizeof(reg));
	reg.bgid = b->group;
	syscall(URING_NR_REGISTER, u->fd, URING_UNREGISTER_PBUF_RING, &reg, 1);
	release(b);
}

char *uring_bufs_take(struct uring_bufs *b, const struct uring_cqe *cqe, unsigned *bid,
		      bool *more)
{
	char *at;

	*bid = cqe->flags >> URING_CQE_BUFFER_SHIFT;
	*more = b->incremental && (cqe->flags & URING_CQE_BUF_MORE);
	at = b->memory + (size_t)*bid * b->size + b->used[*bid];
	if (b->incremental && cqe->res > 0)
		b->used[*bid] += (uint32_t)cqe->res;
	return at;
}

void uring_bufs_give(struct uring_bufs *b, unsigned bid)
{
	struct uring_buf *entry = &b->ring[b->tail++ & (b->n - 1)];

	/* Not as a whole: the resv of entry 0 is the tail the kernel reads. The length too,
	 * for the kernel edits it while it fills an incremental buffer. */
	entry->addr = (uint64_t)(uintptr_t)(b->memory + (size_t)bid * b->size);
	entry->len = b->size;
	entry->bid = (uint16_t)bid;
	b->used[bid] = 0;
}

void uring_bufs_publish(struct uring_bufs *b)
{
	__atomic_store_n(&b->ring[0].resv, b->tail, __ATOMIC_RELEASE);
}
