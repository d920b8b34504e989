#include "os/lock.h"

#include "base/cleanup.h"
#include "os/clock.h"
#include "os/root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define WIDTH 64 /* of what stands in it */

/* Who holds it, unless what stands there is of one that has died: the holder has not
 * written its own yet. */
static int held_by(const struct root *r, const char *path, int fd, struct err *e)
{
	char text[96];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = 0;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	while (text[0] && text[strlen(text) - 1] == ' ')
		text[strlen(text) - 1] = '\0';
	if (sscanf(text, "pid %ld,", &pid) != 1 ||
	    (kill((pid_t)pid, 0) < 0 && errno == ESRCH))
		text[0] = '\0';
	return err_set(e, -EWOULDBLOCK,
		       "%s%s: another uringprep is at work%s%s%s: wait for it",
		       root_prefix(r), path, *text ? " (" : "", text, *text ? ")" : "");
}

int lock_take(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	CLEANUP_CLOSE int fd = -1;
	char text[96], now[CLOCK_TEXT];
	const char *name;
	struct stat st;
	ssize_t n;

	if (root_lstat(r, path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s%s: not a regular file: remove it",
			       root_prefix(r), path);
	dir = root_parent(r, path, &resolved, &name);
	if (dir >= 0)
		fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		int err = dir < 0 ? dir : -errno;

		return err_set(e, err, "%s%s: cannot open: %s%s", root_prefix(r), path,
			       strerror(-err), err == -EACCES ? ": run it as root" : "");
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? held_by(r, path, fd, e)
			       : err_set(e, -errno, "%s%s: cannot lock: %s",
					 root_prefix(r), path, strerror(errno));
	/* Always of one length, in place, and synced where it is new: on FAT the file would
	 * else hold a cluster that after a power cut is free, and then somebody else's. */
	clock_utc(now);
	n = snprintf(text, sizeof(text), "pid %ld, started %s", (long)getpid(), now);
	memset(text + n, ' ', WIDTH - 1 - (size_t)n);
	text[WIDTH - 1] = '\n';
	errno = 0; /* a short write sets none */
	if (fstat(fd, &st) < 0 || (st.st_size > WIDTH && ftruncate(fd, WIDTH) < 0) ||
	    pwrite(fd, text, WIDTH, 0) != WIDTH || (!st.st_size && fsync(fd) < 0)) {
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
