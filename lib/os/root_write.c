/* The writing half of root: what survives a power cut, and what is refused. */
#include "os/root.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LABEL "security.selinux"

static int fail(const struct root *r, const char *path, const char *what, int error,
		struct err *e)
{
	bool needs_root = (error == -EACCES || error == -EPERM) && geteuid() != 0;

	return err_set(e, error, "%s%s: cannot %s: %s%s", root_prefix(r), path, what,
		       strerror(-error), needs_root ? ": run it as root" : "");
}

static int write_all(int fd, const char *data, size_t len, off_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* EINVAL: a filesystem that cannot sync folders has nothing to sync there (fsync(2)). */
static int sync_dir(int dir)
{
	return fsync(dir) < 0 && errno != EINVAL ? -errno : 0;
}

static bool is_fat(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == MSDOS_SUPER_MAGIC;
}

/* A new file takes the label of a file beside it, as restorecon would nearly always give
 * it; without SELinux nothing is found and nothing done. */
static ssize_t sibling_label(int dir, const char *not_this, char *label, size_t size)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), file;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	ssize_t n = -1;
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (n < 0 && (entry = readdir(d))) {
		if ((entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN) ||
		    strcmp(entry->d_name, not_this) == 0)
			continue;
		file = openat(dir, entry->d_name,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (file < 0)
			continue;
		n = fgetxattr(file, LABEL, label, size);
		close(file);
		if (n < 0 && (errno == ENOTSUP || errno == ENODATA))
			break;
	}
	closedir(d);
	return n;
}

/* Give FD the mode, owner and label of OLD (a descriptor, -1: there was none). */
static int take_after(int dir, const char *name, int old, int fd, mode_t mode)
{
	char label[1024];
	struct stat st;
	ssize_t n;

	if (old >= 0) {
		if (fstat(old, &st) < 0)
			return -errno;
		if (fchown(fd, st.st_uid, st.st_gid) < 0 && !is_fat(fd))
			return -errno;
		mode = st.st_mode & 07777;
		n = fgetxattr(old, LABEL, label, sizeof(label));
	} else {
		n = sibling_label(dir, name, label, sizeof(label));
	}
	if (fchmod(fd, mode) < 0 && !is_fat(fd))
		return -errno;
	if (n > 0 && fsetxattr(fd, LABEL, label, (size_t)n, 0) < 0 && errno != ENOTSUP)
		return -errno;
	return 0;
}

/* The temporary's name is fixed, so that a crash leaves at most one and the next write or
 * revert of the same file takes it away. */
static int temp_name(const char *name, char *out, size_t size)
{
	return snprintf(out, size, ".%s.uringprep-new", name) >= (int)size ? -ENAMETOOLONG
									   : 0;
}

