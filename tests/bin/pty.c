/* pty COLUMNS PROGRAM ARG...: run PROGRAM with its stdout on a terminal of so many columns
 * (0: it does not say), and copy what it writes there; its exit code is ours. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 125;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24 };
	struct termios raw;
	char buf[4096];
	int master, slave, status;
	ssize_t n;
	pid_t pid;

	if (argc < 3)
		return 125;
	size.ws_col = (unsigned short)atoi(argv[1]);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return fail("posix_openpt");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) < 0)
		return fail("ptsname");
	if (tcgetattr(slave, &raw) < 0)
		return fail("tcgetattr");
	raw.c_oflag &= (tcflag_t)~OPOST; /* no CR before LF */
	if (tcsetattr(slave, TCSANOW, &raw) < 0)
		return fail("tcsetattr");
	pid = fork();
	if (pid < 0)
		return fail("fork");
	if (pid == 0) {
		dup2(slave, 1);
		close(master);
		close(slave);
		execvp(argv[2], argv + 2);
		_exit(fail(argv[2]));
	}
	close(slave);
	while ((n = read(master, buf, sizeof(buf))) >
	       0) /* EIO: the other side is closed */
		if (write(1, buf, (size_t)n) != n)
			return fail("write");
	if (waitpid(pid, &status, 0) < 0)
		return fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
