/* replay DIR <CALLS: do to the tree DIR what another program did to one, as strace saw it,
 * and nothing besides. A line each: mkdir PATH, create PATH, open PATH, write BYTES OFFSET,
 * sync, syncdir PATH, rename PATH, remove PATH. "create" and "open" are followed by the calls
 * on that file; "rename" gives the file created last that name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char made[4096];
static int fd = -1;

static int do_write(const char *size, const char *offset)
{
	size_t n = strtoul(size, NULL, 10);
	char *bytes = calloc(1, n + 1);
	ssize_t put;

	if (!bytes)
		return -1;
	memset(bytes, 'x', n);
	put = pwrite(fd, bytes, n, strtol(offset, NULL, 10));
	free(bytes);
	return put == (ssize_t)n ? 0 : -1;
}

static int open_file(const char *path, int flags)
{
	if (fd >= 0)
		close(fd);
	snprintf(made, sizeof(made), "%s", path);
	fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	return fd < 0 ? -1 : 0;
}

static int sync_dir(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = dir < 0 ? -1 : fsync(dir);

	if (dir >= 0)
		close(dir);
	return err;
}

static int do_call(const char *call, const char *a, const char *b)
{
	if (strcmp(call, "mkdir") == 0)
		return mkdir(a, 0755);
	if (strcmp(call, "create") == 0)
		return open_file(a, O_CREAT);
	if (strcmp(call, "open") == 0)
		return open_file(a, 0);
	if (strcmp(call, "write") == 0)
		return do_write(a, b);
	if (strcmp(call, "sync") == 0)
		return fsync(fd);
	if (strcmp(call, "syncdir") == 0)
		return sync_dir(a);
	if (strcmp(call, "rename") == 0)
		return rename(made, a);
	if (strcmp(call, "remove") == 0)
		return unlink(a);
	errno = ENOSYS;
	return -1;
}

int main(int argc, char **argv)
{
	char line[8192], call[16], a[4096], b[4096];

	if (argc != 2 || chdir(argv[1]) < 0)
		return 2;
	while (fgets(line, sizeof(line), stdin)) {
		a[0] = b[0] = '\0';
		if (sscanf(line, "%15s %4095s %4095s", call, a, b) < 1)
			continue;
		if (do_call(call, a, b) < 0) {
			fprintf(stderr, "replay: %s: %s\n", strtok(line, "\n"),
				strerror(errno));
			return 1;
		}
	}
	return 0;
}
