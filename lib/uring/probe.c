#include "probe.h"

#include "abi.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RING_ENTRIES 8
#define ANSWER_MS 1000

/* From new to old; what a kernel does not know it refuses with EINVAL. */
static const uint32_t setup_ladder[] = {
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN, /* 6.1 */
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN,  /* 6.0 */
	URING_SETUP_COOP_TASKRUN,			       /* 5.19 */
	URING_SETUP_SUBMIT_ALL,				       /* 5.18 */
	URING_SETUP_CLAMP,				       /* 5.6 */
	0,
};

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

/* The ring of the child: shared memory as far as two requests need it. */
struct tiny {
	int fd;
	struct uring_params p;
	char *sq, *cq;
	struct uring_sqe *sqes;
};

static void *map(int fd, size_t len, uint64_t at)
{
	void *m = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);

	return m == MAP_FAILED ? NULL : m;
}

static int tiny_setup(struct tiny *t)
{
	size_t i;
	int r = -EINVAL;

	for (i = 0; i < ARRAY_SIZE(setup_ladder) && r == -EINVAL; i++) {
		memset(&t->p, 0, sizeof(t->p));
		t->p.flags = setup_ladder[i];
		r = result(syscall(URING_NR_SETUP, RING_ENTRIES, &t->p));
	}
	t->fd = r;
	return r < 0 ? r : 0;
}

static bool tiny_map(struct tiny *t)
{
	size_t sq = t->p.sq_off.array + 4 * t->p.sq_entries;
	size_t cq = t->p.cq_off.cqes + sizeof(struct uring_cqe) * t->p.cq_entries;

	t->sq = map(t->fd, sq, URING_OFF_SQ);
	t->cq = map(t->fd, cq, URING_OFF_CQ);
	t->sqes = map(t->fd, sizeof(struct uring_sqe) * t->p.sq_entries, URING_OFF_SQES);
	return t->sq && t->cq && t->sqes;
}

static uint32_t *at(char *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring + offset);
}

/* Submit SQE, wait for its end; its result, or why there is none. */
static int tiny_do(struct tiny *t, const struct uring_sqe *sqe)
{
	uint32_t *sq_tail = at(t->sq, t->p.sq_off.tail);
	uint32_t *cq_head = at(t->cq, t->p.cq_off.head);
	uint32_t slot = *sq_tail & (t->p.sq_entries - 1), head = *cq_head;
	const struct uring_cqe *cqes = (const void *)(t->cq + t->p.cq_off.cqes);
	int r;

	t->sqes[slot] = *sqe;
	at(t->sq, t->p.sq_off.array)[slot] = slot;
	__atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
	r = result(syscall(URING_NR_ENTER, t->fd, 1, 1, URING_ENTER_GETEVENTS, NULL, 8));
	if (r < 0)
		return r;
	if (__atomic_load_n(at(t->cq, t->p.cq_off.tail), __ATOMIC_ACQUIRE) == head)
		return -ENODATA;
	r = cqes[head & (t->p.cq_entries - 1)].res;
	__atomic_store_n(cq_head, head + 1, __ATOMIC_RELEASE);
	return r;
}

static void ask_ops(struct tiny *t, struct uring_answers *a)
{
	struct uring_probe probe;
	unsigned i;

	memset(&probe, 0, sizeof(probe));
	if (result(syscall(URING_NR_REGISTER, t->fd, URING_REGISTER_PROBE, &probe, 256)) <
	    0)
		return;
	a->n_ops = probe.last_op + 1u;
	for (i = 0; i < probe.ops_len; i++)
		if (probe.ops[i].flags & URING_PROBE_SUPPORTED)
			a->ops[probe.ops[i].op / 64] |= 1ULL << (probe.ops[i].op % 64);
}

/* NO_SOCKET is a descriptor that is none: kernels that know multishot get as far as that. */
static void ask_multishot(struct tiny *t, int no_socket, struct uring_answers *a)
{
	struct uring_sqe sqe;

	memset(&sqe, 0, sizeof(sqe));
	sqe.opcode = URING_OP_ACCEPT;
	sqe.fd = no_socket;
	sqe.ioprio = URING_ACCEPT_MULTISHOT;
	a->accept_multishot = tiny_do(t, &sqe);
	memset(&sqe, 0, sizeof(sqe));
	sqe.opcode = URING_OP_RECV;
	sqe.fd = no_socket;
	sqe.ioprio = URING_RECV_MULTISHOT;
	sqe.flags = URING_SQE_BUFFER_SELECT;
	a->recv_multishot = tiny_do(t, &sqe);
}

