/* The echo engines: every byte comes back in order, whatever the peer does. Each test runs
 * on each engine, and on io_uring also as on older kernels. */
#include "unit.h"

#include "base/cleanup.h"
#include "echo/load.h"
#include "echo/pattern.h"
#include "echo/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

/* A slow peer's bytes: 256 KiB and what was received before the kernel heard of it, at
 * most the shared buffers and eight pieces. */
#define KEPT_LIMIT (256 * 1024 + 1024 * 1024 + 8 * 64 * 1024)

struct variant {
	const struct engine *engine;
	unsigned lacks;
};

static const struct variant variants[] = {
	{ &engine_epoll, 0 },
	{ &engine_uring, 0 },
	{ &engine_uring, ENGINE_LACK_INCREMENTAL },
	{ &engine_uring, ENGINE_LACK_INCREMENTAL | ENGINE_LACK_FAST_SETUP },
	{ &engine_uring,
	  ENGINE_LACK_MULTISHOT | ENGINE_LACK_INCREMENTAL | ENGINE_LACK_FAST_SETUP },
	{ &engine_uring, ENGINE_LACK_BUFFER_RING },
	{ &engine_uring_basic, 0 },
};

typedef void (*test_fn)(const struct variant *v);

static void each(test_fn test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants); i++) {
		struct err e = { "" };

		if (variants[i].engine->available(&e) < 0) {
			print_message("# skipped: %s: %s\n", variants[i].engine->name,
				      e.msg);
			continue;
		}
		test(&variants[i]);
	}
}

static struct server *start(const struct variant *v)
{
	struct server *s = NULL;
	struct err e = { "" };

	if (server_start(&s, v->engine, v->lacks, -1, &e) < 0)
		fail_msg("%s", e.msg);
	return s;
}

static struct engine_counters stop(struct server *s)
{
	struct engine_run run;
	struct err e = { "" };

	if (server_stop(s, &run, &e) < 0)
		fail_msg("%s", e.msg);
	return run.counters;
}

static void load(const struct variant *v, struct server *s, unsigned connections,
		 unsigned threads, size_t message, uint64_t messages)
{
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	struct load_opts o;
	struct load *l;
	struct err e = { "" };

	memset(&o, 0, sizeof(o));
	o.port = server_port(s);
	o.connections = connections;
	o.threads = threads;
	o.message = message;
	o.messages = messages;
	o.cpu = -1;
	if (load_start(&l, &o, &e) < 0 || load_finish(l, got, &e) < 0)
		fail_msg("%s (%u), %zu bytes: %s", v->engine->name, v->lacks, message,
			 e.msg);
	assert_int_equal(got->messages, connections * messages);
	assert_int_equal(got->bytes_checked, connections * messages * message);
}

/* The load half-closes at its end and waits for the server's end. */
static void sizes(const struct variant *v)
{
	static const size_t message[] = { 1,	 2,	127,   128,    4096,   16384,
					  16385, 65536, 65537, 100000, 1048576 };
	struct server *s = start(v);
	struct engine_counters n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(message); i++)
		load(v, s, 5, 1, message[i], message[i] < 100000 ? 40 : 4);
	n = stop(s);
	assert_int_equal(n.accepted, 5 * ARRAY_SIZE(message));
	assert_int_equal(n.dropped, 0);
	assert_true(n.calls > 0);
}

static void byte_identical_for_all_sizes(void **state UNUSED)
{
	each(sizes);
}

static void many(const struct variant *v)
{
	struct server *s = start(v);

	load(v, s, 500, 3, 700, 10);
	load(v, s, 100, 2, 20000, 10);
	stop(s);
}

static void five_hundred_connections(void **state UNUSED)
{
	each(many);
}

static int dial(const struct server *s, int receive_buffer)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (receive_buffer)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
					    sizeof(receive_buffer)),
				 0);
	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(server_port(s));
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Send as much of [*done, LEN) as goes without waiting; true when the server has not taken
 * anything for MS. */
