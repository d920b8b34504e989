/* shim: an LD_PRELOAD library that stops a process at its Nth change of files, or lets
 * that change fail.
 *
 * What counts: system calls that change what is on disk, made through libc by this
 * process: open with O_CREAT, O_TRUNC or for writing, writes, truncation, rename, link,
 * unlink, mkdir, modes and owners, syncs. What does not: anything on a descriptor that is
 * no regular file or folder, and paths outside SHIM_DIR where that is set.
 *
 *   SHIM_DIR=DIR    only what lies under DIR (as given to the calls, or by descriptor)
 *   SHIM_AT=N       act at call N, counted from 1
 *   SHIM_DO=...     a signal to itself before the call: KILL STOP HUP INT TERM; short (write
 *                   half); or an error: EIO ENOSPC EROFS EACCES EDQUOT
 *   SHIM_REST=1     every call from N on, not N alone
 *   SHIM_COUNT=FILE write the number of calls to FILE at the end
 *   SHIM_LOG=FILE   append a line per call
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

static unsigned long calls;

/* The libc's own function. */
#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (!f)
		abort();
	return f;
}

static void append(const char *path, const char *text)
{
	int fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND, 0644);

	if (fd < 0 || REAL(write)(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

__attribute__((destructor)) static void finish(void)
{
	const char *file = getenv("SHIM_COUNT");
	char text[32];

	if (!file)
		return;
	snprintf(text, sizeof(text), "%lu\n", calls);
	append(file, text);
}

/* The path a descriptor stands for; "" when it has none. */
static void fd_path(int fd, char *out, size_t size)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
}

static bool inside(const char *path)
{
	const char *dir = getenv("SHIM_DIR");
	size_t n = dir ? strlen(dir) : 0;

	return !dir || (!strncmp(path, dir, n) && (path[n] == '/' || !path[n]));
}

/* Does a change through FD count? Its path goes to PATH. */
static bool counts_fd(int fd, char path[PATH_MAX])
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return false;
	fd_path(fd, path, PATH_MAX);
	return inside(path);
}

/* The same for a path as a call gets it. */
static bool counts_path(int dir, const char *path, char full[2 * PATH_MAX])
{
	size_t n = 0;

	full[0] = '\0';
	if (path[0] != '/') {
		if (dir == AT_FDCWD && !getcwd(full, PATH_MAX))
			return false;
		if (dir != AT_FDCWD)
			fd_path(dir, full, PATH_MAX);
		n = strlen(full);
		full[n++] = '/';
	}
	snprintf(full + n, 2 * PATH_MAX - n, "%s", path);
	if (getenv("SHIM_DIR"))
		return inside(full);
	return strncmp(full, "/proc/", 6) && strncmp(full, "/dev/", 5);
}

static const struct named {
	const char *name;
	int value;
} signals[] = { { "KILL", SIGKILL }, { "STOP", SIGSTOP }, { "HUP", SIGHUP },
		{ "INT", SIGINT },   { "TERM", SIGTERM }, { NULL, 0 } },
  errors[] = { { "EIO", EIO },	     { "ENOSPC", ENOSPC }, { "EROFS", EROFS },
	       { "EACCES", EACCES }, { "EDQUOT", EDQUOT }, { NULL, 0 } };

/* 0 when there is none of that name. */
static int named(const struct named *list, const char *name)
{
	while (list->name && strcmp(list->name, name))
		list++;
	return list->value;
}

enum verdict { PASS, FAIL, SHORT };

/* Count a call; die in it, or say what is to become of it. errno is set for FAIL. */
static enum verdict judge(const char *call, const char *path)
{
	const char *at = getenv("SHIM_AT"), *what = getenv("SHIM_DO");
	const char *log = getenv("SHIM_LOG");
	unsigned long n = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
	char line[2 * PATH_MAX + 64];

	if (log) {
		snprintf(line, sizeof(line), "%lu %s %s\n", n, call, path);
		append(log, line);
	}
	if (!at || !what || n < strtoul(at, NULL, 10))
		return PASS;
	if (n > strtoul(at, NULL, 10) && !getenv("SHIM_REST"))
		return PASS;
	if (named(signals, what)) {
		kill(getpid(), named(signals, what));
		return PASS;
	}
	if (!strcmp(what, "short"))
		return SHORT;
	errno = named(errors, what);
	if (!errno)
		abort();
	return FAIL;
}

static bool fails_fd(const char *call, int fd)
{
	char path[PATH_MAX];

	return counts_fd(fd, path) && judge(call, path) == FAIL;
}

static bool fails_path(const char *call, int dir, const char *path)
{
	char full[2 * PATH_MAX];

	return counts_path(dir, path, full) && judge(call, full) == FAIL;
}

