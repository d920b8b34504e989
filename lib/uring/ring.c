#include "ring.h"

#include "base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Flags a kernel may not know, newest first; SINGLE_ISSUER goes with DEFER_TASKRUN, which
 * needs it. */
static const uint32_t newest_first[] = {
	URING_SETUP_NO_SQARRAY,	   /* 6.6 */
	URING_SETUP_DEFER_TASKRUN, /* 6.1 */
	URING_SETUP_SINGLE_ISSUER, /* 6.0 */
	URING_SETUP_COOP_TASKRUN,  /* 5.19 */
	URING_SETUP_SUBMIT_ALL,	   /* 5.18 */
	URING_SETUP_CLAMP,	   /* 5.6 */
	URING_SETUP_CQSIZE,	   /* 5.5 */
};

static int setup(struct uring_params *p, unsigned entries, unsigned cq_entries,
		 uint32_t flags)
{
	size_t next = 0;

	if (cq_entries)
		flags |= URING_SETUP_CQSIZE;
	for (;;) {
		int fd;

		memset(p, 0, sizeof(*p));
		p->flags = flags;
		p->cq_entries = flags & URING_SETUP_CQSIZE ? cq_entries : 0;
		fd = (int)syscall(URING_NR_SETUP, entries, p);
		if (fd >= 0)
			return fd;
		while (next < ARRAY_SIZE(newest_first) && !(flags & newest_first[next]))
			next++;
		if (errno != EINVAL || next == ARRAY_SIZE(newest_first))
			return -errno;
		flags &= ~newest_first[next];
	}
}

static void *map(int fd, size_t len, uint64_t offset)
{
	void *m = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		       (off_t)offset);

	return m == MAP_FAILED ? NULL : m;
}

static uint32_t *at(char *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring + offset);
}

static int map_rings(struct uring *u, const struct uring_params *p)
{
	char *cq;
	uint32_t i;

	u->ring_len[0] = p->sq_off.array + sizeof(uint32_t) * p->sq_entries;
	u->ring_len[1] = p->cq_off.cqes + sizeof(struct uring_cqe) * p->cq_entries;
	if (p->features & URING_FEAT_SINGLE_MMAP) {
		if (u->ring_len[1] > u->ring_len[0])
			u->ring_len[0] = u->ring_len[1];
	} else {
		u->rings[1] = map(u->fd, u->ring_len[1], URING_OFF_CQ);
		if (!u->rings[1])
			return -errno;
	}
	u->rings[0] = map(u->fd, u->ring_len[0], URING_OFF_SQ);
	u->sqes_len = sizeof(struct uring_sqe) * p->sq_entries;
	if (u->rings[0])
		u->sqes = map(u->fd, u->sqes_len, URING_OFF_SQES);
	if (!u->sqes)
		return -errno;
	cq = u->rings[1] ? u->rings[1] : u->rings[0];
	u->sq_head = at(u->rings[0], p->sq_off.head);
	u->sq_tail = at(u->rings[0], p->sq_off.tail);
	u->sq_flags = at(u->rings[0], p->sq_off.flags);
	u->sq_entries = p->sq_entries;
	u->cq_head = at(cq, p->cq_off.head);
	u->cq_tail = at(cq, p->cq_off.tail);
	u->cq_mask = p->cq_entries - 1;
	u->cqes = (const struct uring_cqe *)(const void *)(cq + p->cq_off.cqes);
	/* Slot N always holds request N. */
	if (!(p->flags & URING_SETUP_NO_SQARRAY))
		for (i = 0; i < p->sq_entries; i++)
			at(u->rings[0], p->sq_off.array)[i] = i;
	return 0;
}

/* A registered ring saves the kernel a look-up of the descriptor (5.18). */
static void register_fd(struct uring *u)
{
	struct uring_rsrc_update reg = { 0xffffffffu, 0, (uint64_t)u->fd };

	u->enter_fd = u->fd;
	if (syscall(URING_NR_REGISTER, u->fd, URING_REGISTER_RING_FDS, &reg, 1) != 1)
		return;
	u->enter_fd = (int)reg.offset;
	u->enter_flags = URING_ENTER_REGISTERED_RING;
}

int uring_init(struct uring *u, unsigned entries, unsigned cq_entries, uint32_t flags,
	       struct err *e)
{
	struct uring_params p;
	int r;

	memset(u, 0, sizeof(*u));
	u->fd = setup(&p, entries, cq_entries, flags);
	if (u->fd < 0)
		return err_set(e, u->fd, "io_uring: cannot make a ring of %u entries: %s",
			       entries, strerror(-u->fd));
	u->setup_flags = p.flags;
	u->features = p.features;
	r = map_rings(u, &p);
	if (r < 0) {
		uring_clear(u);
		return err_set(e, r, "io_uring: cannot map the ring: %s", strerror(-r));
	}
	register_fd(u);
	return 0;
}

