#include "os/run.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "os/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

/* The full path of PROGRAM; NULL: not in PATH (or memory ran out, which is as good as). */
static char *find(const char *program, const char *path)
{
	size_t n;

	for (; *path; path += n + (path[n] == ':')) {
		char *full;

		n = strcspn(path, ":");
		/* An empty part would be the current folder: never. */
		if (!n || *path != '/')
			continue;
		full = str_format("%.*s/%s", (int)n, path, program);
		if (full && access(full, X_OK) == 0)
			return full;
		free(full);
	}
	return NULL;
}

/* Whatever the caller of uringprep left open is not the other program's business. */
static void close_rest(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		uint64_t fd;

		if (str_to_u64(d->d_name, 3, INT32_MAX, &fd) == 0)
			fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	}
}

static void child(const char *program, const char *const *argv, char *const *env, int out,
		  int err) __attribute__((noreturn));
static void child(const char *program, const char *const *argv, char *const *env, int out,
		  int err)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0); /* so that what it starts can be ended with it */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	close_rest();
	execve(program, (char *const *)(uintptr_t)argv, env);
	_exit(127);
}

/* One read of what FD has. 1: more may come, 0: the end. */
static int take(int fd, struct str *to, size_t max)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	if (to->len + (size_t)n > max)
		return -EFBIG;
	str_addn(to, buf, (size_t)n);
	return n > 0;
}

/* Both pipes to their ends. */
static int collect(const int fds[2], int64_t end, size_t max, struct str text[2])
{
	struct pollfd p[2] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 } };
	int i;

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		int64_t left = end - clock_ms();
		int r = poll(p, 2, left > 0 ? (int)left : 0);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : -ETIMEDOUT;
		for (i = 0; i < 2; i++) {
			r = p[i].fd >= 0 && p[i].revents ? take(p[i].fd, &text[i], max)
							 : 1;
			if (r < 0)
				return r;
			if (!r)
				p[i].fd = -1;
		}
	}
	return 0;
}

/* The end of PID, not later than END: what it wrote is complete, so it is about to go. */
static int reap(pid_t pid, int64_t end, int *status)
{
	const struct timespec pause = { 0, 1000000 };
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) == 0 && clock_ms() < end)
		nanosleep(&pause, NULL);
	return r == pid ? 0 : -ETIMEDOUT;
}

/* Run it, started by no pipes yet; see run_capture. */
static int run(const char *program, const char *const *argv, char *const *env,
	       int limit_ms, size_t max, struct str text[2], int *status)
{
	int64_t end = clock_ms() + limit_ms;
	CLEANUP_CLOSE int out = -1;
	CLEANUP_CLOSE int err = -1;
	int a[2], b[2], r;
	pid_t pid;

	if (pipe2(a, O_CLOEXEC) < 0)
		return -errno;
	out = a[0];
	if (pipe2(b, O_CLOEXEC) < 0) {
		r = -errno;
		close(a[1]);
		return r;
	}
	err = b[0];
	pid = fork();
	if (pid == 0)
		child(program, argv, env, a[1], b[1]);
	r = pid < 0 ? -errno : 0;
	close(a[1]);
	close(b[1]);
	if (r < 0)
		return r;
	setpgid(pid, pid); /* whoever of us is first */
	r = collect((const int[2]){ out, err }, end, max, text);
	if (!r)
		r = reap(pid, end, status);
	if (!r)
		return 0;
	kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return r;
}

int run_capture(const char *const *argv, int limit_ms, size_t max, struct run_output *out,
		struct err *e)
{
	const char *path = getenv("PATH");
	CLEANUP_FREE char *path_word = str_format("PATH=%s", path ? path : DEFAULT_PATH);
	CLEANUP_FREE char *program = find(argv[0], path ? path : DEFAULT_PATH);
	CLEANUP(cleanup_str) struct str out_text = STR_INIT;
	CLEANUP(cleanup_str) struct str err_text = STR_INIT;
	char locale[] = "LC_ALL=C";
	char *env[] = { path_word, locale, NULL };
	struct str text[2] = { STR_INIT, STR_INIT };
	int status = 0, r;

	memset(out, 0, sizeof(*out));
	if (!path_word)
		return err_set(e, -ENOMEM, "out of memory");
	if (!program)
		return err_set(e, -ENOENT, "%s: there is no such program in PATH",
			       argv[0]);
	r = run(program, argv, env, limit_ms, max, text, &status);
	out_text = text[0];
	err_text = text[1];
	if (r == -ETIMEDOUT)
		return err_set(e, r, "%s: no answer within %d ms", program, limit_ms);
	if (r == -EFBIG)
		return err_set(e, r, "%s: its answer is larger than %zu bytes", program,
			       max);
	if (r < 0)
		return err_set(e, r, "%s: cannot run: %s", program, strerror(-r));
	out->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	out->out = str_take(&out_text);
	out->err = str_take(&err_text);
	if (out->out && out->err)
		return 0;
	run_output_clear(out);
	return err_set(e, -ENOMEM, "out of memory");
}

void run_output_clear(struct run_output *o)
{
	free(o->out);
	free(o->err);
	memset(o, 0, sizeof(*o));
}