static bool push(int fd, const char *data, size_t len, size_t *done, int ms)
{
	while (*done < len) {
		struct pollfd p = { fd, POLLOUT, 0 };
		ssize_t n =
			send(fd, data + *done, len - *done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			*done += (size_t)n;
		else if (poll(&p, 1, ms) == 0)
			return true;
	}
	return false;
}

/* All of [FROM, TO) comes back, and then, at END, nothing but the end. */
static void expect_back(int fd, const char *data, size_t from, size_t to, bool end)
{
	static char got[65536];

	while (from < to) {
		struct pollfd p = { fd, POLLIN, 0 };
		size_t want = to - from < sizeof(got) ? to - from : sizeof(got);
		ssize_t n;

		assert_int_equal(poll(&p, 1, 5000), 1);
		n = recv(fd, got, want, 0);
		assert_true(n > 0);
		assert_memory_equal(got, data + from, n);
		from += (size_t)n;
	}
	if (end) {
		struct pollfd p = { fd, POLLIN, 0 };

		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(recv(fd, got, sizeof(got), 0), 0);
	}
}

static char *pattern(size_t len)
{
	char *data = malloc(len);

	assert_non_null(data);
	pattern_fill((unsigned char *)data, len);
	return data;
}

/* Everything is sent and the sending side closed before one byte is read. */
static void half_close(const struct variant *v)
{
	const size_t len = 200000;
	CLEANUP_FREE char *data = pattern(len);
	struct server *s = start(v);
	int fd = dial(s, 4096);
	size_t done = 0;

	assert_false(push(fd, data, len, &done, 2000));
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	usleep(20000);
	expect_back(fd, data, 0, len, true);
	close(fd);
	assert_int_equal(stop(s).dropped, 0);
}

static void half_close_with_data_in_flight(void **state UNUSED)
{
	each(half_close);
}

/* A peer sends and does not read: the server stops reading from it, others are served,
 * and when it reads at last it gets all. */
static void slow(const struct variant *v)
{
	const size_t len = 64 << 20;
	CLEANUP_FREE char *data = pattern(len);
	struct server *s = start(v);
	int fd[20], i;
	size_t done[20];
	struct engine_counters n;

	for (i = 0; i < 20; i++) {
		fd[i] = dial(s, 4096);
		done[i] = 0;
		/* Later ones only take a part: what counts is that they all hang. */
		push(fd[i], data, i ? 1 << 20 : len, &done[i], i ? 0 : 200);
	}
	if (done[0] == len)
		fail_msg("%s (%u) took all", v->engine->name, v->lacks);
	load(v, s, 4, 1, 16384, 50);
	load(v, s, 4, 1, 1, 50);
	expect_back(fd[0], data, 0, done[0], false);
	assert_int_equal(shutdown(fd[0], SHUT_WR), 0);
	expect_back(fd[0], data, done[0], done[0], true);
	for (i = 1; i < 20; i++) {
		assert_int_equal(shutdown(fd[i], SHUT_WR), 0);
		expect_back(fd[i], data, 0, done[i], true);
	}
	for (i = 0; i < 20; i++)
		close(fd[i]);
	n = stop(s);
	assert_int_equal(n.dropped, 0);
	assert_true(n.kept_max > 0);
	assert_true(n.kept_max <= KEPT_LIMIT);
}

static void slow_readers_hold_nobody_up(void **state UNUSED)
{
	each(slow);
}

/* Connections that are reset, idle or in the middle of sending and of receiving. */
static void resets(const struct variant *v)
{
	const struct linger hard = { 1, 0 };
	const size_t len = 1 << 20;
	CLEANUP_FREE char *data = pattern(len);
	struct server *s = start(v);
	struct engine_counters n;
	int i;

	for (i = 0; i < 60; i++) {
		int fd = dial(s, i % 2 ? 4096 : 0);
		size_t done = 0;

		if (i % 3)
			push(fd, data, i % 3 == 1 ? 100 : len, &done, 1);
		assert_int_equal(
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
		close(fd);
	}
	load(v, s, 10, 1, 5000, 20);
	n = stop(s);
	assert_int_equal(n.accepted, 70);
	assert_true(n.dropped > 0);
	assert_true(n.dropped <= 60);
}

static void resets_hurt_nobody_else(void **state UNUSED)
{
	each(resets);
}

static void say_and_hear(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char c = 'x';

	assert_int_equal(write(fd, &c, 1), 1);
	assert_int_equal(poll(&p, 1, 2000), 1);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, 'x');
}

/* No descriptor is left: who is connected is served, who waits is served later. The limit
 * is set first, for io_uring looks at it when an accept is armed. */
static void no_descriptors(const struct variant *v)
{
	struct rlimit old, now;
	int fd[8], filler[64], waiting, n = 0, i;
	struct timespec a, b;
	struct server *s;
	struct pollfd p;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	now = old;
	now.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	s = start(v);
	for (i = 0; i < 8; i++) {
		fd[i] = dial(s, 0);
		say_and_hear(fd[i]);
	}
	waiting = dial(s, 0);
	say_and_hear(waiting);
	while (n < 64 && (filler[n] = dup(0)) >= 0)
		n++;
	assert_int_equal(errno, EMFILE);
	close(waiting); /* the server closes its end, too: one for us, one for it */
	usleep(20000);
	filler[n] = dup(0);
	assert_true(filler[n++] >= 0);
	waiting = dial(s, 0);
	p = (struct pollfd){ waiting, POLLIN, 0 };
	assert_int_equal(write(waiting, "x", 1), 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	assert_int_equal(poll(&p, 1, 200), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	/* It did not spin for these 200 ms. */
	assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 <
		    100);
	for (i = 0; i < 8; i++)
		say_and_hear(fd[i]);
	for (i = 0; i < n; i++)
		close(filler[i]);
	assert_int_equal(poll(&p, 1, 2000), 1);
	close(waiting);
	for (i = 0; i < 8; i++)
		close(fd[i]);
	stop(s);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void no_descriptor_left(void **state UNUSED)
{
	each(no_descriptors);
}

/* Stopped with connections open, idle and busy: it ends, and soon. */
static void stops(const struct variant *v)
{
	CLEANUP_FREE char *data = pattern(8 << 20);
	struct server *s = start(v);
	struct timespec a, b;
	size_t done = 0;
	int idle = dial(s, 0), busy = dial(s, 4096);

	push(busy, data, 8 << 20, &done, 100);
	clock_gettime(CLOCK_MONOTONIC, &a);
	stop(s);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 <
		    1000);
	close(idle);
	close(busy);
}

static void stops_with_connections_open(void **state UNUSED)
{
	each(stops);
}

static void engines_by_name(void **state UNUSED)
{
	assert_ptr_equal(engine_find("uring"), &engine_uring);
	assert_ptr_equal(engine_find("epoll"), &engine_epoll);
	assert_null(engine_find("select"));
}

static void a_taken_port_is_named(void **state UNUSED)
{
	uint16_t port = 0;
	struct err e = { "" };
	char want[64];
	int fd = engine_listen(&port, &e);

	assert_true(fd >= 0);
	assert_int_equal(engine_listen(&port, &e), -EADDRINUSE);
	snprintf(want, sizeof(want), "127.0.0.1:%u: cannot listen", port);
	assert_non_null(strstr(e.msg, want));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byte_identical_for_all_sizes),
		cmocka_unit_test(five_hundred_connections),
		cmocka_unit_test(half_close_with_data_in_flight),
		cmocka_unit_test(slow_readers_hold_nobody_up),
		cmocka_unit_test(resets_hurt_nobody_else),
		cmocka_unit_test(no_descriptor_left),
		cmocka_unit_test(stops_with_connections_open),
		cmocka_unit_test(engines_by_name),
		cmocka_unit_test(a_taken_port_is_named),
	};
	struct rlimit l;

	/* Both ends of 500 connections are ours. */
	getrlimit(RLIMIT_NOFILE, &l);
	l.rlim_cur = l.rlim_max < 4096 ? l.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &l);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
