/* The load generator against servers that do wrong: a proxy that changes one byte, one
 * that swallows, doubles or ends early. */
#include "unit.h"

#include "base/cleanup.h"
#include "echo/load.h"
#include "echo/pattern.h"
#include "echo/server.h"
#include "echo/stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

enum wrong {
	NOTHING,
	FLIP,	 /* one bit of a byte */
	SWALLOW, /* the byte never comes */
	DOUBLE,	 /* it comes twice */
	END,	 /* the connection ends before it */
};

/* Between clients and a server: does WRONG to byte AT of what connection CONN, in the
 * order of accepting, gets back. */
struct proxy {
	enum wrong wrong;
	unsigned conn;
	uint64_t at;

	int listen_fd;
	uint16_t port, server_port;
	unsigned n, links;
	struct {
		int client, server;
		uint64_t back;
	} link[4];
	pthread_t thread;
};

static bool write_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t w = send(fd, data, n, MSG_NOSIGNAL);

		if (w < 0)
			return false;
		data += w;
		n -= (size_t)w;
	}
	return true;
}

/* False: end the connection. */
static bool pass_back(struct proxy *p, unsigned i, char *data, size_t n)
{
	uint64_t from = p->link[i].back;
	size_t at = (size_t)(p->at - from);
	int to = p->link[i].client;

	p->link[i].back += n;
	if (i != p->conn || p->wrong == NOTHING || p->at < from || at >= n)
		return write_all(to, data, n);
	switch (p->wrong) {
	case FLIP:
		data[at] ^= 0x10;
		return write_all(to, data, n);
	case SWALLOW:
		return write_all(to, data, at) &&
		       write_all(to, data + at + 1, n - at - 1);
	case DOUBLE:
		return write_all(to, data, at + 1) && write_all(to, data + at, n - at);
	default:
		write_all(to, data, at);
		return false;
	}
}

static void drop(struct proxy *p, unsigned i)
{
	close(p->link[i].client);
	close(p->link[i].server);
	p->link[i].client = p->link[i].server = -1;
	p->links--;
}

static bool pump(struct proxy *p, unsigned i, bool back)
{
	static char data[64 * 1024];
	int from = back ? p->link[i].server : p->link[i].client;
	ssize_t n = recv(from, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0) {
		/* A half-close goes through; the second ends the pair. */
		if (!back && n == 0)
			return shutdown(p->link[i].server, SHUT_WR) == 0;
		return false;
	}
	return back ? pass_back(p, i, data, (size_t)n)
		    : write_all(p->link[i].server, data, (size_t)n);
}

static int dial(uint16_t port)
{
	struct sockaddr_in a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -1 : fd;
}

static void *proxy_main(void *arg)
{
	struct proxy *p = arg;
	unsigned i;

	for (i = 0; i < p->n; i++) {
		struct pollfd l = { p->listen_fd, POLLIN, 0 };

		if (poll(&l, 1, 5000) != 1)
			return NULL;
		p->link[i].client = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		p->link[i].server = dial(p->server_port);
		p->links++;
	}
	while (p->links) {
		struct pollfd fds[8];

		for (i = 0; i < p->n; i++) {
			fds[2 * i] = (struct pollfd){ p->link[i].client, POLLIN, 0 };
			fds[2 * i + 1] = (struct pollfd){ p->link[i].server, POLLIN, 0 };
		}
		if (poll(fds, 2 * p->n, 5000) <= 0)
			break;
		for (i = 0; i < p->n; i++) {
			bool go_on = true;

			if (fds[2 * i].revents)
				go_on = pump(p, i, false);
			if (go_on && fds[2 * i + 1].revents)
				go_on = pump(p, i, true);
			if (!go_on)
				drop(p, i);
		}
	}
	for (i = 0; i < p->n; i++)
		if (p->link[i].client >= 0)
			drop(p, i);
	return NULL;
}

/* Run a load through the proxy; its result, and what it says. */
static int load_through(struct proxy *p, unsigned connections, size_t message,
			uint64_t messages, struct load_result *got, struct err *e)
{
	struct server *server;
	struct load_opts o;
	struct load *load;
	int r;

	assert_int_equal(server_start(&server, &engine_epoll, 0, -1, e), 0);
	p->n = connections;
	p->server_port = server_port(server);
	p->port = 0;
	p->listen_fd = engine_listen(&p->port, e);
	assert_true(p->listen_fd >= 0);
	assert_int_equal(pthread_create(&p->thread, NULL, proxy_main, p), 0);
	memset(&o, 0, sizeof(o));
	o.port = p->port;
	o.connections = connections;
	o.threads = 1;
	o.message = message;
	o.messages = messages;
	o.cpu = -1;
	o.stall_ms = 300;
	assert_int_equal(load_start(&load, &o, e), 0);
	r = load_finish(load, got, e);
	pthread_join(p->thread, NULL);
	close(p->listen_fd);
	server_stop(server, NULL, NULL);
	return r;
}

static void a_clean_proxy_passes(void **state UNUSED)
{
	struct proxy p = { .wrong = NOTHING };
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	struct err e = { "" };

	assert_int_equal(load_through(&p, 2, 64 * 1024, 180, got, &e), 0);
	assert_int_equal(got->messages, 360);
	assert_int_equal(got->bytes_checked, 360 * 64 * 1024);
}

