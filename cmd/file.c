#include "file.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_READ (16 * 1024 * 1024)

int file_read(const char *path, char **out, struct err *e)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buf[8192];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && text.len < MAX_READ) {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			str_addn(&text, buf, (size_t)n);
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		return err_set(e, -errno, "%s: cannot read: %s", path, strerror(errno));
	if (n > 0)
		return err_set(e, -EFBIG, "%s: too large", path);
	if (memchr(str_text(&text), '\0', text.len))
		return err_set(e, -EINVAL, "%s: no text: it holds a NUL byte", path);
	*out = str_take(&text);
	return *out ? 0 : err_set(e, -ENOMEM, "out of memory");
}

/* Is PATH's folder ROOT or below it? */
static bool is_inside(const char *path, const char *root)
{
	CLEANUP_FREE char *copy = strdup(path);
	CLEANUP_FREE char *top = realpath(root, NULL);
	CLEANUP_FREE char *folder = NULL;
	char *slash = copy ? strrchr(copy, '/') : NULL;
	size_t n;

	if (slash)
		slash[slash == copy] = '\0';
	folder = realpath(slash ? copy : ".", NULL);
	if (!top || !folder)
		return false;
	n = strlen(top);
	return strncmp(folder, top, n) == 0 && (folder[n] == '/' || !folder[n]);
}

int file_open(const char *path, const char *root, bool *made, struct err *e)
{
	return file_open_for("--output", path, root, made, e);
}

int file_open_for(const char *option, const char *path, const char *root, bool *made,
		  struct err *e)
{
	int fd;

	if (root && strcmp(root, "/") != 0 && is_inside(path, root))
		return err_set(e, -EINVAL,
			       "%s %s: is inside --root %s: give a place outside it",
			       option, path, root);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	*made = fd >= 0;
	if (fd < 0 && errno == EEXIST) /* also a link that points nowhere yet */
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? err_set(e, -errno, "%s %s: cannot write: %s", option, path,
				strerror(errno))
		      : fd;
}

bool file_is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && S_ISREG(x.st_mode) &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void file_unmake(int fd, const char *path)
{
	struct stat ours, now;

	if (fstat(fd, &ours) == 0 && lstat(path, &now) == 0 && !ours.st_size &&
	    ours.st_dev == now.st_dev && ours.st_ino == now.st_ino)
		unlink(path);
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text), done = 0;

	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

/* Half a report is none; and what is empty, file_unmake() takes away. */
static void empty(int fd)
{
	if (ftruncate(fd, 0) < 0)
		return; /* /dev/full */
}

int file_write(int fd, const char *path, const char *text, struct err *e)
{
	struct stat st;
	int err = 0;

	if (fstat(fd, &st) < 0 || (S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0))
		err = -errno;
	if (!err)
		err = write_all(fd, text);
	if (err < 0)
		empty(fd);
	return err < 0 ? err_set(e, err, "%s: cannot write: %s", path, strerror(-err))
		       : 0;
}

/* What is at PATH already: 1 when it is a file that holds TEXT, 0 when there is nothing. */
static int compare_file(const char *path, const char *text, struct err *e)
{
	CLEANUP_FREE char *now = NULL;
	struct stat st;
	int err;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_set(e, -errno, "%s: cannot write: %s", path,
						 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EEXIST,
			       "%s: is there, and no regular file: give "
			       "another name",
			       path);
	err = file_read(path, &now, e);
	if (err == -ENOMEM || err == -EACCES)
		return err;
	if (err < 0 || strcmp(now, text) != 0)
		return err_set(e, -EEXIST,
			       "%s: is there and holds something else: remove "
			       "it or give another name",
			       path);
	return 1;
}

int file_create(const char *path, const char *root, const char *text, struct err *e)
{
	CLEANUP_FREE char *beside = str_format("%s.new.%d", path, (int)getpid());
	CLEANUP_CLOSE int fd = -1;
	int err;

	if (!beside)
		return err_set(e, -ENOMEM, "out of memory");
	if (root && strcmp(root, "/") != 0 && is_inside(path, root))
		return err_set(e, -EINVAL,
			       "%s: is inside --root %s: give a place outside "
			       "it",
			       path, root);
	err = compare_file(path, text, e);
	if (err != 0)
		return err < 0 ? err : 0;
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot write: %s", path, strerror(errno));
	err = write_all(fd, text);
	if (!err && (fsync(fd) < 0 || rename(beside, path) < 0))
		err = -errno;
	if (!err)
		return 1;
	unlink(beside);
	return err_set(e, err, "%s: cannot write: %s", path, strerror(-err));
}
