#include "selftest.h"

#include "base/cleanup.h"
#include "ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAIT_NS 1000000000LL
#define SHORT_NS 10000000LL
#define LEN 4096

/* On the heap: a request that never ends may write to it later. */
struct bench {
	struct uring ring;
	int pipe[2];
	int listener, client, server;
	struct uring_timespec ts;
	struct selftest_row *row;
	char out[LEN], in[LEN];
	bool stuck; /* a request did not end */
};

static int say(struct bench *b, enum selftest_result result, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int say(struct bench *b, enum selftest_result result, const char *fmt, ...)
{
	va_list ap;

	b->row->result = result;
	va_start(ap, fmt);
	vsnprintf(b->row->reason, sizeof(b->row->reason), fmt, ap);
	va_end(ap);
	return -1;
}

static struct uring_sqe *request(struct bench *b, unsigned op, int fd, uint64_t tag)
{
	struct uring_sqe *sqe = uring_sqe(&b->ring);

	if (!sqe) {
		say(b, SELFTEST_FAIL, "cannot submit: %s", strerror(errno));
		return NULL;
	}
	sqe->opcode = (uint8_t)op;
	sqe->fd = fd;
	sqe->user_data = tag;
	return sqe;
}

static struct uring_sqe *transfer(struct bench *b, unsigned op, int fd, uint64_t tag,
				  char *data)
{
	struct uring_sqe *sqe = request(b, op, fd, tag);

	if (sqe) {
		sqe->addr = (uint64_t)(uintptr_t)data;
		sqe->len = LEN;
	}
	return sqe;
}

/* Results of requests 0..N-1 into RES. */
static int results(struct bench *b, unsigned n, int *res)
{
	struct uring_cqe cqe;
	unsigned seen = 0;
	int r = uring_submit(&b->ring, n, WAIT_NS);

	if (r < 0)
		return say(b, SELFTEST_FAIL, "io_uring_enter: %s", strerror(-r));
	while (uring_next(&b->ring, &cqe)) {
		if (cqe.user_data >= n)
			return say(b, SELFTEST_FAIL,
				   "a completion that was not asked for");
		res[cqe.user_data] = cqe.res;
		seen++;
	}
	if (seen == n)
		return 0;
	b->stuck = true;
	return say(b, SELFTEST_FAIL, "%u of %u completions within a second", seen, n);
}

/* RES is what it has to be; an operation the kernel does not know is no failure. */
static int is(struct bench *b, int res, int want, const char *what)
{
	if (res == want)
		return 0;
	if (res == -EINVAL || res == -EOPNOTSUPP)
		return say(b, SELFTEST_SKIP, "%s: this kernel does not know it", what);
	if (res < 0)
		return say(b, SELFTEST_FAIL, "%s: %s", what, strerror(-res));
	return say(b, SELFTEST_FAIL, "%s: result %d, expected %d", what, res, want);
}

static int same_bytes(struct bench *b, const char *what)
{
	size_t i;

	for (i = 0; i < LEN; i++)
		if (b->in[i] != b->out[i])
			return say(b, SELFTEST_FAIL, "%s: byte %zu is wrong", what, i);
	return 0;
}

static void fresh_bytes(struct bench *b, unsigned seed)
{
	size_t i;

	for (i = 0; i < LEN; i++)
		b->out[i] = (char)(seed + i * 31 + i / 251);
	memset(b->in, 0, LEN);
}

/* Empty, whatever the test before left. */
static int fresh_pipe(struct bench *b)
{
	cleanup_close(&b->pipe[0]);
	cleanup_close(&b->pipe[1]);
	b->pipe[0] = b->pipe[1] = -1;
	if (pipe2(b->pipe, O_CLOEXEC) < 0)
		return say(b, SELFTEST_FAIL, "pipe: %s", strerror(errno));
	return 0;
}

static int test_nop(struct bench *b)
{
	int res;

	if (!request(b, URING_OP_NOP, -1, 0) || results(b, 1, &res) < 0)
		return -1;
	return is(b, res, 0, "nop");
}

static int test_read(struct bench *b)
{
	int res;

	fresh_bytes(b, 1);
	if (fresh_pipe(b) < 0)
		return -1;
	if (write(b->pipe[1], b->out, LEN) != LEN)
		return say(b, SELFTEST_FAIL, "pipe: cannot write");
	if (!transfer(b, URING_OP_READ, b->pipe[0], 0, b->in) || results(b, 1, &res) < 0)
		return -1;
	if (is(b, res, LEN, "read") < 0)
		return -1;
	return same_bytes(b, "read");
}

static int test_write(struct bench *b)
{
	int res;

	fresh_bytes(b, 2);
	if (fresh_pipe(b) < 0)
		return -1;
	if (!transfer(b, URING_OP_WRITE, b->pipe[1], 0, b->out) ||
	    results(b, 1, &res) < 0 || is(b, res, LEN, "write") < 0)
		return -1;
	if (read(b->pipe[0], b->in, LEN) != LEN)
		return say(b, SELFTEST_FAIL,
			   "write: the pipe does not hold what was written");
	return same_bytes(b, "write");
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int test_timeout(struct bench *b)
{
	int64_t before = now_ns();
	struct uring_sqe *sqe = request(b, URING_OP_TIMEOUT, -1, 0);
	int res;

	if (!sqe)
		return -1;
	b->ts = (struct uring_timespec){ 0, SHORT_NS };
	sqe->addr = (uint64_t)(uintptr_t)&b->ts;
	sqe->len = 1;
	if (results(b, 1, &res) < 0 || is(b, res, -ETIME, "timeout") < 0)
		return -1;
	if (now_ns() - before < SHORT_NS)
		return say(b, SELFTEST_FAIL, "timeout: it came too early");
	return 0;
}

/* A chain runs in order, and ends where a link fails: while it runs, for a request that is
 * refused at once begins no chain on 5.7-5.10. A short read is such a failure. */
static int test_link(struct bench *b)
{
	struct uring_sqe *sqe;
	int res[2];

	fresh_bytes(b, 3);
	if (fresh_pipe(b) < 0)
		return -1;
	sqe = transfer(b, URING_OP_WRITE, b->pipe[1], 0, b->out);
	if (!sqe)
		return -1;
	sqe->flags = URING_SQE_IO_LINK;
	if (!transfer(b, URING_OP_READ, b->pipe[0], 1, b->in))
		return -1;
	if (results(b, 2, res) < 0 || is(b, res[0], LEN, "link: write") < 0 ||
	    is(b, res[1], LEN, "link: read") < 0 || same_bytes(b, "link") < 0)
		return -1;
	if (write(b->pipe[1], b->out, LEN / 2) != LEN / 2)
		return say(b, SELFTEST_FAIL, "pipe: cannot write");
	sqe = transfer(b, URING_OP_READ, b->pipe[0], 0, b->in);
	if (!sqe)
		return -1;
	sqe->flags = URING_SQE_IO_LINK;
	if (!request(b, URING_OP_NOP, -1, 1) || results(b, 2, res) < 0 ||
	    is(b, res[0], LEN / 2, "link: short read") < 0)
		return -1;
	return is(b, res[1], -ECANCELED, "link: what follows a failure");
}

static int open_sockets(struct bench *b)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	b->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->listener < 0 || b->client < 0 ||
	    bind(b->listener, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(b->listener, 1) < 0 ||
	    getsockname(b->listener, (struct sockaddr *)&a, &len) < 0 ||
	    connect(b->client, (struct sockaddr *)&a, sizeof(a)) < 0)
		return say(b, SELFTEST_FAIL, "loopback: %s", strerror(errno));
	return 0;
}

static int test_accept(struct bench *b)
{
	struct uring_sqe *sqe;
	int res;

	if (open_sockets(b) < 0)
		return -1;
	sqe = request(b, URING_OP_ACCEPT, b->listener, 0);
	if (!sqe)
		return -1;
	sqe->op_flags = SOCK_CLOEXEC;
	if (results(b, 1, &res) < 0)
		return -1;
	if (res < 0)
		return is(b, res, 0, "accept");
	b->server = res;
	return 0;
}

static int test_recv(struct bench *b)
{
	int res;

	if (b->server < 0)
		return say(b, SELFTEST_SKIP, "recv: there is no connection");
	fresh_bytes(b, 4);
	if (send(b->client, b->out, LEN, MSG_NOSIGNAL) != LEN)
		return say(b, SELFTEST_FAIL, "loopback: cannot send");
	if (!transfer(b, URING_OP_RECV, b->server, 0, b->in) || results(b, 1, &res) < 0 ||
	    is(b, res, LEN, "recv") < 0)
		return -1;
	return same_bytes(b, "recv");
}

static int test_send(struct bench *b)
{
	struct uring_sqe *sqe;
	int res;

	if (b->server < 0)
		return say(b, SELFTEST_SKIP, "send: there is no connection");
	fresh_bytes(b, 5);
	sqe = transfer(b, URING_OP_SEND, b->server, 0, b->out);
	if (!sqe)
		return -1;
	sqe->op_flags = MSG_NOSIGNAL;
	if (results(b, 1, &res) < 0 || is(b, res, LEN, "send") < 0)
		return -1;
	if (recv(b->client, b->in, LEN, MSG_WAITALL) != LEN)
		return say(b, SELFTEST_FAIL, "send: not all of it arrived");
	return same_bytes(b, "send");
}

/* A read of an empty pipe waits until it is cancelled. */
static int test_cancel(struct bench *b)
{
	struct uring_sqe *sqe;
	int res[2];

	if (fresh_pipe(b) < 0)
		return -1;
	if (!transfer(b, URING_OP_READ, b->pipe[0], 0, b->in))
		return -1;
	sqe = request(b, URING_OP_ASYNC_CANCEL, -1, 1);
	if (!sqe)
		return -1;
	sqe->addr = 0; /* the tag */
	if (results(b, 2, res) < 0)
		return -1;
	if (res[0] == -EINVAL) /* before 5.6: nothing was there to be cancelled */
		return is(b, res[0], -ECANCELED, "cancel: read");
	/* It may be found running in a kernel thread. */
	if (res[1] != -EALREADY && is(b, res[1], 0, "cancel") < 0)
		return -1;
	return res[0] == -EINTR ? 0
				: is(b, res[0], -ECANCELED, "cancel: what was cancelled");
}

static const struct {
	const char *name;
	int (*run)(struct bench *b);
} tests[SELFTEST_ROWS] = {
	{ "nop", test_nop },	     { "read", test_read }, { "write", test_write },
	{ "timeout", test_timeout }, { "link", test_link }, { "accept", test_accept },
	{ "recv", test_recv },	     { "send", test_send }, { "cancel", test_cancel },
};

static void bench_free(struct bench *b)
{
	int *fds[] = { &b->pipe[0], &b->pipe[1], &b->listener, &b->client, &b->server };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		cleanup_close(fds[i]);
	uring_clear(&b->ring);
	if (!b->stuck)
		free(b);
}

int uring_selftest(struct selftest_row rows[SELFTEST_ROWS], struct err *e)
{
	struct bench *b = calloc(1, sizeof(*b));
	size_t i;
	int r;

	if (!b)
		return err_set(e, -ENOMEM, "io_uring: out of memory");
	b->pipe[0] = b->pipe[1] = b->listener = b->client = b->server = -1;
	r = uring_init(&b->ring, 8, 0, URING_FAST, e);
	for (i = 0; r >= 0 && i < SELFTEST_ROWS; i++) {
		memset(&rows[i], 0, sizeof(rows[i]));
		rows[i].name = tests[i].name;
		b->row = &rows[i];
		if (b->stuck)
			say(b, SELFTEST_SKIP, "a request before it did not end");
		else
			tests[i].run(b);
	}
	bench_free(b);
	return r < 0 ? r : 0;
}

const char *selftest_result_name(enum selftest_result r)
{
	static const char *const names[] = { "pass", "fail", "skip" };

	return names[r];
}