static int replace_in(int dir, const char *name, const void *data, size_t len,
		      mode_t mode)
{
	CLEANUP_CLOSE int old = -1, fd = -1;
	char temp[256];
	struct stat st;
	int err = temp_name(name, temp, sizeof(temp));

	if (err < 0)
		return err;
	old = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (old < 0 && errno != ENOENT)
		return -errno;
	if (old >= 0 && (fstat(old, &st) < 0 || !S_ISREG(st.st_mode)))
		return -EINVAL;
	if (unlinkat(dir, temp, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return -errno;
	err = take_after(dir, name, old, fd, mode);
	if (!err)
		err = write_all(fd, data, len, 0);
	if (!err && fsync(fd) < 0)
		err = -errno;
	if (!err && renameat(dir, temp, dir, name) < 0)
		err = -errno;
	if (err) {
		unlinkat(dir, temp, 0);
		return err;
	}
	/* There a rename makes a new entry, and length and place of the contents come into
	 * it with the next sync of the file. */
	if (is_fat(fd) && fsync(fd) < 0)
		return -errno;
	return sync_dir(dir);
}

int root_replace(const struct root *r, const char *path, const void *data, size_t len,
		 mode_t mode, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	int err;

	dir = root_parent(r, path, &resolved, &name);
	if (dir == -ENOENT) {
		CLEANUP_FREE char *folder =
			strndup(path, (size_t)(strrchr(path, '/') - path));

		if (!folder)
			return err_set(e, -ENOMEM, "out of memory");
		err = root_mkdirs(r, folder, 0755, e);
		if (err < 0)
			return err;
		str_clear(&resolved);
		dir = root_parent(r, path, &resolved, &name);
	}
	if (dir < 0)
		return fail(r, path, "open its folder", dir, e);
	err = replace_in(dir, name, data, len, mode);
	return err < 0 ? fail(r, path, "write", err, e) : 0;
}

/* 1: it was there and is gone, 0: it was not there, -errno. */
static int unlink_in(int dir, const char *name)
{
	struct stat st;

	if (unlinkat(dir, name, 0) == 0)
		return 1;
	/* Read-only comes first, also of what is not there. */
	if (errno == EROFS && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		return 0;
	return errno == ENOENT ? 0 : -errno;
}

/* The same of the temporary of NAME; where its name is too long, none was made. */
static int unlink_temp(int dir, const char *name)
{
	char temp[256];

	return temp_name(name, temp, sizeof(temp)) < 0 ? 0 : unlink_in(dir, temp);
}

int root_remove(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	int err;

	dir = root_parent(r, path, &resolved, &name);
	if (dir < 0)
		return dir == -ENOENT ? 0 : fail(r, path, "open its folder", dir, e);
	err = unlink_temp(dir, name);
	if (err >= 0)
		err = unlink_in(dir, name);
	if (err >= 0)
		err = sync_dir(dir);
	return err < 0 ? fail(r, path, "remove", err, e) : 0;
}

int root_clean(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	int err;

	dir = root_parent(r, path, &resolved, &name);
	if (dir < 0)
		return dir == -ENOENT ? 0 : fail(r, path, "open its folder", dir, e);
	err = unlink_temp(dir, name);
	if (err > 0)
		err = sync_dir(dir);
	return err < 0 ? fail(r, path, "clean up beside", err, e) : 0;
}

int root_sync(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1, fd = -1;
	const char *name;
	int err = 0;

	dir = root_parent(r, path, &resolved, &name);
	if (dir < 0)
		return dir == -ENOENT ? 0 : fail(r, path, "open its folder", dir, e);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 ? errno != ENOENT : fsync(fd) < 0)
		err = -errno;
	if (!err)
		err = sync_dir(dir);
	return err < 0 ? fail(r, path, "sync", err, e) : 0;
}

static int patch_in(int dir, const char *name, const void *before, const void *after,
		    size_t len)
{
	CLEANUP_CLOSE int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	char now[4096];
	struct stat st;
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || len > sizeof(now))
		return -EINVAL;
	n = pread(fd, now, sizeof(now), 0);
	if (n < 0)
		return -errno;
	if ((size_t)n != len || (size_t)st.st_size != len ||
	    memcmp(now, before, len) != 0)
		return -ESTALE;
	err = write_all(fd, after, len, 0);
	if (!err && fsync(fd) < 0)
		err = -errno;
	/* What could not be made durable is not to be read, either. */
	if (err && write_all(fd, before, len, 0) == 0)
		fsync(fd);
	return err;
}

int root_patch(const struct root *r, const char *path, const void *before,
	       const void *after, size_t len, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	int err;

	dir = root_parent(r, path, &resolved, &name);
	if (dir < 0)
		return fail(r, path, "open its folder", dir, e);
	err = patch_in(dir, name, before, after, len);
	if (err == -ESTALE)
		return err_set(e, err,
			       "%s%s: changed since it was read: run the command again",
			       root_prefix(r), path);
	if (err == -EINVAL)
		return err_set(
			e, err,
			"%s%s: not overwritten: it must be one regular file with one "
			"link",
			root_prefix(r), path);
	return err < 0 ? fail(r, path, "overwrite in place", err, e) : 0;
}

int root_mkdirs(const struct root *r, const char *path, mode_t mode, struct err *e)
{
	CLEANUP_FREE char *part = strdup(path);
	size_t at = 1, len;

	if (!part)
		return err_set(e, -ENOMEM, "out of memory");
	for (len = strlen(part); at <= len; at++) {
		CLEANUP(cleanup_str) struct str resolved = STR_INIT;
		CLEANUP_CLOSE int dir = -1;
		const char *name;
		char saved = part[at];
		int err = 0;

		if (saved != '/' && saved != '\0')
			continue;
		part[at] = '\0';
		dir = root_parent(r, part, &resolved, &name);
		if (dir < 0)
			err = dir;
		else if (mkdirat(dir, name, mode) == 0)
			err = sync_dir(dir);
		else if (errno != EEXIST)
			err = -errno;
		if (err < 0)
			return fail(r, part, "make the folder", err, e);
		part[at] = saved;
	}
	return 0;
}

int root_missing(const struct root *r, const char *path, struct strv *out)
{
	CLEANUP_FREE char *part = strdup(path);
	CLEANUP_FREE char *top = NULL;
	size_t at, from = 0;
	struct stat st;
	int err = part ? 0 : -ENOMEM;

	for (at = 1; !err && path[at]; at++) {
		CLEANUP_FREE char *folder = NULL;

		if (path[at] != '/')
			continue;
		part[at] = '\0';
		if (!top) {
			err = root_stat(r, part, &st);
			if (err == -ENOENT) {
				from = at;
				err = root_resolve(r, part, &top);
			}
		}
		if (!err && top) {
			folder = str_format("%s%s", top, part + from);
			if (!folder)
				err = -ENOMEM;
			else if (!strv_has(out, folder))
				err = strv_add(out, folder);
		}
		part[at] = '/';
	}
	return err;
}

int root_rmdir(const struct root *r, const char *path, struct err *e)
{
	CLEANUP(cleanup_str) struct str resolved = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	struct stat st;
	const char *name;
	int err = root_lstat(r, path, &st);

	if (err == -ENOENT || err == -ENOTDIR || (!err && !S_ISDIR(st.st_mode)))
		return 0;
	dir = err < 0 ? err : root_parent(r, path, &resolved, &name);
	if (dir < 0)
		return fail(r, path, "open its folder", dir, e);
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
		err = sync_dir(dir);
	else if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
		err = -errno;
	return err < 0 ? fail(r, path, "remove", err, e) : 0;
}

int root_write_value(const struct root *r, const char *path, const char *text,
		     struct err *e)
{
	CLEANUP_CLOSE int fd = -1;
	ssize_t n;

	if (!root_is_live(r))
		return err_set(e, -EINVAL,
			       "%s: live values belong to the running system only", path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(r, path, "open for writing", -errno, e);
	n = pwrite(fd, text, strlen(text), 0);
	if (n >= 0 && (size_t)n < strlen(text)) /* a half of it is another value */
		n = pwrite(fd, text, strlen(text), 0);
	if (n < 0)
		return err_set(e, -errno, "%s: the kernel refused \"%s\": %s", path, text,
			       strerror(errno));
	if ((size_t)n != strlen(text))
		return err_set(e, -EIO, "%s: the kernel took only a part of \"%s\"", path,
			       text);
	return 0;
}
