/* ring_ops: what a real ring does, by raw calls: an oracle for `probe` that shares no line
 * with it. One answer a line:
 *
 *   op NUMBER known|unknown|not_built     each operation 0..70, submitted
 *   setup NUMBER known|unknown            a ring made with each flag
 *   sqe NUMBER known|unknown              a request with each flag
 *   flag NAME works|no RESULT             flags of single operations, really used
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ENTRIES 16
#define SQE128 (1u << 10)
#define BUFFER_SELECT (1u << 5)
#define IO_LINK (1u << 2)
#define MORE (1u << 1)
#define NOTIF (1u << 3)

struct params {
	uint32_t sq_entries, cq_entries, flags, cpu, idle, features, wq_fd, resv[3];
	uint32_t sq[10], cq[10]; /* offsets: head, tail, mask, ... */
};

struct sqe {
	uint8_t opcode, flags;
	uint16_t ioprio;
	int32_t fd;
	uint64_t off, addr;
	uint32_t len, op_flags;
	uint64_t user_data;
	uint16_t buf_group, personality;
	uint32_t file_index;
	uint64_t rest[2];
};

struct cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

static struct {
	int fd;
	struct params p;
	char *sq, *cq, *sqes;
	size_t stride;
} ring;

static int setup(struct params *p)
{
	int r = (int)syscall(425, ENTRIES, p);

	return r < 0 ? -errno : r;
}

static void *map(size_t len, long at)
{
	void *m = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		       ring.fd, at);

	if (m == MAP_FAILED) {
		perror("ring_ops: mmap");
		exit(1);
	}
	return m;
}

/* Slots of 128 bytes where there are any: some operations want them. */
static void ring_open(void)
{
	ring.p.flags = SQE128;
	ring.fd = setup(&ring.p);
	if (ring.fd == -EINVAL) {
		memset(&ring.p, 0, sizeof(ring.p));
		ring.fd = setup(&ring.p);
	}
	if (ring.fd < 0) {
		printf("no ring: %s\n", strerror(-ring.fd));
		exit(1);
	}
	ring.stride = ring.p.flags & SQE128 ? 128 : 64;
	ring.sq = map(ring.p.sq[6] + 4 * ring.p.sq_entries, 0);
	ring.cq = map(ring.p.cq[5] + sizeof(struct cqe) * ring.p.cq_entries, 0x8000000);
	ring.sqes = map(ring.stride * ring.p.sq_entries, 0x10000000);
}

static uint32_t *word(char *base, uint32_t offset)
{
	return (uint32_t *)(void *)(base + offset);
}

