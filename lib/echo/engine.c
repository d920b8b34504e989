#include "engine.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG 4096 /* bounded by net.core.somaxconn */

static const struct engine *const engines[] = {
#define X(name) &engine_##name,
	ENGINES(X)
#undef X
};

const struct engine *engine_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (strcmp(engines[i]->name, name) == 0)
			return engines[i];
	return NULL;
}

int engine_ready(struct engine_run *run)
{
	return run->ready ? run->ready(run) : 0;
}

void engine_turn(struct engine_run *run)
{
	unsigned wanted = __atomic_load_n(&run->marks_wanted, __ATOMIC_ACQUIRE);
	struct engine_mark *m;
	struct timespec t;

	if (wanted == run->marks_taken || run->marks_taken == ENGINE_MARKS)
		return;
	m = &run->marks[run->marks_taken];
	m->counters = run->counters;
	getrusage(RUSAGE_THREAD, &m->usage);
	clock_gettime(CLOCK_MONOTONIC, &t);
	m->at_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	__atomic_store_n(&run->marks_taken, run->marks_taken + 1, __ATOMIC_RELEASE);
}

static int listen_on(int fd, uint16_t *port)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int on = 1;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(*port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -errno;
	*port = ntohs(a.sin_port);
	return 0;
}

int engine_listen(uint16_t *port, struct err *e)
{
	CLEANUP_CLOSE int fd =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : listen_on(fd, port);

	if (r < 0)
		return err_set(e, r, "127.0.0.1:%u: cannot listen: %s", *port,
			       strerror(-r));
	return TAKE_FD(fd);
}
