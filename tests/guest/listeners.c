/* listeners READY: sockets of every kind that uringprep looks at listen with a backlog of
 * 511, and one with 5; then READY is made, with the names of those that this kernel has, and
 * it waits to be ended. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MPTCP 262 /* IPPROTO_MPTCP */

static FILE *names;

static void inet(int family, int protocol, unsigned port, int backlog, const char *name)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	const void *at = family == AF_INET ? (void *)&v4 : (void *)&v6;
	socklen_t size = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int fd = socket(family, SOCK_STREAM, protocol);

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, at, size) == 0 && listen(fd, backlog) == 0)
		fprintf(names, "%s\n", name);
}

static void local(int type, const char *abstract, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);
	size_t n = strlen(abstract);

	memcpy(at.sun_path + 1, abstract, n);
	if (fd >= 0 &&
	    bind(fd, (void *)&at,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) == 0 &&
	    listen(fd, 511) == 0)
		fprintf(names, "%s\n", name);
}

int main(int argc, char **argv)
{
	char making[256];

	if (argc != 2)
		return 2;
	snprintf(making, sizeof(making), "%s.new", argv[1]);
	names = fopen(making, "w");
	if (!names)
		return 1;
	inet(AF_INET, 0, 8001, 511, "tcp 127.0.0.1:8001");
	inet(AF_INET6, 0, 8002, 511, "tcp [::]:8002");
	inet(AF_INET, MPTCP, 8003, 511, "tcp 127.0.0.1:8003");
	inet(AF_INET, 0, 8004, 5, "less");
	local(SOCK_STREAM, "stream", "unix @stream");
	local(SOCK_SEQPACKET, "packets", "unix-seqpacket @packets");
	if (fclose(names) || rename(making, argv[1]) < 0)
		return 1;
	pause();
	return 0;
}
