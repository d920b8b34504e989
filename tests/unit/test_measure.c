/* A run that got a wrong byte back counts for nothing: it fails, and says where. */
#include "unit.h"

#include "echo/engine.h"
#include "echo/measure.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define FLIPPED 123456 /* the byte of the one connection that comes back changed */

static int available(struct err *e UNUSED)
{
	return 0;
}

/* What is there to read goes back; the FLIPPEDth byte with one bit changed. */
static int turn(int fd, uint64_t *done, bool flip)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n <= 0)
		return -1;
	if (flip && *done <= FLIPPED && FLIPPED < *done + (uint64_t)n)
		buf[FLIPPED - *done] ^= 4;
	*done += (uint64_t)n;
	return send(fd, buf, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

static int serve(struct engine_run *run, bool flip)
{
	struct pollfd fds[2] = { { .fd = run->stop_fd, .events = POLLIN },
				 { .fd = run->listen_fd, .events = POLLIN } };
	uint64_t done = 0;
	int fd = -1;

	if (engine_ready(run) < 0)
		return -EIO;
	while (poll(fds, 2, 10) >= 0 && !fds[0].revents) {
		engine_turn(run);
		if (!fds[1].revents)
			continue;
		if (fd < 0)
			fds[1].fd = fd = accept(run->listen_fd, NULL, NULL);
		else if (turn(fd, &done, flip) < 0)
			shutdown(fd, SHUT_RDWR), fds[1].fd = -1;
	}
	if (fd >= 0)
		close(fd);
	return 0;
}

static int serve_true(struct engine_run *run, struct err *e UNUSED)
{
	return serve(run, false);
}

static int serve_flipped(struct engine_run *run, struct err *e UNUSED)
{
	return serve(run, true);
}

static const struct scenario one = {
	.name = "one",
	.summary = "one connection",
	.connections = 1,
	.message = 1000,
	.threads = 1,
};
static const struct timing short_time = { 20, 200 };

static void a_true_engine_passes(void **state UNUSED)
{
	const struct engine engine = { "true", "echo", available, serve_true };
	struct figures f;
	struct err e = { "" };
	int r = 0, try;

	/* A busy machine may stop us for longer than the window: such a run is refused. */
	for (try = 0; try < 5; try++) {
		r = measure_run(&engine, &one, &short_time, &f, &e);
		if (r != -EDOM)
			break;
	}
	if (r < 0)
		fail_msg("%s", e.msg);
	assert_true(f.bytes_checked > 2 * FLIPPED);
}

static void a_flipped_byte_fails_and_is_located(void **state UNUSED)
{
	const struct engine engine = { "flipped", "echo", available, serve_flipped };
	struct figures f;
	struct err e = { "" };

	assert_int_equal(measure_run(&engine, &one, &short_time, &f, &e), -EBADMSG);
	if (!strstr(e.msg, "one, flipped") ||
	    !strstr(e.msg, "connection 0: byte 123456: "))
		fail_msg("%s", e.msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_engine_passes),
		cmocka_unit_test(a_flipped_byte_fails_and_is_located),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
