#include "os/root.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as the kernel's own limit (path_resolution(7)) */

struct root {
	int fd; /* of its top folder */
	bool live;
	char *not_live; /* why not */
	char *prefix;
};

/* Is / something else than what the first process sees: a chroot (an installer's %post, a
 * build)? An unreadable /proc/1/root proves nothing. */
static bool is_chroot(void)
{
	struct stat own, first;

	if (stat("/", &own) < 0 || stat("/proc/1/root/", &first) < 0)
		return false;
	return own.st_dev != first.st_dev || own.st_ino != first.st_ino;
}

static char *why_not_live(const char *dir, bool is_tree, bool offline)
{
	if (is_tree)
		return str_format("--root %s", dir);
	if (offline)
		return strdup("--offline");
	if (getenv("ANA_INSTALL_PATH"))
		return strdup("an installer runs (ANA_INSTALL_PATH is set)");
	if (is_chroot())
		return strdup("a chroot (/proc/1/root is another folder)");
	return NULL;
}

int root_open(struct root **out, const char *dir, bool offline, struct err *e)
{
	struct stat st, top;
	struct root *r;
	bool is_tree;

	dir = dir ? dir : "/";
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, -ENOMEM, "out of memory");
	r->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st) < 0) {
		int err = errno;

		root_free(r);
		return err_set(e, -err,
			       "--root %s: %s: give the folder of a mounted tree", dir,
			       strerror(err));
	}
	if (stat("/", &top) < 0) {
		int err = errno;

		root_free(r);
		return err_set(e, -err, "/: cannot read: %s", strerror(err));
	}
	is_tree = st.st_dev != top.st_dev || st.st_ino != top.st_ino;
	r->not_live = why_not_live(dir, is_tree, offline);
	r->live = !r->not_live;
	r->prefix = strdup(is_tree ? dir : "");
	if (!r->prefix) {
		root_free(r);
		return err_set(e, -ENOMEM, "out of memory");
	}
	while (*r->prefix && r->prefix[strlen(r->prefix) - 1] == '/')
		r->prefix[strlen(r->prefix) - 1] = '\0';
	*out = r;
	return 0;
}

int root_open_none(struct root **out, struct err *e)
{
	struct root *r = calloc(1, sizeof(*r));

	if (r) {
		r->fd = -1;
		r->not_live = strdup("a recording holds no files: give --root for those");
		r->prefix = strdup("");
	}
	if (!r || !r->not_live || !r->prefix) {
		root_free(r);
		return err_set(e, -ENOMEM, "out of memory");
	}
	*out = r;
	return 0;
}

bool root_is_none(const struct root *r)
{
	return r->fd < 0;
}

void root_free(struct root *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->not_live);
	free(r->prefix);
	free(r);
}

bool root_is_live(const struct root *r)
{
	return r->live;
}

const char *root_not_live_reason(const struct root *r)
{
	return r->not_live;
}

const char *root_prefix(const struct root *r)
{
	return r->prefix;
}

/* Resolving: `done` is what was walked so far (no links in it), `todo` the rest. */

static void drop_last(struct str *done)
{
	while (done->len && done->s[done->len - 1] != '/')
		done->len--;
	if (done->len)
		done->len--;
	if (done->s)
		done->s[done->len] = '\0';
}

/* What DONE names, relative to the root's descriptor. */
static const char *relative(const struct str *done)
{
	return done->len ? done->s + 1 : ".";
}

/* DONE is a symlink: put its target before TODO. */
static int follow(const struct root *r, struct str *done, char **todo)
{
	char target[4096];
	ssize_t n = readlinkat(r->fd, relative(done), target, sizeof(target) - 1);
	char *joined;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	joined = str_format("%s/%s", target, *todo);
	if (!joined)
		return -ENOMEM;
	free(*todo);
	*todo = joined;
	if (target[0] == '/')
		done->len = 0;
	else
		drop_last(done);
	return 0;
}

/* One component off the front of TODO; "" at the end. */
static void next_component(char *todo, char *name, size_t size)
{
	size_t skip = strspn(todo, "/"), n = strcspn(todo + skip, "/");

	name[0] = '\0';
	if (n < size) {
		memcpy(name, todo + skip, n);
		name[n] = '\0';
	}
	memmove(todo, todo + skip + n, strlen(todo + skip + n) + 1);
}

