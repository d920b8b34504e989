/* rings N ENTRIES [hold|deny]: make N rings, print how many could be made; hold: and stay,
 * with them open; deny: and stay, under a filter that answers EPERM from now on. */
#include "deny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long i, n = argc > 2 ? strtol(argv[1], NULL, 10) : -1;
	char params[120];

	if (n < 0) {
		fprintf(stderr, "usage: rings N ENTRIES [hold|deny]\n");
		return 2;
	}
	for (i = 0; i < n; i++) {
		memset(params, 0, sizeof(params));
		if (syscall(425, (unsigned)strtoul(argv[2], NULL, 10), params) < 0)
			break;
	}
	printf("%ld%s%s\n", i, i < n ? " " : "", i < n ? strerror(errno) : "");
	fflush(stdout);
	if (argc < 4)
		return 0;
	if (strcmp(argv[3], "deny") == 0 && deny_io_uring(EPERM, 0) < 0)
		return 125;
	for (;;)
		pause();
}
