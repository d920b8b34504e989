/* A ring, its overflow, its flags, rings of buffers; the self-test. */
#include "unit.h"

#include "base/cleanup.h"
#include "uring/ring.h"
#include "uring/selftest.h"

#include <errno.h>
#include <sys/socket.h>

static int ring_or_reason(struct uring *u, unsigned sq, unsigned cq, uint32_t flags)
{
	struct err e = { "" };
	int r = uring_init(u, sq, cq, flags, &e);

	if (r < 0)
		print_message("# skipped: %s\n", e.msg);
	return r;
}

static void nops(struct uring *u, unsigned from, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		struct uring_sqe *sqe = uring_sqe(u);

		assert_non_null(sqe);
		sqe->opcode = URING_OP_NOP;
		sqe->user_data = from + i;
	}
}

static void more_requests_than_slots(void **state UNUSED)
{
	static const uint32_t flags[] = { URING_FAST, 0 };
	size_t f;

	for (f = 0; f < 2; f++) {
		CLEANUP(cleanup_uring) struct uring u = URING_INIT;
		struct uring_cqe cqe;
		unsigned i, seen = 0;

		if (ring_or_reason(&u, 4, 0, flags[f]) < 0)
			return;
		/* 4 slots, 8 completions fit: the rest overflows and is fetched. */
		nops(&u, 0, 50);
		assert_int_equal(uring_submit(&u, 1, -1), 0);
		for (i = 0; i < 100 && seen < 50; i++) {
			while (uring_next(&u, &cqe)) {
				assert_int_equal(cqe.user_data, seen);
				assert_int_equal(cqe.res, 0);
				seen++;
			}
			assert_int_equal(uring_submit(&u, 0, 0), 0);
		}
		assert_int_equal(seen, 50);
		assert_false(uring_next(&u, &cqe));
		assert_true(u.calls > 10);
	}
}

static void a_wrong_request_does_not_stop_the_others(void **state UNUSED)
{
	static const uint32_t flags[] = { URING_FAST, 0 };
	size_t f;

	for (f = 0; f < 2; f++) {
		CLEANUP(cleanup_uring) struct uring u = URING_INIT;
		struct uring_sqe *sqe;
		struct uring_cqe cqe;
		int res[3] = { 1, 1, 1 };

		if (ring_or_reason(&u, 8, 0, flags[f]) < 0)
			return;
		sqe = uring_sqe(&u);
		sqe->opcode = 250;
		sqe->user_data = 0;
		nops(&u, 1, 2);
		assert_int_equal(uring_submit(&u, 3, 1000000000), 0);
		while (uring_next(&u, &cqe))
			res[cqe.user_data] = cqe.res;
		assert_int_equal(res[0], -EINVAL);
		assert_int_equal(res[1], 0);
		assert_int_equal(res[2], 0);
	}
}

static void waiting_ends_in_time(void **state UNUSED)
{
	CLEANUP(cleanup_uring) struct uring u = URING_INIT;
	struct uring_cqe cqe;

	if (ring_or_reason(&u, 4, 0, URING_FAST) < 0)
		return;
	assert_int_equal(uring_submit(&u, 1, 5000000), 0);
	assert_false(uring_next(&u, &cqe));
	/* As before 5.11, where the ring is polled. */
	u.features &= ~(uint32_t)URING_FEAT_EXT_ARG;
	assert_int_equal(uring_submit(&u, 1, 5000000), 0);
	assert_false(uring_next(&u, &cqe));
}

static void refusals_say_why(void **state UNUSED)
{
	struct uring u;
	struct err e = { "" };

	assert_int_equal(uring_init(&u, 0, 0, URING_FAST, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "io_uring: cannot make a ring of 0 entries"));
	uring_clear(&u);
	/* A flag nobody knows is no reason to drop all others and succeed. */
	assert_int_equal(uring_init(&u, 8, 0, 1u << 31, &e), -EINVAL);
}

static void receive_piece(struct uring *u, int fd, struct uring_cqe *cqe)
{
	struct uring_sqe *sqe = uring_sqe(u);

	assert_non_null(sqe);
	sqe->opcode = URING_OP_RECV;
	sqe->fd = fd;
	sqe->flags = URING_SQE_BUFFER_SELECT;
	sqe->buf_group = 7;
	sqe->user_data = 99;
	assert_int_equal(uring_submit(u, 1, 1000000000), 0);
	assert_true(uring_next(u, cqe));
}

static void buffers_go_round(void **state UNUSED)
{
	int inc;

	for (inc = 0; inc < 2; inc++) {
		CLEANUP(cleanup_uring) struct uring u = URING_INIT;
		struct uring_bufs b;
		struct err e = { "" };
		int pair[2], i;

		if (ring_or_reason(&u, 8, 0, URING_FAST) < 0)
			return;
		if (uring_bufs_init(&b, &u, 7, 2, 64, inc, &e) < 0) {
			print_message("# skipped: %s\n", e.msg);
			return;
		}
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		for (i = 0; i < 40; i++) {
			char text[40];
			struct uring_cqe cqe;
			unsigned bid;
			bool more;
			char *at;
			int done = 0;

			snprintf(text, sizeof(text), "message number %7d", i);
			assert_int_equal(write(pair[1], text, 22), 22);
			while (done < 22) {
				receive_piece(&u, pair[0], &cqe);
				assert_true(cqe.res > 0);
				assert_true(cqe.flags & URING_CQE_BUFFER);
				at = uring_bufs_take(&b, &cqe, &bid, &more);
				assert_true(bid < 2);
				assert_memory_equal(at, text + done, cqe.res);
				done += cqe.res;
				if (!more) {
					uring_bufs_give(&b, bid);
					uring_bufs_publish(&b);
				}
			}
		}
		close(pair[0]);
		close(pair[1]);
		uring_bufs_clear(&b, &u);
	}
}

static void every_operation_of_the_self_test(void **state UNUSED)
{
	struct selftest_row rows[SELFTEST_ROWS];
	struct err e = { "" };
	size_t i;

	if (uring_selftest(rows, &e) < 0) {
		print_message("# skipped: %s\n", e.msg);
		return;
	}
	for (i = 0; i < SELFTEST_ROWS; i++) {
		if (rows[i].result == SELFTEST_SKIP)
			print_message("# %s skipped: %s\n", rows[i].name, rows[i].reason);
		assert_true(rows[i].result != SELFTEST_FAIL);
		assert_true((rows[i].result == SELFTEST_PASS) == !*rows[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_requests_than_slots),
		cmocka_unit_test(a_wrong_request_does_not_stop_the_others),
		cmocka_unit_test(waiting_ends_in_time),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(buffers_go_round),
		cmocka_unit_test(every_operation_of_the_self_test),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
