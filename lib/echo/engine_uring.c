/* io_uring as fast as this kernel has it: one enter a turn submits all answers and brings
 * what has come since; connections receive into shared buffers for as long as they live
 * (multishot), and answers are sent from there, without a copy.
 *
 * An answer is sent with MSG_DONTWAIT, so that it has ended when enter returns and no
 * buffer is held by a peer that does not read: what such a peer did not take is copied to
 * chunks of its own, sent when it takes them; with more than KEEP_MAX of these it is not
 * received from. */
#include "uring_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP 1

/* 1 MiB, this much cache most machines have: large pieces where the kernel fills a buffer
 * piece by piece (6.12), else the size that is least bad for small and large messages. */
#define INC_BUFFERS 16
#define INC_SIZE (64 * 1024)
#define PLAIN_BUFFERS 128
#define PLAIN_SIZE (8 * 1024)

static int arm_recv(struct uring_server *s, struct uring_conn *c)
{
	struct uring_sqe *sqe = engine_sqe(&s->er, URING_OP_RECV, c->fd, c);

	if (!sqe)
		return -errno;
	sqe->user_data |= KIND_RECV;
	sqe->flags = URING_SQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	if (s->one_shot_recv)
		sqe->len = s->bufs.size;
	else
		sqe->ioprio = URING_RECV_MULTISHOT;
	c->receiving = true;
	return 0;
}

static int accepted(struct engine_ring *er, int fd)
{
	struct uring_server *s = (struct uring_server *)er;
	struct uring_conn *c = uring_conn_new(s, fd);

	if (!c) {
		close(fd);
		return 0;
	}
	return arm_recv(s, c);
}

/* Stop receiving from who does not read. */
static int pause_recv(struct uring_server *s, struct uring_conn *c)
{
	struct uring_sqe *sqe;

	if (!c->receiving || c->paused)
		return 0;
	sqe = engine_sqe(&s->er, URING_OP_ASYNC_CANCEL, -1, c);
	if (!sqe)
		return -errno;
	sqe->user_data |= KIND_CANCEL;
	sqe->addr = (uint64_t)(uintptr_t)c | KIND_RECV;
	c->cancelling = true;
	c->paused = true;
	return 0;
}

/* A receive has ended for good. */
static int recv_ended(struct uring_server *s, struct uring_conn *c, int res)
{
	c->receiving = false;
	if (res == -ENOBUFS) {
		s->er.run->counters.starved++;
		uring_starve(s, c);
		return 0;
	}
	if (res == -EINVAL && !s->one_shot_recv) {
		s->one_shot_recv =
			true; /* 5.19 has rings of buffers, 6.0 multishot recv */
		return arm_recv(s, c);
	}
	if (res == 0)
		c->eof = true;
	else if (res < 0 && res != -ECANCELED && res != -EINTR && res != -EAGAIN)
		c->broken = true;
	uring_dirty(s, c);
	return 0;
}

static int recv_event(struct uring_server *s, struct uring_conn *c,
		      const struct uring_cqe *cqe)
{
	if (cqe->flags & URING_CQE_BUFFER)
		uring_received(s, c, cqe);
	if (!(cqe->flags & URING_CQE_MORE)) {
		s->er.pending--;
		return recv_ended(s, c, cqe->res);
	}
	return c->kept > KEEP_MAX ? pause_recv(s, c) : 0;
}

static int event(struct uring_server *s, const struct uring_cqe *cqe)
{
	struct uring_conn *c = engine_tag(cqe);

	if (engine_own(cqe))
		return engine_event(&s->er, cqe, accepted);
	switch (engine_kind(cqe)) {
	case KIND_RECV:
		return recv_event(s, c, cqe);
	case KIND_SEND:
		if (!s->quiet_sends)
			s->er.pending--;
		c->sent = cqe->res;
		return 0;
	case KIND_SLOW:
		s->er.pending--;
		uring_slow_sent(c, cqe->res);
		uring_dirty(s, c);
		return 0;
	default: /* KIND_CANCEL */
		s->er.pending--;
		c->cancelling = false;
		uring_dirty(s, c);
		return 0;
	}
}

/* One send of all pieces that lie in shared buffers. */
static int send_pieces(struct uring_server *s, struct uring_conn *c)
{
	bool one = c->n == 1;
	struct uring_sqe *sqe =
		engine_sqe(&s->er, one ? URING_OP_SEND : URING_OP_SENDMSG, c->fd, c);

	if (!sqe)
		return -errno;
	sqe->user_data |= KIND_SEND;
	sqe->op_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
	if (one) {
		sqe->addr = (uint64_t)(uintptr_t)c->piece[0].iov_base;
		sqe->len = (uint32_t)c->piece[0].iov_len;
	} else {
		memset(&c->msg, 0, sizeof(c->msg));
		c->msg.msg_iov = c->piece;
		c->msg.msg_iovlen = c->n;
		sqe->addr = (uint64_t)(uintptr_t)&c->msg;
		sqe->len = 1;
	}
	if (s->quiet_sends) {
		/* WAITALL makes a short send a failure, and failures are never skipped. */
		sqe->op_flags |= MSG_WAITALL;
		sqe->flags = URING_SQE_CQE_SKIP;
		s->er.pending--;
	}
	/* Without a completion nothing would wake us to do what comes after this send. */
	if (c->eof || c->first)
		s->urgent = true;
	c->flying = c->n;
	c->sent = s->quiet_sends ? SENT_ALL : SENT_PENDING;
	uring_flying(s, c);
	return 0;
}

