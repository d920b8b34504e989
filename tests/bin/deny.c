/* deny WHAT COMMAND...: run COMMAND behind a seccomp filter.
 *
 *   ANSWER        io_uring's three system calls are answered with it: EPERM, ENOSYS,
 *                 EACCES, EOPNOTSUPP or kill
 *   setup:ANSWER  io_uring_setup alone
 *   above:N       every system call above number N is answered with ENOSYS; 313 is the
 *                 last that Linux 3.10 has on x86-64
 *   nothing       a filter that lets everything pass */
#include "deny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 1: there is no such WHAT; else what the filter's loading came to. */
static int deny(const char *what)
{
	static const struct {
		const char *word;
		int answer;
	} answers[] = {
		{ "EPERM", EPERM },	      { "ENOSYS", ENOSYS },  { "EACCES", EACCES },
		{ "EOPNOTSUPP", EOPNOTSUPP }, { "kill", DENY_KILL },
	};
	int only_setup = strncmp(what, "setup:", 6) == 0;
	size_t i;

	if (strcmp(what, "nothing") == 0)
		return deny_nothing();
	if (strncmp(what, "above:", 6) == 0 && atoi(what + 6) > 0)
		return deny_above((unsigned)atoi(what + 6));
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(what + 6 * only_setup, answers[i].word) == 0)
			return deny_io_uring(answers[i].answer, only_setup);
	return 1;
}

int main(int argc, char **argv)
{
	int r = argc > 2 ? deny(argv[1]) : 1;

	if (r == 1) {
		fprintf(stderr, "usage: deny [setup:]EPERM|ENOSYS|EACCES|EOPNOTSUPP|kill "
				"COMMAND...\n"
				"       deny above:N|nothing COMMAND...\n");
		return 2;
	}
	if (r < 0) {
		fprintf(stderr, "deny: seccomp: %s\n", strerror(-r));
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