static void queue(const struct sqe *s)
{
	uint32_t *tail = word(ring.sq, ring.p.sq[1]);
	uint32_t slot = *tail & (ring.p.sq_entries - 1);

	memset(ring.sqes + slot * ring.stride, 0, ring.stride);
	memcpy(ring.sqes + slot * ring.stride, s, sizeof(*s));
	word(ring.sq, ring.p.sq[6])[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
}

static void submit(unsigned n)
{
	syscall(426, ring.fd, n, 0, 1, NULL, 8);
}

/* The next completion that comes within a second; false: none. */
static int next(struct cqe *out)
{
	uint32_t *head = word(ring.cq, ring.p.cq[0]), *tail = word(ring.cq, ring.p.cq[1]);
	struct pollfd p = { ring.fd, POLLIN, 0 };

	if (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		poll(&p, 1, 1000);
	if (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		return 0;
	memcpy(out,
	       ring.cq + ring.p.cq[5] + sizeof(*out) * (*head & (ring.p.cq_entries - 1)),
	       sizeof(*out));
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return 1;
}

/* The next completion of that request. */
static struct cqe of(uint64_t user_data)
{
	struct cqe c;

	while (next(&c))
		if (c.user_data == user_data)
			return c;
	return (struct cqe){ user_data, -ETIME, 0 };
}

static uint64_t start(struct sqe s)
{
	static uint64_t last;

	s.user_data = ++last;
	queue(&s);
	submit(1);
	return last;
}

static int done(struct sqe s)
{
	return of(start(s)).res;
}

/* What an unknown number answers is EINVAL, whatever else is asked. A known one says
 * EOPNOTSUPP when it cannot choose a buffer; one that can finds its arguments bad, some
 * only of the second or third kind. */
static const char *op_word(uint8_t op)
{
	struct sqe s = { .opcode = op, .flags = BUFFER_SELECT, .fd = -1 };
	int bare = done(s), plain, choosing;

	s.addr = s.len = 1;
	choosing = done(s);
	s.flags = 0;
	plain = done(s);
	if (bare == -EINVAL && choosing == -EINVAL && plain == -EINVAL)
		return "unknown";
	return plain == -EOPNOTSUPP ? "not_built" : "known";
}

static void all_ops(void)
{
	int op;

	if (done((struct sqe){ .opcode = 0, .flags = BUFFER_SELECT }) != -EOPNOTSUPP ||
	    done((struct sqe){ .opcode = 255, .flags = BUFFER_SELECT }) != -EINVAL) {
		printf("operations cannot be told here\n");
		exit(1);
	}
	for (op = 0; op <= 70; op++)
		printf("op %d %s\n", op, op_word((uint8_t)op));
}

static void all_setup_flags(void)
{
	unsigned i;

	for (i = 0; i < 24; i++) {
		struct params p = { .flags = 1u << i, .wq_fd = (uint32_t)ring.fd };
		int r;

		p.cq_entries = i == 3 ? 64 : 0;
		p.flags |= i == 2 ? 1u << 1 : 0;   /* SQ_AFF: SQPOLL */
		p.flags |= i == 9 ? 1u << 8 : 0;   /* TASKRUN_FLAG: COOP_TASKRUN */
		p.flags |= i == 13 ? 1u << 12 : 0; /* DEFER_TASKRUN: SINGLE_ISSUER */
		p.flags |= i == 15 ? 1u << 14 : 0; /* REGISTERED_FD_ONLY: NO_MMAP */
		p.flags |= i == 17 ? 1u << 0 : 0;  /* HYBRID_IOPOLL: IOPOLL */
		p.flags |= i == 20 ? 1u << 16 : 0; /* SQ_REWIND: NO_SQARRAY */
		r = setup(&p);
		if (r >= 0)
			close(r);
		printf("setup %u %s\n", i, r == -EINVAL ? "unknown" : "known");
	}
}

static void all_sqe_flags(void)
{
	unsigned i;

	for (i = 0; i < 8; i++) {
		struct sqe s = { .opcode = 0, .flags = (uint8_t)(1u << i), .fd = -1 };
		struct cqe c = { 0, 0, 0 };

		/* No completion on success is what the seventh is for. */
		s.user_data = start(s);
		if (i != 6)
			c = of(s.user_data);
		else if (!next(&c))
			c.res = 0;
		printf("sqe %u %s\n", i, c.res == -EINVAL ? "unknown" : "known");
	}
}

static void says(const char *flag, int works, int result)
{
	printf("flag %s %s %d\n", flag, works ? "works" : "no", result);
}

static void pair(int s[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
		exit(1);
}

/* A listening TCP socket on the loopback device, and its address. */
static int listener(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(a, 0, sizeof(*a));
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)a, sizeof(*a)) < 0 || listen(fd, 8) < 0 ||
	    getsockname(fd, (void *)a, &len) < 0) {
		perror("ring_ops: listen");
		exit(1);
	}
	return fd;
}

static int joined(const struct sockaddr_in *a)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const void *)a, sizeof(*a)) < 0) {
		perror("ring_ops: connect");
		exit(1);
	}
	return fd;
}

static void try_accept(void)
{
	struct sockaddr_in a;
	int l = listener(&a), c[2], r;
	uint64_t id;
	struct cqe one, two;

	r = done((struct sqe){ .opcode = 13, .fd = l, .ioprio = 2 });
	says("accept_dontwait", r == -EAGAIN, r);
	id = start((struct sqe){ .opcode = 13, .fd = l, .ioprio = 1 });
	c[0] = joined(&a);
	c[1] = joined(&a);
	one = of(id);
	two = one.flags & MORE ? of(id) : one;
	says("multishot_accept", one.res >= 0 && two.res >= 0 && two.flags & MORE,
	     two.res);
	if (one.res >= 0)
		close(one.res);
	if (two.res >= 0 && two.res != one.res)
		close(two.res);
	close(c[0]);
	close(c[1]);
	close(l);
}

static void try_recv_and_send(void)
{
	static char memory[4][64];
	struct iovec v[2] = { { (char *)"ab", 2 }, { (char *)"cde", 3 } };
	struct cqe one, two = { 0, 0, 0 };
	uint64_t id;
	int s[2], r;

	pair(s);
	done((struct sqe){ .opcode = 31, .fd = 4, .addr = (uintptr_t)memory, .len = 64 });
	id = start((struct sqe){
		.opcode = 27, .fd = s[0], .ioprio = 2, .flags = BUFFER_SELECT });
	if (write(s[1], "x", 1) != 1)
		exit(1);
	one = of(id);
	if (one.flags & MORE && write(s[1], "y", 1) == 1)
		two = of(id);
	says("multishot_recv", one.res == 1 && two.res == 1, one.res);
	close(s[0]);
	close(s[1]);
	pair(s);
	r = done((struct sqe){
		.opcode = 26, .fd = s[0], .ioprio = 32, .addr = (uintptr_t)v, .len = 2 });
	says("send_vectorized", r == 5, r);
	close(s[0]);
	close(s[1]);
}