static int walk(const struct root *r, const char *path, bool follow_last,
		struct str *done)
{
	CLEANUP_FREE char *todo = strdup(path);
	char name[256];
	int links = 0, missing = 0, err;
	struct stat st;

	if (!todo)
		return -ENOMEM;
	if (root_is_none(r))
		return -ENOENT;
	while (todo[strspn(todo, "/")]) {
		if (strcspn(todo + strspn(todo, "/"), "/") >= sizeof(name))
			return -ENAMETOOLONG;
		next_component(todo, name, sizeof(name));
		if (strcmp(name, ".") == 0)
			continue;
		if (missing)
			return -ENOENT;
		if (strcmp(name, "..") == 0) {
			drop_last(done);
			continue;
		}
		str_addf(done, "/%s", name);
		if (done->oom)
			return -ENOMEM;
		if (fstatat(r->fd, relative(done), &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENOENT)
				return -errno;
			missing = 1;
			continue;
		}
		if (!S_ISLNK(st.st_mode) || (!follow_last && !todo[strspn(todo, "/")]))
			continue;
		if (++links > MAX_LINKS)
			return -ELOOP;
		err = follow(r, done, &todo);
		if (err < 0)
			return err;
	}
	return 0;
}

int root_resolve(const struct root *r, const char *path, char **out)
{
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	int err = walk(r, path, true, &done);

	if (err < 0)
		return err;
	if (!done.len)
		str_add(&done, "/");
	*out = str_take(&done);
	return *out ? 0 : -ENOMEM;
}

/* The folder of PATH, opened without following anything that was swapped in since the
 * walk, and the last name in it. DONE keeps the name's bytes. */
static int open_parent(const struct root *r, const char *path, bool follow_last,
		       struct str *done, const char **name)
{
	char part[256];
	CLEANUP_FREE char *todo = NULL;
	CLEANUP_CLOSE int fd = -1;
	int err = walk(r, path, follow_last, done);

