/* io_uring as kernels since 5.7 have it: one request at a time and connection, each with a
 * buffer of its own. */
#include "engine_ring.h"

#include "base/cleanup.h"
#include "uring/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (16 * 1024)

struct conn {
	struct conn *next, **at; /* list of all */
	int fd;
	uint32_t len, sent; /* of buffer; len 0: receiving */
	char buffer[BUFFER_SIZE];
};

struct server {
	struct engine_ring er; /* first: what both engines share */
	struct conn *conns;
};

static int submit_recv(struct server *s, struct conn *c)
{
	struct uring_sqe *sqe = engine_sqe(&s->er, URING_OP_RECV, c->fd, c);

	if (!sqe)
		return -errno;
	sqe->addr = (uint64_t)(uintptr_t)c->buffer;
	sqe->len = BUFFER_SIZE;
	c->len = 0;
	return 0;
}

static int submit_send(struct server *s, struct conn *c)
{
	struct uring_sqe *sqe = engine_sqe(&s->er, URING_OP_SEND, c->fd, c);

	if (!sqe)
		return -errno;
	sqe->addr = (uint64_t)(uintptr_t)(c->buffer + c->sent);
	sqe->len = c->len - c->sent;
	sqe->op_flags = MSG_NOSIGNAL;
	return 0;
}

static void conn_free(struct server *s, struct conn *c)
{
	s->er.run->counters.calls++;
	close(c->fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	free(c);
	engine_accept_again(&s->er);
}

static int accepted(struct engine_ring *er, int fd)
{
	struct server *s = (struct server *)er;
	struct conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return 0;
	}
	c->fd = fd;
	c->next = s->conns;
	c->at = &s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	return submit_recv(s, c);
}

/* The one request of a connection has ended: the next one. */
static int completed(struct server *s, struct conn *c, int res)
{
	s->er.pending--;
	if (res == -EINTR || res == -EAGAIN)
		return c->len ? submit_send(s, c) : submit_recv(s, c);
	if (res <= 0) {
		if (res < 0)
			s->er.run->counters.dropped++;
		conn_free(s, c);
		return 0;
	}
	if (!c->len) {
		c->len = (uint32_t)res;
		c->sent = 0;
		return submit_send(s, c);
	}
	c->sent += (uint32_t)res;
	if (c->sent == c->len)
		return submit_recv(s, c);
	if (c->len - c->sent > s->er.run->counters.kept_max)
		s->er.run->counters.kept_max = c->len - c->sent;
	return submit_send(s, c);
}

static int turn(struct server *s)
{
	struct uring_cqe cqe;
	int r = 0;

	while (r >= 0 && uring_next(&s->er.ring, &cqe))
		r = engine_own(&cqe) ? engine_event(&s->er, &cqe, accepted)
				     : completed(s, engine_tag(&cqe), cqe.res);
	return r;
}

/* End what is under way: their buffers are freed next. */
static void stop(struct server *s)
{
	struct uring_cqe cqe;
	struct conn *c;
	int64_t end = engine_ring_end(&s->er);

	for (c = s->conns; c; c = c->next)
		shutdown(c->fd, SHUT_RDWR);
	while (s->er.pending && engine_ring_wait(&s->er, end) >= 0)
		while (uring_next(&s->er.ring, &cqe))
			if (engine_own(&cqe))
				engine_ended(&s->er, &cqe);
			else
				s->er.pending--;
	uring_clear(&s->er.ring);
	while (s->conns) {
		c = s->conns;
		s->conns = c->next;
		close(c->fd);
		if (!s->er.pending) /* else the kernel may still write to it */
			free(c);
	}
}

static int serve(struct engine_run *run, struct err *e)
{
	struct server s;
	int r;

	memset(&s, 0, sizeof(s));
	r = engine_ring_start(&s.er, run, ENGINE_SQ, ENGINE_CQ, e);
	if (r < 0)
		return r;
	r = engine_ready(run);
	while (r >= 0 && !s.er.stopped) {
		r = uring_submit(&s.er.ring, 1, -1);
		engine_ring_turn(&s.er);
		if (r >= 0)
			r = turn(&s);
	}
	stop(&s);
	if (r < 0)
		return err_set(e, r, "io_uring: cannot serve: %s", strerror(-r));
	return 0;
}

const struct engine engine_uring_basic = {
	.name = "uring-basic",
	.summary = "io_uring, one request at a time and connection (5.7)",
	.available = engine_ring_available,
	.serve = serve,
};