void uring_clear(struct uring *u)
{
	size_t i;

	if (u->enter_flags & URING_ENTER_REGISTERED_RING) {
		struct uring_rsrc_update reg = { (uint32_t)u->enter_fd, 0, 0 };

		syscall(URING_NR_REGISTER, u->fd, URING_UNREGISTER_RING_FDS, &reg, 1);
	}
	if (u->sqes)
		munmap(u->sqes, u->sqes_len);
	for (i = 0; i < ARRAY_SIZE(u->rings); i++)
		if (u->rings[i])
			munmap(u->rings[i], u->ring_len[i]);
	if (u->fd >= 0)
		close(u->fd);
	memset(u, 0, sizeof(*u));
	u->fd = -1;
}

static uint32_t queued(const struct uring *u)
{
	return u->sq_next - __atomic_load_n(u->sq_head, __ATOMIC_ACQUIRE);
}

struct uring_sqe *uring_sqe(struct uring *u)
{
	struct uring_sqe *sqe;

	if (queued(u) >= u->sq_entries) {
		int r = uring_submit(u, 0, 0);

		if (r < 0) {
			errno = -r;
			return NULL;
		}
		/* Completions wait outside the ring: nothing is taken before they are
		 * fetched (5.5-5.10). What is queued must not be written over. */
		if (queued(u) >= u->sq_entries) {
			errno = EBUSY;
			return NULL;
		}
	}
	sqe = &u->sqes[u->sq_next++ & (u->sq_entries - 1)];
	memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

static int enter(struct uring *u, unsigned submit, unsigned want, int64_t timeout_ns)
{
	struct uring_timespec ts = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
	struct uring_getevents_arg arg = { 0, 0, 0, (uint64_t)(uintptr_t)&ts };
	/* Always GETEVENTS: a DEFER_TASKRUN ring completes nothing without. */
	uint32_t flags = u->enter_flags | URING_ENTER_GETEVENTS;
	long r;

	u->calls++;
	if (want && timeout_ns >= 0)
		r = syscall(URING_NR_ENTER, u->enter_fd, submit, want,
			    flags | URING_ENTER_EXT_ARG, &arg, sizeof(arg));
	else
		r = syscall(URING_NR_ENTER, u->enter_fd, submit, want, flags, NULL, 8);
	return r < 0 ? -errno : (int)r;
}

static unsigned ready(const struct uring *u)
{
	return __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE) - u->cq_next;
}

/* Before 5.11 enter knows no time limit. */
static int wait_old(struct uring *u, unsigned want, int64_t timeout_ns)
{
	struct pollfd p = { u->fd, POLLIN, 0 };

	if (ready(u) >= want)
		return 0;
	u->calls++;
	return poll(&p, 1, (int)((timeout_ns + 999999) / 1000000)) < 0 ? -errno : 0;
}

int uring_submit(struct uring *u, unsigned want, int64_t timeout_ns)
{
	bool old = want && timeout_ns >= 0 && !(u->features & URING_FEAT_EXT_ARG);
	int r;

	__atomic_store_n(u->cq_head, u->cq_next, __ATOMIC_RELEASE);
	__atomic_store_n(u->sq_tail, u->sq_next, __ATOMIC_RELEASE);
	do {
		uint32_t before = queued(u);

		r = enter(u, before, old ? 0 : want, timeout_ns);
		/* A request that is wrong ends the batch on some kernels: go on after it.
		 * Nothing taken and nothing said: do not spin. */
		if (r >= 0 && queued(u) && queued(u) == before)
			r = -EAGAIN;
	} while (r >= 0 && queued(u));
	if (old && r >= 0)
		r = wait_old(u, want, timeout_ns);
	/* EBUSY: completions wait outside the ring; they are fetched by uring_next. */
	return r == -ETIME || r == -EINTR || r == -EBUSY || r > 0 ? 0 : r;
}

bool uring_next(struct uring *u, struct uring_cqe *out)
{
	if (!ready(u)) {
		__atomic_store_n(u->cq_head, u->cq_next, __ATOMIC_RELEASE);
		if (!(__atomic_load_n(u->sq_flags, __ATOMIC_RELAXED) &
		      URING_SQ_CQ_OVERFLOW))
			return false;
		if (enter(u, 0, 0, -1) < 0 || !ready(u))
			return false;
	}
	*out = u->cqes[u->cq_next++ & u->cq_mask];
	return true;
}