/* The oldest chunk of what was kept; the kernel waits until the peer takes it. */
static int send_kept(struct uring_server *s, struct uring_conn *c)
{
	struct uring_chunk *k = c->first;
	struct uring_sqe *sqe = engine_sqe(&s->er, URING_OP_SEND, c->fd, c);

	if (!sqe)
		return -errno;
	sqe->user_data |= KIND_SLOW;
	sqe->op_flags = MSG_NOSIGNAL;
	sqe->addr = (uint64_t)(uintptr_t)(k->data + k->from);
	sqe->len = k->to - k->from;
	c->slow = true;
	return 0;
}

/* What a connection wants next. It may be gone afterwards. */
static int next_step(struct uring_server *s, struct uring_conn *c)
{
	if (c->broken && !c->shut) {
		/* What is armed ends by this. */
		s->er.run->counters.calls++;
		shutdown(c->fd, SHUT_RDWR);
		c->shut = true;
	}
	if (c->flying || c->slow)
		return 0;
	if (c->n && !c->broken)
		return send_pieces(s, c);
	if (c->first && !c->broken)
		return send_kept(s, c);
	if ((c->eof || c->broken) && !c->receiving && !c->cancelling && !c->starved) {
		uring_conn_free(s, c);
		engine_accept_again(&s->er);
		return 0;
	}
	return 0;
}

/* Receive again from who was paused or interrupted. */
static int receive_again(struct uring_server *s, struct uring_conn *c)
{
	if (c->receiving || c->starved || c->cancelling || c->eof || c->broken)
		return 0;
	if (c->kept > KEEP_MAX / 2)
		return 0;
	c->paused = false;
	return arm_recv(s, c);
}

/* At most as many as buffers are free: each more would only be told ENOBUFS. */
static void feed_starved(struct uring_server *s)
{
	unsigned n;

	for (n = s->free_bufs; n && s->starved; n--)
		uring_dirty(s, uring_unstarve(s));
}

static int turn(struct uring_server *s)
{
	struct uring_cqe cqe;
	struct uring_conn *c;
	int r = 0;

	while (r >= 0 && uring_next(&s->er.ring, &cqe))
		r = event(s, &cqe);
	if (r < 0)
		return r;
	uring_land(s);
	feed_starved(s);
	while (r >= 0 && (c = uring_undirty(s)) != NULL) {
		r = receive_again(s, c);
		if (r >= 0)
			r = next_step(s, c);
	}
	return r;
}

/* End what is under way: what it uses is freed next. */
static void stop(struct uring_server *s)
{
	int64_t end = engine_ring_end(&s->er);
	struct uring_cqe cqe;
	struct uring_conn *c;

	for (c = s->conns; c; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
	while (s->er.pending && engine_ring_wait(&s->er, end) >= 0)
		while (uring_next(&s->er.ring, &cqe))
			if (engine_own(&cqe))
				engine_ended(&s->er, &cqe);
			else if (!(cqe.flags & URING_CQE_MORE) &&
				 !(engine_kind(&cqe) == KIND_SEND && s->quiet_sends))
				s->er.pending--;
	if (s->er.pending) {
		/* The kernel may still use the memory: better lost than written to. */
		uring_clear(&s->er.ring);
		return;
	}
	uring_bufs_clear(&s->bufs, &s->er.ring);
	uring_clear(&s->er.ring);
	while (s->conns)
		uring_conn_free(s, s->conns);
	free(s->refs);
}

static int start(struct uring_server *s, struct engine_run *run, struct err *e)
{
	bool inc = !(run->lacks & ENGINE_LACK_INCREMENTAL);
	int r = engine_ring_start(&s->er, run, ENGINE_SQ, ENGINE_CQ, e);

	if (r < 0)
		return r;
	r = uring_bufs_init(&s->bufs, &s->er.ring, GROUP, INC_BUFFERS, INC_SIZE, inc,
			    NULL);
	if (r >= 0 && !s->bufs.incremental) {
		uring_bufs_clear(&s->bufs, &s->er.ring);
		r = uring_bufs_init(&s->bufs, &s->er.ring, GROUP, PLAIN_BUFFERS,
				    PLAIN_SIZE, false, e);
	}
	s->refs = r < 0 ? NULL : calloc(s->bufs.n, sizeof(*s->refs));
	if (!s->refs) {
		uring_clear(&s->er.ring);
		return r < 0 ? r : err_set(e, -ENOMEM, "io_uring: out of memory");
	}
	s->free_bufs = s->bufs.n;
	s->one_shot_recv = run->lacks & ENGINE_LACK_MULTISHOT;
	/* Since 6.1 a send that fails in the middle says how far it came. */
	s->quiet_sends = (s->er.ring.setup_flags & URING_SETUP_DEFER_TASKRUN) != 0;
	return 0;
}

static int serve(struct engine_run *run, struct err *e)
{
	struct uring_server s;
	int r = -EINVAL;

	memset(&s, 0, sizeof(s));
	if (!(run->lacks & ENGINE_LACK_BUFFER_RING))
		r = start(&s, run, e);
	if (r == -EINVAL) /* before 5.19 */
		return engine_uring_basic.serve(run, e);
	if (r < 0)
		return r;
	r = engine_ready(run);
	while (r >= 0 && !s.er.stopped) {
		bool wait = !s.urgent && !(s.starved && s.flying);

		s.urgent = false;
		r = uring_submit(&s.er.ring, wait, -1);
		engine_ring_turn(&s.er);
		if (r >= 0)
			r = turn(&s);
	}
	stop(&s);
	return r < 0 ? err_set(e, r, "io_uring: cannot serve: %s", strerror(-r)) : 0;
}

const struct engine engine_uring = {
	.name = "uring",
	.summary = "io_uring, multishot with shared buffers",
	.available = engine_ring_available,
	.serve = serve,
};