static void a_flipped_byte_is_located(void **state UNUSED)
{
	struct proxy p = { .wrong = FLIP, .conn = 1, .at = 10 * 1000 * 1000 };
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	unsigned char table[PATTERN_SIZE(1)];
	struct err e = { "" };
	unsigned char sent;
	char want[128];

	assert_int_equal(load_through(&p, 2, 64 * 1024, 180, got, &e), -EBADMSG);
	pattern_fill(table, sizeof(table));
	sent = table[pattern_at(1, p.at)];
	snprintf(want, sizeof(want),
		 "connection 1: byte 10000000: came back as 0x%02x, was sent as 0x%02x",
		 sent ^ 0x10, sent);
	assert_string_equal(e.msg, want);
}

static void what_is_missing_or_too_much_is_located(void **state UNUSED)
{
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	struct proxy swallow = { .wrong = SWALLOW, .at = 12345 };
	struct proxy twice = { .wrong = DOUBLE, .at = 12345 };
	struct proxy end = { .wrong = END, .at = 12345 };
	struct proxy last = { .wrong = DOUBLE, .at = 9999 };
	struct proxy lost = { .wrong = SWALLOW, .at = 9999 };
	struct err e = { "" };

	/* From the missing byte on, all that comes is wrong (or equal by chance). */
	assert_int_equal(load_through(&swallow, 1, 1000, 20, got, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "connection 0: byte 1234"));
	assert_int_equal(load_through(&twice, 1, 1000, 20, got, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, "connection 0: byte 1234"));
	assert_int_equal(load_through(&end, 1, 1000, 20, got, &e), -ECONNRESET);
	assert_non_null(strstr(e.msg, "connection 0: byte 12345: the server ended"));
	/* After the last message; and a last byte that never comes. */
	assert_int_equal(load_through(&last, 1, 1000, 10, got, &e), -EBADMSG);
	assert_non_null(
		strstr(e.msg, "connection 0: byte 10000: came back, but was never"));
	assert_int_equal(load_through(&lost, 1, 1000, 10, got, &e), -ETIMEDOUT);
	assert_non_null(strstr(e.msg, "connection 0: byte 9999: no answer"));
}

static void each_connection_has_its_pattern(void **state UNUSED)
{
	unsigned char *t = malloc(PATTERN_SIZE(4096));
	unsigned c, equal = 0;

	assert_non_null(t);
	pattern_fill(t, PATTERN_SIZE(4096));
	for (c = 1; c < 2000; c++)
		equal += !memcmp(t + pattern_at(0, 0), t + pattern_at(c, 0), 8);
	assert_int_equal(equal, 0);
	/* The period divides no size that buffers have. */
	assert_memory_not_equal(t + pattern_at(0, 0), t + pattern_at(0, 65536), 64);
	assert_memory_equal(t + pattern_at(3, 0), t + pattern_at(3, PATTERN_PERIOD), 64);
	free(t);
}

static bool near(double a, double b, double by)
{
	return a - b < by && b - a < by;
}

/* Little's law: nothing that was under way was left out. */
static void times_add_up_to_the_connections(void **state UNUSED)
{
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	struct load_opts o = { 0, 30, 3, 500, 0, -1, 0 };
	struct server *server;
	struct load *l;
	struct err e = { "" };
	double edge;

	assert_int_equal(server_start(&server, &engine_epoll, 0, -1, &e), 0);
	o.port = server_port(server);
	assert_int_equal(load_start(&l, &o, &e), 0);
	usleep(20000);
	load_open_window(l);
	usleep(150000);
	load_close_window(l);
	assert_int_equal(load_finish(l, got, &e), 0);
	assert_int_equal(server_stop(server, NULL, &e), 0);
	assert_true(got->latency.count > 100);
	assert_true(got->messages >= got->latency.count);
	assert_int_equal(got->bytes_checked, got->messages * 500);
	assert_true(got->per_s > 1000);
	assert_true(got->busy > 0 && got->busy < 1.1);
	edge = (double)got->latency.max / 1e9 / got->window_s;
	assert_true(got->window_s > 0.1 && got->window_s < 2);
	assert_true(near(got->under_way, (double)got->latency.sum / 1e9 / got->window_s,
			 0.1 * got->under_way));
	assert_true(stats_little_holds(got->under_way, 30, edge));
	/* Had each time been measured as half of what it was, it would be noticed. */
	if (edge < 0.4)
		assert_false(stats_little_holds(got->under_way / 2, 30, edge));
}

static void refusals(void **state UNUSED)
{
	struct load_opts o = { 1, 0, 1, 128, 1, -1, 0 };
	struct load *l = NULL;
	struct err e = { "" };

	assert_int_equal(load_start(&l, &o, &e), -EINVAL);
	o.connections = 1;
	assert_int_equal(load_start(&l, &o, &e), -ECONNREFUSED);
	assert_non_null(strstr(e.msg, "connection 0: cannot connect to 127.0.0.1:1"));
	o.message = 0;
	assert_int_equal(load_start(&l, &o, &e), -EINVAL);
	assert_null(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_proxy_passes),
		cmocka_unit_test(a_flipped_byte_is_located),
		cmocka_unit_test(what_is_missing_or_too_much_is_located),
		cmocka_unit_test(each_connection_has_its_pattern),
		cmocka_unit_test(times_add_up_to_the_connections),
		cmocka_unit_test(refusals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
