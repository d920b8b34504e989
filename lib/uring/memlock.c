#include "uring/memlock.h"

#include "base/cleanup.h"
#include "uring/abi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 1000
#define FEAT_NATIVE_WORKERS (1u << 9) /* 5.12, as the end of charging by powers of two */
#define MAX_HEADER 4096		      /* 320 at most so far */

/* A ring of one entry: its descriptor, or -errno. */
static int make(struct uring_params *p)
{
	long fd;

	memset(p, 0, sizeof(*p));
	fd = syscall(URING_NR_SETUP, 1, p);
	return fd < 0 ? -errno : (int)fd;
}

static int drop_lock_cap(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	d[0].effective &= ~(1U << CAP_IPC_LOCK);
	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

static int set_soft(uint64_t soft)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_MEMLOCK, &l) < 0)
		return -errno;
	l.rlim_cur = soft < l.rlim_max ? (rlim_t)soft : l.rlim_max;
	return setrlimit(RLIMIT_MEMLOCK, &l) < 0 ? -errno : 0;
}

static void note_shape(struct uring_memlock *out, const struct uring_params *p)
{
	out->header = (int)p->cq_off.cqes;
	out->rounded = !(p->features & FEAT_NATIVE_WORKERS);
}

/* The least limit under which a ring can be made, less that ring: what others of this user
 * hold. Limits rise, for what fails leaves no charge behind and a closed ring's is taken
 * back late; first by a page, then by a sixteenth. */
static int64_t find_held(struct uring_memlock *out, uint64_t soft, uint64_t page)
{
	const uint64_t one = 2 * page;
	struct uring_params p;
	uint64_t limit, step;

	if (soft < one)
		return -1;
	for (limit = one; limit <= soft && limit < 1ULL << 40; limit += step) {
		int fd = set_soft(limit) < 0 ? -EPERM : make(&p);

		step = limit / 16 / page * page;
		step = step > page ? step : page;
		if (fd >= 0) {
			note_shape(out, &p);
			close(fd);
			return (int64_t)(limit - one);
		}
		if (fd != -ENOMEM)
			return -1;
	}
	return (int64_t)soft;
}

/* What a ring looks like. */
static void ask_shape(struct uring_memlock *out)
{
	struct uring_params p;
	int fd = make(&p);

	if (fd < 0)
		return;
	note_shape(out, &p);
	close(fd);
}

static void ask_charge(struct uring_memlock *out, const struct uring_as *as)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct uring_params p;
	struct rlimit own;
	uint64_t soft;
	int fd;

	if (getrlimit(RLIMIT_MEMLOCK, &own) < 0 || drop_lock_cap() < 0 || set_soft(0) < 0)
		return;
	fd = make(&p);
	if (fd >= 0) {
		note_shape(out, &p);
		close(fd);
	}
	if (fd >= 0 || fd == -ENOMEM)
		out->charged = fd < 0;
	soft = as ? as->memlock : (uint64_t)own.rlim_cur;
	if (out->charged == 1 && soft != (uint64_t)RLIM_INFINITY)
		out->held = find_held(out, soft, page);
	/* Last, for this ring would count as held, too. */
	if (out->header < 0 && setrlimit(RLIMIT_MEMLOCK, &own) == 0)
		ask_shape(out);
}

static void child(int out, const struct uring_as *as) __attribute__((noreturn));
static void child(int out, const struct uring_as *as)
{
	struct uring_memlock m = { -1, -1, false, -1 };
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	if (as) /* who may not be able to make one */
		ask_shape(&m);
	if (!as || uring_become(as) == 0)
		ask_charge(&m, as);
	_exit(write(out, &m, sizeof(m)) == (ssize_t)sizeof(m) ? 0 : 1);
}

int uring_memlock_ask(struct uring_memlock *out, const struct uring_as *as, struct err *e)
{
	struct uring_memlock m = { -1, -1, false, -1 };
	CLEANUP_CLOSE int in = -1;
	struct pollfd ready;
	int p[2], status;
	pid_t pid;

	*out = m;
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_set(e, -errno, "locked memory: cannot ask: pipe: %s",
			       strerror(errno));
	in = p[0];
	pid = fork();
	if (pid == 0)
		child(p[1], as);
	close(p[1]);
	if (pid < 0)
		return err_set(e, -errno, "locked memory: cannot ask: fork: %s",
			       strerror(errno));
	ready = (struct pollfd){ in, POLLIN, 0 };
	if (poll(&ready, 1, ANSWER_MS) == 1 && read(in, &m, sizeof(m)) == sizeof(m))
		*out = m;
	else
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static uint64_t part(const struct uring_memlock *m, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pages = (bytes + page - 1) / page, power = 1;

	while (power < pages)
		power *= 2;
	return (m->rounded ? power : pages) * page;
}

/* The queues of completions and of numbers lie in one part, the requests in another. */
uint64_t uring_memlock_need(const struct uring_memlock *m, uint64_t entries, bool least)
{
	uint64_t header = m->header >= 0 ? (uint64_t)m->header : least ? 0 : MAX_HEADER;
	uint64_t n = 1, rings;

	while (n < entries)
		n *= 2;
	rings = header + 2 * n * sizeof(struct uring_cqe);
	rings = (rings + 63) / 64 * 64 + n * sizeof(uint32_t);
	return part(m, rings) + part(m, n * sizeof(struct uring_sqe));
}
