/* deny ANSWER COMMAND...: run COMMAND where a seccomp filter answers io_uring's system
 * calls with ANSWER: EPERM, ENOSYS, EACCES, or kill. */
#include "deny.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int answer;
	} answers[] = {
		{ "EPERM", EPERM },
		{ "ENOSYS", ENOSYS },
		{ "EACCES", EACCES },
		{ "kill", DENY_KILL },
	};
	size_t i;

	for (i = 0; argc > 2 && i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (strcmp(argv[1], answers[i].word) != 0)
			continue;
		if (deny_io_uring(answers[i].answer, 0) < 0) {
			perror("deny: seccomp");
			return 125;
		}
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		return 126;
	}
	fprintf(stderr, "usage: deny EPERM|ENOSYS|EACCES|kill COMMAND...\n");
	return 2;
}