/* On the loopback device the bytes are copied, and the notification says so. */
static void try_send_zc(void)
{
	struct sockaddr_in a;
	int l = listener(&a), c = joined(&a);
	uint64_t id = start((struct sqe){ .opcode = 47,
					  .fd = c,
					  .ioprio = 8,
					  .addr = (uintptr_t) "hello",
					  .len = 5 });
	struct cqe one = of(id), two = { 0, 0, 0 };

	if (one.flags & MORE) {
		close(accept(l, NULL, NULL));
		two = of(id);
	}
	says("send_zc_report_usage",
	     one.res == 5 && two.flags & NOTIF && (uint32_t)two.res == 1u << 31,
	     one.res == 5 ? two.res : one.res);
	close(c);
	close(l);
}

/* A receive and a poll that wait on one socket. */
struct armed {
	int s[2];
	char byte;
	uint64_t recv, poll;
};

static void arm(struct armed *a)
{
	pair(a->s);
	a->recv = start((struct sqe){
		.opcode = 27, .fd = a->s[0], .addr = (uintptr_t)&a->byte, .len = 1 });
	a->poll = start((struct sqe){ .opcode = 6, .fd = a->s[0], .op_flags = POLLIN });
}

/* Their other end is closed: what still waits ends. */
static void disarm(const struct armed *a)
{
	close(a->s[1]);
	of(a->poll);
	close(a->s[0]);
}

/* Cancel all (1) that fit, by descriptor (2) and more: only what was named may end. */
static void try_cancel(void)
{
	struct armed a;
	int r;

	arm(&a);
	r = done((struct sqe){ .opcode = 14, .fd = a.s[0], .op_flags = 1 | 2 });
	says("cancel_fd", r == 2, r);
	disarm(&a);
	arm(&a);
	r = done((struct sqe){
		.opcode = 14, .fd = a.s[0], .op_flags = 1 | 2 | 32, .len = 6 });
	says("cancel_op", r == 1, r);
	disarm(&a);
	arm(&a);
	r = done((struct sqe){
		.opcode = 14, .fd = a.s[0], .addr = a.poll, .op_flags = 1 | 2 | 16 });
	/* 6.16.12 and 6.17.13 find none then: looked at all the same, for 6.1 finds two. */
	says("cancel_userdata", r == 0 || r == 1, r);
	disarm(&a);
	arm(&a);
	r = done((struct sqe){ .opcode = 14, .op_flags = 1 | 4 });
	says("cancel_any", r >= 2, r); /* other leftovers, too */
	disarm(&a);
}

static void try_poll(void)
{
	struct cqe c;
	uint64_t id;
	int s[2];

	pair(s);
	id = start((struct sqe){ .opcode = 6, .fd = s[0], .op_flags = POLLIN, .len = 1 });
	if (write(s[1], "x", 1) != 1)
		exit(1);
	c = of(id);
	says("multishot_poll", c.res == POLLIN && c.flags & MORE, c.res);
	done((struct sqe){ .opcode = 7, .addr = id });
	close(s[0]);
	close(s[1]);
}

static void try_timeout(void)
{
	static const struct {
		const char *flag;
		uint32_t bit;
	} clocks[] = { { "timeout_boottime", 4 }, { "timeout_realtime", 8 } };
	int64_t soon[2] = { 0, 1000000 };
	struct sqe s = { .opcode = 11, .addr = (uintptr_t)soon, .len = 1 };
	struct cqe c;
	size_t i;

	for (i = 0; i < 2; i++) {
		s.op_flags = clocks[i].bit;
		c.res = done(s);
		says(clocks[i].flag, c.res == -ETIME, c.res);
	}
	s.op_flags = 64;
	s.off = 2; /* times */
	c = of(start(s));
	says("multishot_timeout", c.res == -ETIME && c.flags & MORE, c.res);
	s.off = 0;
	s.op_flags = 32;
	s.flags = IO_LINK;
	s.user_data = 1u << 30;
	queue(&s);
	queue(&(struct sqe){ .opcode = 0, .user_data = 1u << 31 });
	submit(2);
	c = of(1u << 31);
	says("timeout_etime_success", c.res == 0, c.res);
}

static void try_rest(void)
{
	static const char *const names[] = { NULL, "pbuf_ring_mmap", "pbuf_ring_inc" };
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	int r = done((struct sqe){ .opcode = 0, .op_flags = 1, .len = 77 });
	uint16_t flag;

	says("nop_inject_result", r == 77, r);
	for (flag = 1; flag <= 2; flag++) {
		struct {
			uint64_t addr;
			uint32_t entries;
			uint16_t group, flags;
			uint64_t resv[3];
		} b = { flag == 1 ? 0 : (uintptr_t)page, 8, flag, flag, { 0, 0, 0 } };

		r = (int)syscall(427, ring.fd, 22, &b, 1);
		says(names[flag], r == 0, r < 0 ? -errno : r);
	}
}

int main(void)
{
	ring_open();
	all_ops();
	all_setup_flags();
	try_accept();
	try_recv_and_send();
	try_send_zc();
	try_cancel();
	try_poll();
	try_timeout();
	try_rest();
	all_sqe_flags(); /* last, for a request with IO_DRAIN holds up later ones */
	return 0;
}
