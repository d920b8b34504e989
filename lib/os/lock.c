#include "os/lock.h"

#include "base/cleanup.h"
#include "os/clock.h"
#include "os/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int lock_take(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	CLEANUP_CLOSE int fd = -1;
	char text[96], now[CLOCK_TEXT];
	const char *name;
	ssize_t n;

	dir = root_parent(r, path, &resolved, &name);
	if (dir >= 0)
		fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		int err = dir < 0 ? dir : -errno;

		return err_set(e, err, "%s%s: cannot open: %s", root_prefix(r), path,
			       strerror(-err));
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		n = pread(fd, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		return err_set(e, -errno,
			       "%s%s: another uringprep is at work%s%s%s: wait for it",
			       root_prefix(r), path, *text ? " (" : "", text,
			       *text ? ")" : "");
	}
	clock_utc(now);
	n = snprintf(text, sizeof(text), "pid %ld, started %s\n", (long)getpid(), now);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		int err = errno ? -errno : -EIO;

		return err_set(e, err, "%s%s: cannot write: %s", root_prefix(r), path,
			       strerror(-err));
	}
	return TAKE_FD(fd);
}

bool lock_is_held(const struct root *r, const char *path)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	CLEANUP_CLOSE int fd = -1;
	const char *name;

	dir = root_parent(r, path, &resolved, &name);
	if (dir >= 0)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
