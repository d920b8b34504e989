/* The best epoll that was found: level-triggered; a connection is left after a short read,
 * which saves the read that would only say EAGAIN. */
#include "engine.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512
#define READ_SIZE (64 * 1024)
#define READS_A_TURN 4 /* of one connection, that others get their turn */
#define ACCEPTS_A_TURN 64
#define NO_FD_PAUSE_MS 50 /* until accepting is tried again */

struct conn {
	struct conn *next, **at; /* list of all */
	int fd;
	char *kept;	  /* what the peer has not taken; then it is not read from */
	size_t len, sent; /* of kept */
};

struct server {
	struct engine_run *run;
	int ep;
	bool accept_paused;
	struct conn *conns;
	char *buffer;
};

static int watch(struct server *s, int op, int fd, uint32_t events, void *data)
{
	struct epoll_event ev = { events, { .ptr = data } };

	s->run->counters.calls++;
	return epoll_ctl(s->ep, op, fd, &ev) < 0 ? -errno : 0;
}

static void conn_drop(struct server *s, struct conn *c, bool by_error)
{
	if (by_error)
		s->run->counters.dropped++;
	s->run->counters.calls++;
	close(c->fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	free(c->kept);
	free(c);
}

/* Keep what the peer did not take, and wait for it alone. */
static int keep(struct server *s, struct conn *c, const char *data, size_t len)
{
	c->kept = malloc(len);
	if (!c->kept)
		return -ENOMEM;
	memcpy(c->kept, data, len);
	c->len = len;
	c->sent = 0;
	s->run->counters.copied += len;
	if (len > s->run->counters.kept_max)
		s->run->counters.kept_max = len;
	return watch(s, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c);
}

/* Bytes sent, 0 when the peer takes none now, or -errno. */
static ssize_t send_some(struct server *s, int fd, const char *data, size_t len)
{
	ssize_t n;

	do {
		s->run->counters.calls++;
		n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return n;
}

/* 0, or -errno when the connection is to be dropped. */
static int flush(struct server *s, struct conn *c)
{
	ssize_t n = send_some(s, c->fd, c->kept + c->sent, c->len - c->sent);

	if (n < 0)
		return (int)n;
	c->sent += (size_t)n;
	if (c->sent < c->len)
		return 0;
	free(c->kept);
	c->kept = NULL;
	return watch(s, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
}

/* Echo what has come. 1: leave it for now; 0: all was sent and the peer has ended. */
static int echo(struct server *s, struct conn *c)
{
	int turn;

	for (turn = 0; turn < READS_A_TURN; turn++) {
		ssize_t got, sent;

		s->run->counters.calls++;
		got = recv(c->fd, s->buffer, READ_SIZE, MSG_DONTWAIT);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? 1 : -errno;
		if (got == 0)
			return 0;
		sent = send_some(s, c->fd, s->buffer, (size_t)got);
		if (sent < 0)
			return (int)sent;
		if (sent < got) {
			int r = keep(s, c, s->buffer + sent, (size_t)(got - sent));

			return r < 0 ? r : 1;
		}
		if (got < READ_SIZE)
			return 1;
	}
	return 1;
}

static void serve_conn(struct server *s, struct conn *c)
{
	/* Not read from while something is kept: an end of file waits until it is sent. */
	bool flushing = c->kept != NULL;
	int r = flushing ? flush(s, c) : echo(s, c);

	if (r < 0)
		conn_drop(s, c, true);
	else if (r == 0 && !flushing)
		conn_drop(s, c, false);
}

static int conn_add(struct server *s, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	int r;

	/* No memory or watch for this one: it alone is dropped. */
	if (!c) {
		s->run->counters.accepted++;
		s->run->counters.dropped++;
		close(fd);
		return 0;
	}
	c->fd = fd;
	c->next = s->conns;
	c->at = &s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	s->run->counters.accepted++;
	r = watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c);
	if (r < 0)
		conn_drop(s, c, true);
	return r == -ENOMEM || r == -ENOSPC ? 0 : r;
}

static int accept_all(struct server *s)
{
	int i;

	for (i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd, r;

		s->run->counters.calls++;
		fd = accept4(s->run->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			r = conn_add(s, fd);
			if (r < 0)
				return r;
			continue;
		}
		if (errno == EAGAIN)
			return 0;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			/* It stays readable: not to be asked about for a while. */
			s->accept_paused = true;
			return watch(s, EPOLL_CTL_MOD, s->run->listen_fd, 0,
				     &s->run->listen_fd);
		}
		/* ECONNABORTED and other ends of that one connection (accept(2)). */
		if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK)
			return -errno;
	}
	return 0;
}

static int resume_accept(struct server *s)
{
	s->accept_paused = false;
	return watch(s, EPOLL_CTL_MOD, s->run->listen_fd, EPOLLIN, &s->run->listen_fd);
}

/* One wait and what came of it. 1: go on; 0: told to stop. */
static int turn(struct server *s)
{
	struct epoll_event ev[EVENTS];
	int i, n, r = 0;

	s->run->counters.calls++;
	n = epoll_wait(s->ep, ev, EVENTS, s->accept_paused ? NO_FD_PAUSE_MS : -1);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	engine_turn(s->run);
	if (s->accept_paused)
		r = resume_accept(s);
	for (i = 0; i < n && r >= 0; i++) {
		if (ev[i].data.ptr == &s->run->stop_fd)
			return 0;
		if (ev[i].data.ptr == &s->run->listen_fd)
			r = accept_all(s);
		else
			serve_conn(s, ev[i].data.ptr);
	}
	return r < 0 ? r : 1;
}

static int serve(struct engine_run *run, struct err *e)
{
	CLEANUP_FREE char *buffer = malloc(READ_SIZE);
	CLEANUP_CLOSE int ep = epoll_create1(EPOLL_CLOEXEC);
	struct server s = { run, ep, false, NULL, buffer };
	int r;

	if (!buffer || ep < 0)
		return err_set(e, buffer ? -errno : -ENOMEM, "epoll: cannot start: %s",
			       strerror(buffer ? errno : ENOMEM));
	r = watch(&s, EPOLL_CTL_ADD, run->listen_fd, EPOLLIN, &run->listen_fd);
	if (r >= 0)
		r = watch(&s, EPOLL_CTL_ADD, run->stop_fd, EPOLLIN, &run->stop_fd);
	if (r >= 0)
		r = engine_ready(run);
	if (r >= 0)
		do
			r = turn(&s);
		while (r > 0);
	while (s.conns)
		conn_drop(&s, s.conns, false);
	if (r < 0)
		return err_set(e, r, "epoll: cannot serve: %s", strerror(-r));
	return 0;
}

static int available(struct err *e)
{
	(void)e;
	return 0;
}

const struct engine engine_epoll = {
	.name = "epoll",
	.summary = "epoll, level-triggered, one read a message",
	.available = available,
	.serve = serve,
};
