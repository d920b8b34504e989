#include "file.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
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

int file_open(const char *path, const char *root, struct err *e)
{
	return file_open_for("--output", path, root, e);
}

int file_open_for(const char *option, const char *path, const char *root, struct err *e)
{
	int fd;

	if (root && strcmp(root, "/") != 0 && is_inside(path, root))
		return err_set(e, -EINVAL,
			       "%s %s: is inside --root %s: give a place outside it",
			       option, path, root);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? err_set(e, -errno, "%s %s: cannot write: %s", option, path,
				strerror(errno))
		      : fd;
}

int file_write(int fd, const char *path, const char *text, struct err *e)
{
	size_t len = strlen(text), done = 0;
	struct stat st;

	if (fstat(fd, &st) < 0 || (S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0))
		return err_set(e, -errno, "%s: cannot write: %s", path, strerror(errno));
	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, -errno, "%s: cannot write: %s", path,
				       strerror(errno));
		done += (size_t)n;
	}
	return 0;
}
