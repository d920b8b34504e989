/* sysctl_try: what the kernel takes. A line on stdin is a file of /proc/sys and values, with
 * commas where a value has several numbers; a line a value comes out:
 *
 *   KEY none ERROR            the file cannot be opened
 *   KEY was VALUE             what it held
 *   KEY VALUE reads VALUE     written, and read back
 *   KEY VALUE refused ERROR
 *   KEY VALUE stays ERROR     the value that was there could not be written back
 *
 * Between a write and the write that takes it back nothing is run and no memory asked for:
 * some values would stop the guest. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What FD holds, as words parted by a comma each. */
static void read_value(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);
	char *c;

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (c = out; *c; c++)
		if (*c == '\t' || *c == ' ')
			*c = ',';
}

static int write_value(int fd, const char *value)
{
	char text[256];
	char *c;

	snprintf(text, sizeof(text), "%s", value);
	for (c = text; *c; c++)
		if (*c == ',')
			*c = ' ';
	return pwrite(fd, text, strlen(text), 0) < 0 ? errno : 0;
}

static void try_value(int fd, const char *key, const char *value, const char *was)
{
	char now[256];
	int taken = write_value(fd, value), back;

	read_value(fd, now, sizeof(now));
	back = taken ? 0 : write_value(fd, was);
	if (taken)
		printf("%s %s refused %d\n", key, value, taken);
	else
		printf("%s %s reads %s\n", key, value, now);
	if (back)
		printf("%s %s stays %d\n", key, value, back);
}

int main(void)
{
	char line[1024], path[256], was[256];

	mlockall(MCL_CURRENT | MCL_FUTURE);
	while (fgets(line, sizeof(line), stdin)) {
		char *save = NULL, *key = strtok_r(line, " \n", &save), *value;
		int fd;

		if (!key)
			continue;
		snprintf(path, sizeof(path), "/proc/sys/%s", key);
		fd = open(path, O_RDWR);
		if (fd < 0) {
			printf("%s none %d\n", key, errno);
			continue;
		}
		read_value(fd, was, sizeof(was));
		printf("%s was %s\n", key, was);
		while ((value = strtok_r(NULL, " \n", &save)))
			try_value(fd, key, value, was);
		close(fd);
	}
	return 0;
}