static void ask_ring(struct uring_answers *a, int no_socket)
{
	struct tiny t;

	a->setup_real = tiny_setup(&t);
	if (a->setup_real < 0)
		return;
	a->features = t.p.features;
	a->setup_flags = t.p.flags;
	ask_ops(&t, a);
	/* NULL is refused before the operation is looked at. */
	a->buffer_ring = result(
		syscall(URING_NR_REGISTER, t.fd, URING_REGISTER_PBUF_RING, (void *)1, 1));
	if (!tiny_map(&t))
		a->accept_multishot = a->recv_multishot = -errno;
	else if (uring_has_op(a, URING_OP_ACCEPT))
		ask_multishot(&t, no_socket, a);
	close(t.fd);
}

/* Answers go out as they grow, so that those before a killing question are not lost. */
static void child(int out) __attribute__((noreturn));
static void child(int out)
{
	struct rlimit no_core = { 0, 0 };
	struct uring_answers a;

	/* Being killed by a filter is an answer, not a crash to keep. */
	setrlimit(RLIMIT_CORE, &no_core);
	memset(&a, 0, sizeof(a));
	a.asked = true;
	a.seccomp_mode = result(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	if (write(out, &a, sizeof(a)) < 0)
		_exit(1);
	a.enter_bad = result(syscall(URING_NR_ENTER, -1, 0, 0, 0, NULL, 8));
	/* Not -1: from 6.13 that means "no ring" and some operations take it. */
	a.register_bad =
		result(syscall(URING_NR_REGISTER, -2, URING_REGISTER_PROBE, NULL, 0));
	a.setup_null = result(syscall(URING_NR_SETUP, 1, NULL));
	if (a.setup_null == -EFAULT)
		ask_ring(&a, out);
	_exit(write(out, &a, sizeof(a)) == (ssize_t)sizeof(a) ? 0 : 1);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads until the end or the deadline; whole answers count. */
static int collect(int in, struct uring_answers *out)
{
	int64_t end = now_ms() + ANSWER_MS;

	for (;;) {
		struct pollfd p = { in, POLLIN, 0 };
		int64_t left = end - now_ms();
		struct uring_answers a;
		ssize_t n;
		int r = poll(&p, 1, left > 0 ? (int)left : 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		n = read(in, &a, sizeof(a)); /* less than PIPE_BUF: all or nothing */
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(a))
			return n < 0 ? -errno : 0;
		*out = a;
	}
}

int uring_ask(struct uring_answers *out, struct err *e)
{
	CLEANUP_CLOSE int in = -1;
	int p[2], r, status = 0;
	pid_t pid;

	memset(out, 0, sizeof(*out));
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_set(e, -errno, "io_uring: cannot ask: pipe: %s",
			       strerror(errno));
	in = p[0];
	pid = fork();
	if (pid < 0) {
		r = -errno;
		close(p[1]);
		return err_set(e, r, "io_uring: cannot ask: fork: %s", strerror(-r));
	}
	if (pid == 0)
		child(p[1]);
	close(p[1]);
	r = collect(in, out);
	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_set(e, r, "io_uring: cannot ask: no answer within %d ms",
			       ANSWER_MS);
	if (!out->asked)
		return err_set(e, -EIO, "io_uring: cannot ask: the child ended early");
	out->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	if (WIFSIGNALED(status) && !out->killed)
		return err_set(e, -EIO,
			       "io_uring: cannot ask: the child was ended by signal %d",
			       WTERMSIG(status));
	return 0;
}

bool uring_has_op(const struct uring_answers *a, unsigned op)
{
	return op < 256 && (a->ops[op / 64] >> (op % 64) & 1);
}

enum uring_level uring_level(const struct uring_answers *a)
{
	uint32_t full = URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN;

	if (!a->asked || a->killed || a->setup_null != -EFAULT || a->setup_real < 0)
		return URING_NONE;
	if (!uring_has_op(a, URING_OP_ACCEPT) || !uring_has_op(a, URING_OP_RECV) ||
	    !uring_has_op(a, URING_OP_SEND) || !(a->features & URING_FEAT_FAST_POLL))
		return URING_EARLY;
	if (a->accept_multishot != -ENOTSOCK || a->buffer_ring != -EFAULT)
		return URING_NETWORK;
	if (a->recv_multishot != -ENOTSOCK || (a->setup_flags & full) != full)
		return URING_MODERN;
	return URING_FULL;
}

const char *uring_level_name(enum uring_level level)
{
	static const char *const names[] = { "none", "early", "network", "modern",
					     "full" };

	return names[level];
}

struct uring_facts uring_facts_here(void)
{
	struct uring_facts f = { -1, -1 };
	CLEANUP_CLOSE int fd =
		open("/proc/sys/kernel/io_uring_disabled", O_RDONLY | O_CLOEXEC);
	char c;

	if (fd >= 0 && read(fd, &c, 1) == 1 && c >= '0' && c <= '2')
		f.disabled = c - '0';
	return f;
}
