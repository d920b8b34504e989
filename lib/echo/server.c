#include "server.h"

#include "base/cleanup.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MARK_POLL_NS 50000
#define MARK_POLLS 10000

struct server {
	const struct engine *engine;
	struct engine_run run;
	uint16_t port;
	int cpu;
	pthread_t thread;
	sem_t begun; /* it can serve, or has ended */
	bool ready;
	int result;
	struct err err;
};

static void *server_main(void *arg)
{
	struct server *s = arg;

	if (s->cpu >= 0) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(s->cpu, &one);
		pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	}
	s->result = s->engine->serve(&s->run, &s->err);
	sem_post(&s->begun);
	return NULL;
}

static int server_ready(struct engine_run *run)
{
	struct server *s = run->data;

	s->ready = true;
	sem_post(&s->begun);
	return 0;
}

static int server_begin(struct server *s, struct err *e)
{
	int r = -pthread_create(&s->thread, NULL, server_main, s);

	if (r)
		return err_set(e, r, "server: cannot start a thread: %s", strerror(-r));
	while (sem_wait(&s->begun) < 0)
		;
	if (s->ready)
		return 0;
	pthread_join(s->thread, NULL);
	return err_set(e, s->result < 0 ? s->result : -EIO, "%s",
		       s->err.msg[0] ? s->err.msg : "server: ended at once");
}

static void server_free(struct server *s)
{
	if (s->run.listen_fd >= 0)
		close(s->run.listen_fd);
	if (s->run.stop_fd >= 0)
		close(s->run.stop_fd);
	sem_destroy(&s->begun);
	free(s);
}

int server_start(struct server **out, const struct engine *engine, unsigned lacks,
		 int cpu, struct err *e)
{
	struct server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "server: out of memory");
	s->engine = engine;
	s->cpu = cpu;
	s->run.lacks = lacks;
	s->run.ready = server_ready;
	s->run.data = s;
	sem_init(&s->begun, 0, 0);
	s->run.stop_fd = eventfd(0, EFD_CLOEXEC);
	s->run.listen_fd = engine_listen(&s->port, e);
	r = s->run.listen_fd < 0 ? s->run.listen_fd : 0;
	if (!r && s->run.stop_fd < 0)
		r = err_set(e, -errno, "server: cannot start: %s", strerror(errno));
	if (!r)
		r = server_begin(s, e);
	if (r) {
		server_free(s);
		return r;
	}
	*out = s;
	return 0;
}

uint16_t server_port(const struct server *s)
{
	return s->port;
}

int server_mark(struct server *s)
{
	struct timespec pause = { 0, MARK_POLL_NS };
	unsigned wanted = s->run.marks_wanted + 1;
	int i;

	__atomic_store_n(&s->run.marks_wanted, wanted, __ATOMIC_RELEASE);
	for (i = 0; i < MARK_POLLS; i++) {
		if (__atomic_load_n(&s->run.marks_taken, __ATOMIC_ACQUIRE) == wanted)
			return 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

int server_stop(struct server *s, struct engine_run *run, struct err *e)
{
	uint64_t one = 1;
	int r;

	if (write(s->run.stop_fd, &one, sizeof(one)) < 0)
		return err_set(e, -errno, "server: cannot stop: %s", strerror(errno));
	pthread_join(s->thread, NULL);
	r = s->result < 0 ? err_set(e, s->result, "%s", s->err.msg) : 0;
	if (run)
		*run = s->run;
	server_free(s);
	return r;
}