/* Bytes a write may take: COUNT, or half of it, or -1. */
static ssize_t room(const char *call, int fd, size_t count)
{
	char path[PATH_MAX];

	if (!counts_fd(fd, path))
		return (ssize_t)count;
	switch (judge(call, path)) {
	case FAIL:
		return -1;
	case SHORT:
		return count > 1 ? (ssize_t)count / 2 : (ssize_t)count;
	default:
		return (ssize_t)count;
	}
}

#define CHANGES (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)

static bool open_fails(const char *call, int dir, const char *path, int flags)
{
	return (flags & CHANGES) && fails_path(call, dir, path);
}

static mode_t open_mode(int flags, va_list args)
{
	bool made = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;

	return made ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                                                       \
	int name(const char *path, int flags, ...)                                       \
	{                                                                                \
		va_list args;                                                            \
		mode_t mode;                                                             \
                                                                                         \
		va_start(args, flags);                                                   \
		mode = open_mode(flags, args);                                           \
		va_end(args);                                                            \
		if (open_fails(#name, AT_FDCWD, path, flags))                            \
			return -1;                                                       \
		return REAL(name)(path, flags, mode);                                    \
	}
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                     \
	int name(int dir, const char *path, int flags, ...)                              \
	{                                                                                \
		va_list args;                                                            \
		mode_t mode;                                                             \
                                                                                         \
		va_start(args, flags);                                                   \
		mode = open_mode(flags, args);                                           \
		va_end(args);                                                            \
		if (open_fails(#name, dir, path, flags))                                 \
			return -1;                                                       \
		return REAL(name)(dir, path, flags, mode);                               \
	}
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t count)
{
	ssize_t n = room("write", fd, count);

	return n < 0 ? -1 : REAL(write)(fd, data, (size_t)n);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
	ssize_t n = room("pwrite", fd, count);

	return n < 0 ? -1 : REAL(pwrite)(fd, data, (size_t)n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
	ssize_t n = room("pwrite64", fd, count);

	return n < 0 ? -1 : REAL(pwrite64)(fd, data, (size_t)n, at);
}

/* Vectors: never cut, only failed. */
ssize_t writev(int fd, const struct iovec *v, int n)
{
	return fails_fd("writev", fd) ? -1 : REAL(writev)(fd, v, n);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	return fails_fd("pwritev", fd) ? -1 : REAL(pwritev)(fd, v, n, at);
}

/* Calls on a descriptor or a path that only pass or fail. */
#define BY_FD(name, args, call)                                                          \
	int name args                                                                    \
	{                                                                                \
		return fails_fd(#name, fd) ? -1 : REAL(name) call;                       \
	}
#define BY_PATH(name, dir, args, call)                                                   \
	int name args                                                                    \
	{                                                                                \
		return fails_path(#name, dir, path) ? -1 : REAL(name) call;              \
	}

BY_FD(fsync, (int fd), (fd))
BY_FD(fdatasync, (int fd), (fd))
BY_FD(syncfs, (int fd), (fd))
BY_FD(ftruncate, (int fd, off_t len), (fd, len))
BY_FD(ftruncate64, (int fd, off64_t len), (fd, len))
BY_FD(fallocate, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
BY_FD(fchmod, (int fd, mode_t mode), (fd, mode))
BY_FD(fchown, (int fd, uid_t user, gid_t group), (fd, user, group))
BY_FD(fsetxattr, (int fd, const char *name, const void *value, size_t n, int flags),
      (fd, name, value, n, flags))
BY_PATH(unlink, AT_FDCWD, (const char *path), (path))
BY_PATH(unlinkat, dir, (int dir, const char *path, int flags), (dir, path, flags))
BY_PATH(rmdir, AT_FDCWD, (const char *path), (path))
BY_PATH(mkdir, AT_FDCWD, (const char *path, mode_t mode), (path, mode))
BY_PATH(mkdirat, dir, (int dir, const char *path, mode_t mode), (dir, path, mode))
BY_PATH(truncate, AT_FDCWD, (const char *path, off_t len), (path, len))
BY_PATH(chmod, AT_FDCWD, (const char *path, mode_t mode), (path, mode))
BY_PATH(fchmodat, dir, (int dir, const char *path, mode_t mode, int flags),
	(dir, path, mode, flags))
BY_PATH(rename, AT_FDCWD, (const char *from, const char *path), (from, path))
BY_PATH(renameat, dir, (int from_dir, const char *from, int dir, const char *path),
	(from_dir, from, dir, path))
BY_PATH(link, AT_FDCWD, (const char *from, const char *path), (from, path))
BY_PATH(linkat, dir,
	(int from_dir, const char *from, int dir, const char *path, int flags),
	(from_dir, from, dir, path, flags))
BY_PATH(symlink, AT_FDCWD, (const char *to, const char *path), (to, path))
BY_PATH(symlinkat, dir, (const char *to, int dir, const char *path), (to, dir, path))
