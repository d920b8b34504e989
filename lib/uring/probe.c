#include "probe.h"

#include "abi.h"
#include "ask.h"
#include "base/cleanup.h"
#include "names.h"
#include "os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS 1000

/* What the child writes, again and again: less than PIPE_BUF, so whole or not at all. */
struct reply {
	bool last; /* the end of the pipe comes late: a ring that is being torn down holds
		      it, for some milliseconds */
	int error; /* could not become who should ask */
	struct uring_answers answers;
};

static int set_limit(int which, uint64_t soft)
{
	struct rlimit l;

	if (getrlimit(which, &l) < 0)
		return -errno;
	l.rlim_cur = soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)soft;
	if (l.rlim_max != RLIM_INFINITY &&
	    (l.rlim_cur == RLIM_INFINITY || l.rlim_cur > l.rlim_max))
		l.rlim_max = l.rlim_cur;
	return setrlimit(which, &l) < 0 ? -errno : 0;
}

/* Only what this process has may be kept of CAPS. */
static int set_caps(uint64_t caps)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];
	int i;

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	for (i = 0; i < 2; i++) {
		d[i].permitted &= (uint32_t)(caps >> (32 * i));
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

/* Limits first, while raising them is still allowed; capabilities last. */
int uring_become(const struct uring_as *as)
{
	int r = set_limit(RLIMIT_MEMLOCK, as->memlock);

	if (!r)
		r = set_limit(RLIMIT_NOFILE, as->nofile);
	if (r)
		return r;
	if (getuid() != as->uid || getgid() != as->gid || geteuid() == 0) {
		if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
		    setgroups(as->n_groups, as->groups) < 0 ||
		    setresgid(as->gid, as->gid, as->gid) < 0 ||
		    setresuid(as->uid, as->uid, as->uid) < 0)
			return -errno;
	}
	return set_caps(as->caps);
}

static void tell(void *data, const struct uring_answers *so_far)
{
	struct reply reply = { false, 0, *so_far };

	if (write(*(int *)data, &reply, sizeof(reply)) != (ssize_t)sizeof(reply))
		_exit(1);
}

/* Answers go out as they grow, so that those before a killing question are not lost. */
static void child(int out, enum uring_depth depth, const struct uring_as *as)
	__attribute__((noreturn));
static void child(int out, enum uring_depth depth, const struct uring_as *as)
{
	const struct uring_teller teller = { tell, &out };
	const struct rlimit no_core = { 0, 0 };
	struct reply reply;

	/* Being killed by a filter is an answer, not a crash to keep. */
	setrlimit(RLIMIT_CORE, &no_core);
	memset(&reply, 0, sizeof(reply));
	reply.last = true;
	reply.error = as ? uring_become(as) : 0;
	if (!reply.error)
		uring_questions(&reply.answers, depth, out, &teller);
	_exit(write(out, &reply, sizeof(reply)) == (ssize_t)sizeof(reply) ? 0 : 1);
}

/* Reads until the end or the deadline; whole answers count. */
static int collect(int in, struct reply *out)
{
	int64_t end = clock_ms() + ANSWER_MS;

	for (;;) {
		struct pollfd p = { in, POLLIN, 0 };
		int64_t left = end - clock_ms();
		struct reply a;
		ssize_t n;
		int r = poll(&p, 1, left > 0 ? (int)left : 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		n = read(in, &a, sizeof(a));
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(a))
			return n < 0 ? -errno : 0;
		*out = a;
		if (a.last)
			return 0;
	}
}

int uring_ask(struct uring_answers *out, enum uring_depth depth,
	      const struct uring_as *as, struct err *e)
{
	CLEANUP_CLOSE int in = -1;
	struct reply reply;
	int p[2], r, status = 0;
	pid_t pid;

	memset(out, 0, sizeof(*out));
	memset(&reply, 0, sizeof(reply));
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
		child(p[1], depth, as);
	close(p[1]);
	r = collect(in, &reply);
	if (r < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r == -ETIMEDOUT
			       ? err_set(e, r,
					 "io_uring: cannot ask: no answer within %d ms",
					 ANSWER_MS)
			       : err_set(e, r, "io_uring: cannot ask: %s", strerror(-r));
	if (reply.error)
		return err_set(e, reply.error, "io_uring: cannot ask as user %u: %s%s",
			       (unsigned)as->uid, strerror(-reply.error),
			       reply.error != -EPERM ? ""
			       : geteuid() == 0	     ? ": needs more rights"
						     : ": needs root");
	*out = reply.answers;
	if (!out->asked)
		return err_set(e, -EIO, "io_uring: cannot ask: the child ended early");
	out->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	if (WIFSIGNALED(status) && !out->killed)
		return err_set(e, -EIO,
			       "io_uring: cannot ask: the child was ended by signal %d",
			       WTERMSIG(status));
	return 0;
}

static bool bit(const uint64_t v[4], unsigned n)
{
	return n < 256 && (v[n / 64] >> (n % 64) & 1);
}

bool uring_has(const struct uring_answers *a, enum uring_kind kind, unsigned n)
{
	return bit(a->set[kind].have, n);
}

bool uring_knows(const struct uring_answers *a, enum uring_kind kind, unsigned n)
{
	return bit(a->set[kind].asked, n);
}

bool uring_setup_allowed(const struct uring_answers *a)
{
	return !a->killed && a->answered > 2 && a->setup_null == -EFAULT;
}

bool uring_enter_passed(const struct uring_answers *a)
{
	return a->answered > 0 && a->enter_bad == -EBADF;
}

static bool has_setup(const struct uring_answers *a, uint32_t flags)
{
	return (a->set[URING_SETUP_FLAGS].have[0] & flags) == flags;
}

enum uring_level uring_level(const struct uring_answers *a)
{
	if (!a->asked || a->killed || a->setup_null != -EFAULT || a->setup_real < 0)
		return URING_NONE;
	if (!uring_has(a, URING_OPS, URING_OP_ACCEPT) ||
	    !uring_has(a, URING_OPS, URING_OP_RECV) ||
	    !uring_has(a, URING_OPS, URING_OP_SEND) ||
	    !(a->set[URING_FEATURES].have[0] & URING_FEAT_FAST_POLL))
		return URING_EARLY;
	if (!uring_has(a, URING_OP_FLAGS, URING_OPF_MULTISHOT_ACCEPT) ||
	    !uring_has(a, URING_REGISTER_OPS, URING_REGISTER_PBUF_RING))
		return URING_NETWORK;
	if (!uring_has(a, URING_OP_FLAGS, URING_OPF_MULTISHOT_RECV) ||
	    !has_setup(a, URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN))
		return URING_MODERN;
	return URING_FULL;
}

bool uring_level_is_least(const struct uring_answers *a)
{
	enum uring_level level = uring_level(a);

	return (level == URING_NETWORK &&
		!uring_knows(a, URING_OP_FLAGS, URING_OPF_MULTISHOT_ACCEPT)) ||
	       (level == URING_MODERN &&
		!uring_knows(a, URING_OP_FLAGS, URING_OPF_MULTISHOT_RECV));
}

const char *uring_level_name(enum uring_level level)
{
	static const char *const names[] = { "none", "early", "network", "modern",
					     "full" };

	return names[level];
}
