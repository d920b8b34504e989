#include "os/proc.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TEXT (1024 * 1024)

/* Large enough for every name below, none of which comes from outside. */
static void name(pid_t pid, const char *file, char out[128])
{
	if (pid)
		snprintf(out, 128, "/proc/%ld/%s", (long)pid, file);
	else
		snprintf(out, 128, "/proc/self/%s", file);
}

static int read_path(const char *path, char **out)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	CLEANUP_CLOSE int fd = -1;
	char buf[4096];
	ssize_t n = 1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	while (n) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (text.len + (size_t)n > MAX_TEXT)
			return -EFBIG;
		str_addn(&text, buf, (size_t)n);
	}
	*out = str_take(&text);
	return *out ? 0 : -ENOMEM;
}

int proc_read(pid_t pid, const char *file, char **out)
{
	char path[128];

	name(pid, file, path);
	return read_path(path, out);
}

int proc_boot_id(char **out)
{
	char *text;
	int err = read_path("/proc/sys/kernel/random/boot_id", &text);

	if (err < 0)
		return err;
	*out = str_squeeze(text);
	return 0;
}

int proc_namespace(pid_t pid, const char *kind, uint64_t *out)
{
	char path[128], file[32], text[64];
	unsigned long long number;
	char *colon;
	ssize_t n;

	snprintf(file, sizeof(file), "ns/%s", kind);
	name(pid, file, path);
	n = readlink(path, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	colon = strchr(text, ':'); /* "net:[4026531833]" */
	if (!colon || sscanf(colon, ":[%llu]", &number) != 1)
		return -EBADMSG;
	*out = number;
	return 0;
}

int proc_in_first_user(pid_t pid)
{
	uint64_t number;

	return proc_namespace(pid, "user", &number) < 0 ? -1 : number == PROC_FIRST_USER;
}

/* EACH with what every descriptor of PID leads to, until it says no. 0 or -errno. */
static int each_fd(pid_t pid, bool (*each)(void *data, const char *target), void *data)
{
	char path[128], target[64];
	struct dirent *d;
	bool more = true;
	DIR *dir;

	name(pid, "fd", path);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (more && (d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		if (n < 0)
			continue; /* "." and "..", or closed since */
		target[n] = '\0';
		more = each(data, target);
	}
	closedir(dir);
	return 0;
}

static bool count_ring(void *data, const char *target)
{
	int *rings = data;

	*rings += strcmp(target, "anon_inode:[io_uring]") == 0;
	return true;
}

int proc_rings(pid_t pid)
{
	int rings = 0, err = each_fd(pid, count_ring, &rings);

	return err ? err : rings;
}

struct sockets {
	uint64_t *v;
	size_t n, room;
	bool oom;
};

static bool add_socket(void *data, const char *target)
{
	struct sockets *s = data;
	unsigned long long inode;

	if (sscanf(target, "socket:[%llu]", &inode) != 1)
		return true;
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		uint64_t *more = realloc(s->v, room * sizeof(*more));

		s->oom = !more;
		if (!more)
			return false;
		s->v = more;
		s->room = room;
	}
	s->v[s->n++] = inode;
	return true;
}

int proc_sockets(pid_t pid, uint64_t **out, size_t *n)
{
	struct sockets s = { NULL, 0, 0, false };
	int err = each_fd(pid, add_socket, &s);

	if (err || s.oom) {
		free(s.v);
		return err ? err : -ENOMEM;
	}
	*out = s.v;
	*n = s.n;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int proc_list(pid_t **out, size_t *n)
{
	CLEANUP_FREE pid_t *v = NULL;
	DIR *dir = opendir("/proc");
	size_t room = 0, have = 0;
	struct dirent *d;
	uint64_t pid;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (d = readdir(dir))) {
		if (str_to_u64(d->d_name, 1, INT32_MAX, &pid) < 0)
			continue;
		if (have == room) {
			pid_t *more = realloc(v, (room + 256) * sizeof(*more));

			err = more ? 0 : -ENOMEM;
			v = more ? more : v;
			room += 256;
		}
		if (!err)
			v[have++] = (pid_t)pid;
	}
	closedir(dir);
	if (err)
		return err;
	if (have)
		qsort(v, have, sizeof(*v), by_number);
	*out = TAKE_PTR(v);
	*n = have;
	return 0;
}
