#include "engine_ring.h"

#include "base/cleanup.h"
#include "uring/gate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Tags below 4096 are no pointers. */
enum own {
	OWN_ACCEPT = 1,
	OWN_STOP,
	OWN_PAUSE,
	OWN_CANCEL,
};

#define NO_FD_PAUSE_NS 50000000 /* until accepting is tried again */
#define MIN_SQ 32
#define MIN_CQ 256
#define MEMORY_TRIES 20 /* 10 ms apart */
#define END_NS 2000000000LL

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Before 5.12, and since 6.14, a ring's memory counts against RLIMIT_MEMLOCK of who lacks
 * CAP_IPC_LOCK, and the kernel gives that of closed rings back some time later. */
static int make_ring(struct uring *u, unsigned sq, unsigned cq, uint32_t flags,
		     struct err *e)
{
	struct timespec pause = { 0, 10000000 };
	int i, r;

	for (i = 0; i < MEMORY_TRIES; i++) {
		r = uring_init(u, sq, cq, flags, e);
		if (r != -ENOMEM)
			return r;
		nanosleep(&pause, NULL);
		if (sq > MIN_SQ)
			sq /= 2;
		if (cq > MIN_CQ)
			cq /= 2;
	}
	return err_set(e, -EPERM,
		       "io_uring is denied here (memlock): no memory may be locked for a "
		       "ring of %u entries (RLIMIT_MEMLOCK)",
		       sq);
}

int engine_ring_available(struct err *e)
{
	CLEANUP(cleanup_uring) struct uring u = URING_INIT;
	struct uring_facts facts = uring_facts_here();
	struct uring_answers a;
	struct uring_verdict v;
	int r = uring_ask(&a, URING_BRIEF, NULL, e);

	if (r < 0)
		return r;
	v = uring_verdict(&a, &facts);
	if (!v.available)
		return err_set(e, -EPERM, "io_uring is denied here (%s): %s", v.cause,
			       v.text);
	if (uring_level(&a) < URING_NETWORK)
		return err_set(
			e, -EOPNOTSUPP,
			"io_uring here lacks what a server needs (Linux 5.7 has it)");
	return make_ring(&u, ENGINE_SQ, ENGINE_CQ, URING_FAST, e);
}

struct uring_sqe *engine_sqe(struct engine_ring *er, unsigned op, int fd, const void *tag)
{
	struct uring_sqe *sqe = uring_sqe(&er->ring);

	if (!sqe)
		return NULL;
	sqe->opcode = (uint8_t)op;
	sqe->fd = fd;
	sqe->user_data = (uint64_t)(uintptr_t)tag;
	er->pending++;
	return sqe;
}

static struct uring_sqe *own_sqe(struct engine_ring *er, unsigned op, int fd,
				 enum own own)
{
	struct uring_sqe *sqe = engine_sqe(er, op, fd, NULL);

	if (sqe)
		sqe->user_data = own;
	return sqe;
}

static int arm_accept(struct engine_ring *er)
{
	struct uring_sqe *sqe;

	if (er->accepting || er->ending)
		return 0;
	sqe = own_sqe(er, URING_OP_ACCEPT, er->run->listen_fd, OWN_ACCEPT);
	if (!sqe)
		return -errno;
	sqe->op_flags = SOCK_CLOEXEC;
	if (!er->one_shot)
		sqe->ioprio = URING_ACCEPT_MULTISHOT;
	er->accepting = true;
	return 0;
}

static int arm_stop(struct engine_ring *er)
{
	struct uring_sqe *sqe =
		own_sqe(er, URING_OP_POLL_ADD, er->run->stop_fd, OWN_STOP);
	uint32_t events = POLLIN;

	if (!sqe)
		return -errno;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	events <<= 16; /* poll32_events has its halves swapped there */
#endif
	sqe->op_flags = events;
	return 0;
}

