/* engine_ring: what the io_uring engines share: the ring, accepting, being stopped. */
#ifndef ECHO_ENGINE_RING_H
#define ECHO_ENGINE_RING_H

#include "echo/engine.h"
#include "uring/ring.h"

struct engine_ring {
	struct engine_run *run;
	struct uring ring;
	bool one_shot;	/* accept once a request: the kernel knows no other way */
	bool accepting; /* an accept is armed */
	bool pausing;	/* a timeout is armed, after which accepting is tried again */
	bool stopped;	/* stop_fd was readable */
	bool ending;	/* nothing new is to be started */
	uint64_t calls_seen;
	uint64_t pending; /* requests that will post a completion */
	struct uring_timespec pause;
};

/* Tags of requests are pointers of the engine's, at least 8-aligned; the lowest bits say
 * which kind of request it was (engine_kind); these are the engine_ring's own. */
static inline bool engine_own(const struct uring_cqe *cqe)
{
	return cqe->user_data < 4096;
}

static inline void *engine_tag(const struct uring_cqe *cqe)
{
	return (void *)(uintptr_t)(cqe->user_data & ~7ULL);
}

static inline unsigned engine_kind(const struct uring_cqe *cqe)
{
	return cqe->user_data & 7;
}

#define ENGINE_SQ 128
#define ENGINE_CQ 4096 /* a full one ends multishot requests */

/* Also whether there is memory for a ring such as these engines use. */
int engine_ring_available(struct err *e);

/* Make the ring, arm accept and the watch of stop_fd. SQ and CQ are halved, down to 32 and
 * 256, where RLIMIT_MEMLOCK does not allow them; -EPERM: nor these. */
int engine_ring_start(struct engine_ring *er, struct engine_run *run, unsigned sq,
		      unsigned cq, struct err *e);

/* A request that will post a completion; counted in PENDING, which the engine lowers when
 * the request has ended. NULL with errno. */
struct uring_sqe *engine_sqe(struct engine_ring *er, unsigned op, int fd,
			     const void *tag);

/* A completion for which engine_own is true. ACCEPTED takes over FD. < 0: give up. */
int engine_event(struct engine_ring *er, const struct uring_cqe *cqe,
		 int (*accepted)(struct engine_ring *er, int fd));
/* A descriptor became free. */
void engine_accept_again(struct engine_ring *er);
/* Once a turn: counters and marks. */
void engine_ring_turn(struct engine_ring *er);

/* Ending: cancel what is engine_ring's own; the time (CLOCK_MONOTONIC, ns) by which all
 * must have ended. */
int64_t engine_ring_end(struct engine_ring *er);
/* Wait for completions; -ETIME after END. */
int engine_ring_wait(struct engine_ring *er, int64_t end);
/* A completion of engine_ring's own while ending. */
void engine_ended(struct engine_ring *er, const struct uring_cqe *cqe);

#endif