	if (err < 0)
		return err;
	fd = openat(r->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*name = done->len ? strrchr(done->s, '/') + 1 : ".";
	if (!done->len)
		return TAKE_FD(fd);
	todo = strndup(done->s, (size_t)(*name - done->s));
	if (!todo)
		return -ENOMEM;
	while (todo[strspn(todo, "/")]) {
		int next;

		next_component(todo, part, sizeof(part));
		next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -errno;
		close(fd);
		fd = next;
	}
	return TAKE_FD(fd);
}

/* Open for reading. The live root is the kernel's own, so is its way of resolving. */
static int open_read(const struct root *r, const char *path, int flags)
{
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	int fd;

	flags |= O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (r->live) {
		fd = openat(r->fd, path[strspn(path, "/")] ? path : "/", flags);
		return fd < 0 ? -errno : fd;
	}
	dir = open_parent(r, path, true, &done, &name);
	if (dir < 0)
		return dir;
	fd = openat(dir, name, flags | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/* A regular file, opened for reading. */
static int open_regular(const struct root *r, const char *path, struct stat *st)
{
	CLEANUP_CLOSE int fd = open_read(r, path, 0);

	if (fd < 0)
		return fd;
	if (fstat(fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return S_ISDIR(st->st_mode) ? -EISDIR : -EINVAL;
	return TAKE_FD(fd);
}

int root_read(const struct root *r, const char *path, size_t max, char **out, size_t *len)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct stat st;
	CLEANUP_CLOSE int fd = open_regular(r, path, &st);
	char buf[4096];
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (text.len + (size_t)n > max)
			return -EFBIG;
		str_addn(&text, buf, (size_t)n);
	} while (n != 0 && !(st.st_size > 0 && text.len == (size_t)st.st_size));
	if (len)
		*len = text.len;
	*out = str_take(&text);
	return *out ? 0 : -ENOMEM;
}

/* SIZE bytes, fewer at the end. */
static ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t have = 0;
	ssize_t n = 1;

	while (n != 0 && have < size) {
		n = read(fd, buf + have, size - have);
		if (n < 0 && errno != EINTR)
			return -errno;
		have += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)have;
}

int root_read_head(const struct root *r, const char *path, void *buf, size_t size)
{
	struct stat st;
	CLEANUP_CLOSE int fd = open_regular(r, path, &st);

	return fd < 0 ? fd : (int)read_full(fd, buf, size);
}

int root_search(const struct root *r, const char *path, const char *needle, char *out,
		size_t size)
{
	struct stat st;
	CLEANUP_CLOSE int fd = open_regular(r, path, &st);
	size_t kept = 0, m = strlen(needle), len;
	char buf[32768];
	const char *p;
	ssize_t n;

	if (fd < 0)
		return fd;
	for (;;) {
		n = read_full(fd, buf + kept, sizeof(buf) - kept);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		len = kept + (size_t)n;
		p = memmem(buf, len, needle, m);
		if (p)
			break;
		/* It may stand across the end. */
		kept = len < m ? len : m - 1;
		memmove(buf, buf + len - kept, kept);
	}
	len -= (size_t)(p - buf);
	if (len >= size)
		len = size - 1;
	memcpy(out, p, len);
	n = read_full(fd, out + len, size - 1 - len);
	if (n < 0)
		return (int)n;
	out[len + (size_t)n] = '\0';
	return (int)(len + (size_t)n);
}

int root_list(const struct root *r, const char *path, struct strv *names)
{
	int fd = open_read(r, path, O_DIRECTORY), err = 0;
	struct dirent *d;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err && (errno = 0, d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			err = strv_add(names, d->d_name);
	if (!err)
		err = -errno;
	closedir(dir);
	strv_sort(names);
	return err;
}

static int stat_at(const struct root *r, const char *path, bool follow_last,
		   struct stat *st)
{
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name;

	if (r->live)
		return fstatat(r->fd, path, st, follow_last ? 0 : AT_SYMLINK_NOFOLLOW) < 0
			       ? -errno
			       : 0;
	dir = open_parent(r, path, follow_last, &done, &name);
	if (dir < 0)
		return dir;
	return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int root_stat(const struct root *r, const char *path, struct stat *st)
{
	return stat_at(r, path, true, st);
}

int root_lstat(const struct root *r, const char *path, struct stat *st)
{
	return stat_at(r, path, false, st);
}

bool root_exists(const struct root *r, const char *path)
{
	struct stat st;

	return root_stat(r, path, &st) == 0;
}

bool root_is_masked(const struct root *r, const char *path)
{
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	CLEANUP_FREE char *target = NULL;
	CLEANUP_CLOSE int dir = -1;
	const char *name;
	char text[16];
	ssize_t n;

	if (root_resolve(r, path, &target) == 0)
		return strcmp(target, "/dev/null") == 0;
	dir = open_parent(r, path, false, &done, &name);
	n = dir < 0 ? -1 : readlinkat(dir, name, text, sizeof(text));
	return n == (ssize_t)strlen("/dev/null") &&
	       memcmp(text, "/dev/null", (size_t)n) == 0;
}

int root_free_space(const struct root *r, const char *path, uint64_t *bytes)
{
	CLEANUP_CLOSE int fd = open_read(r, path, O_DIRECTORY);
	struct statvfs st;

	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &st) < 0)
		return -errno;
	*bytes = (uint64_t)st.f_bavail * st.f_frsize;
	return 0;
}

int root_parent(const struct root *r, const char *path, struct str *resolved,
		const char **name)
{
	return open_parent(r, path, true, resolved, name);
}

int root_access(const struct root *r, const char *path)
{
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	CLEANUP_CLOSE int dir = -1;
	const char *name = path; /* of the live root: it is absolute */

	if (!r->live) {
		dir = open_parent(r, path, true, &done, &name);
		if (dir < 0)
			return dir;
	}
	/* Not by faccessat(): the C library tries faccessat2 first, and where a filter
	 * answers EPERM to what it does not know, that would be the answer. */
	return syscall(SYS_faccessat, dir, name, W_OK) < 0 ? -errno : 0;
}

int root_access_parent(const struct root *r, const char *path)
{
	CLEANUP_FREE char *part = strdup(path);
	char *slash;

	if (!part)
		return -ENOMEM;
	while ((slash = strrchr(part, '/')) && slash > part) {
		*slash = '\0';
		if (root_exists(r, part))
			return root_access(r, part);
	}
	return root_access(r, "/");
}
