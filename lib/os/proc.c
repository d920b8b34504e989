#include "os/proc.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

int proc_rings(pid_t pid)
{
	char path[128], target[64];
	struct dirent *d;
	int rings = 0;
	DIR *dir;

	name(pid, "fd", path);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		if (n < 0)
			continue; /* "." and "..", or closed since */
		target[n] = '\0';
		rings += strcmp(target, "anon_inode:[io_uring]") == 0;
	}
	closedir(dir);
	return rings;
}