int engine_ring_start(struct engine_ring *er, struct engine_run *run, unsigned sq,
		      unsigned cq, struct err *e)
{
	uint32_t flags = run->lacks & ENGINE_LACK_FAST_SETUP ? 0 : URING_FAST;
	int r;

	memset(er, 0, sizeof(*er));
	er->run = run;
	er->one_shot = run->lacks & ENGINE_LACK_BUFFER_RING;
	r = make_ring(&er->ring, sq, cq, flags, e);
	if (r < 0)
		return r;
	r = arm_accept(er);
	if (r >= 0)
		r = arm_stop(er);
	if (r < 0) {
		uring_clear(&er->ring);
		return err_set(e, r, "io_uring: cannot start: %s", strerror(-r));
	}
	return 0;
}

/* No descriptor is left, or the like: connections wait in the backlog until one is closed, here or
 * elsewhere. */
static int pause_accept(struct engine_ring *er)
{
	struct uring_sqe *sqe;

	if (er->pausing)
		return 0;
	sqe = own_sqe(er, URING_OP_TIMEOUT, -1, OWN_PAUSE);
	if (!sqe)
		return -errno;
	er->pause = (struct uring_timespec){ 0, NO_FD_PAUSE_NS };
	sqe->addr = (uint64_t)(uintptr_t)&er->pause;
	sqe->len = 1;
	er->pausing = true;
	return 0;
}

static int accept_event(struct engine_ring *er, const struct uring_cqe *cqe,
			int (*accepted)(struct engine_ring *er, int fd))
{
	int r = 0;

	if (!(cqe->flags & URING_CQE_MORE)) {
		er->pending--;
		er->accepting = false;
	}
	if (cqe->res >= 0) {
		er->run->counters.accepted++;
		r = accepted(er, cqe->res);
		return r < 0 || er->accepting ? r : arm_accept(er);
	}
	switch (-cqe->res) {
	case EINVAL:
		if (er->one_shot)
			return cqe->res;
		er->one_shot = true; /* before 5.19 */
		return arm_accept(er);
	case EBADF:
	case ENOTSOCK:
	case ECANCELED:
		return cqe->res;
	case ECONNABORTED: /* that one connection ended before it was taken */
	case EPROTO:
	case EAGAIN:
	case EINTR:
		return arm_accept(er);
	default: /* may last: no descriptor, no memory, a security module */
		return er->accepting ? 0 : pause_accept(er);
	}
}

int engine_event(struct engine_ring *er, const struct uring_cqe *cqe,
		 int (*accepted)(struct engine_ring *er, int fd))
{
	switch (cqe->user_data) {
	case OWN_ACCEPT:
		return accept_event(er, cqe, accepted);
	case OWN_PAUSE:
		er->pending--;
		er->pausing = false;
		return arm_accept(er);
	case OWN_STOP:
		er->pending--;
		er->stopped = true;
		return cqe->res < 0 ? cqe->res : 0;
	default:
		return -EPROTO;
	}
}

void engine_accept_again(struct engine_ring *er)
{
	/* A failure here is met again when the pause ends. */
	if (er->pausing)
		arm_accept(er);
}

void engine_ring_turn(struct engine_ring *er)
{
	er->run->counters.calls += er->ring.calls - er->calls_seen;
	er->calls_seen = er->ring.calls;
	engine_turn(er->run);
}

static void cancel(struct engine_ring *er, enum own own)
{
	struct uring_sqe *sqe = own_sqe(er, URING_OP_ASYNC_CANCEL, -1, OWN_CANCEL);

	if (sqe)
		sqe->addr = own;
}

int64_t engine_ring_end(struct engine_ring *er)
{
	er->ending = true;
	if (er->accepting)
		cancel(er, OWN_ACCEPT);
	if (er->pausing)
		cancel(er, OWN_PAUSE);
	if (!er->stopped)
		cancel(er, OWN_STOP);
	return now_ns() + END_NS;
}

int engine_ring_wait(struct engine_ring *er, int64_t end)
{
	int64_t left = end - now_ns();

	return left <= 0 ? -ETIME : uring_submit(&er->ring, 1, left);
}

void engine_ended(struct engine_ring *er, const struct uring_cqe *cqe)
{
	if (cqe->user_data == OWN_ACCEPT && cqe->res >= 0)
		close(cqe->res);
	if (!(cqe->flags & URING_CQE_MORE))
		er->pending--;
}
