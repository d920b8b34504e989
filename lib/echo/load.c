#include "load.h"

#include "base/cleanup.h"
#include "echo/pattern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define READ_SIZE (64 * 1024)
#define MESSAGE_MAX (16u << 20)
#define EVENTS 256
#define STALL_MS 5000
#define LOOK_MS 50 /* how often an idle thread looks whether it is to end */

enum phase {
	PHASE_WARM,
	PHASE_WINDOW,
	PHASE_AFTER,
	PHASE_STOP,
};

struct link {
	int fd; /* -1: ended */
	unsigned id;
	bool ending;	  /* has said that it sends no more */
	bool wants_write; /* EPOLLOUT is asked for */
	size_t sent, got; /* of the message under way */
	uint64_t offset;  /* of its first byte */
	uint64_t messages;
	int64_t since; /* ns: when it was due */
};

struct worker {
	struct load *load;
	pthread_t thread;
	bool started;
	int ep;
	struct link *links; /* part of the load's */
	unsigned n, open;
	unsigned idle; /* waits in a row that brought nothing */
	enum phase phase;
	/* The window as this thread saw it: it may notice late, on a CPU it has to share. */
	int64_t opened, closed;
	struct rusage before;
	double cpu_s;
	struct hist latency;
	uint64_t messages, bytes;
	int result;
	struct err err;
	char buffer[READ_SIZE];
};

struct load {
	struct load_opts o;
	unsigned char *pattern;
	struct link *links;
	struct worker *workers;
	int phase;  /* through __atomic */
	int failed; /* likewise: all are to end at once */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double seconds(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

/* Follow the load's phase. What is counted, counts between the ends of the window. */
static void follow(struct worker *w)
{
	enum phase now = (enum phase)__atomic_load_n(&w->load->phase, __ATOMIC_ACQUIRE);
	struct rusage u;

	if (now == w->phase)
		return;
	getrusage(RUSAGE_THREAD, &u);
	if (w->phase == PHASE_WINDOW) {
		w->closed = now_ns();
		w->cpu_s = seconds(&u) - seconds(&w->before);
	}
	if (now == PHASE_WINDOW) {
		w->opened = now_ns();
		w->before = u;
	}
	w->phase = now;
}

static int watch(struct worker *w, struct link *l, int op, uint32_t events)
{
	struct epoll_event ev = { events, { .ptr = l } };

	return epoll_ctl(w->ep, op, l->fd, &ev) < 0 ? -errno : 0;
}

static int fail(struct worker *w, const struct link *l, int r, const char *what)
{
	return err_set(&w->err, r, "connection %u: byte %llu: %s", l->id,
		       (unsigned long long)(l->offset + l->got), what);
}

static int push(struct worker *w, struct link *l)
{
	const struct load *load = w->load;
	bool more;

	while (l->sent < load->o.message) {
		const unsigned char *from =
			load->pattern + pattern_at(l->id, l->offset + l->sent);
		ssize_t n = send(l->fd, from, load->o.message - l->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return fail(w, l, -ECONNRESET, strerror(errno));
		l->sent += (size_t)n;
	}
	more = l->sent < load->o.message;
	if (more == l->wants_write)
		return 0;
	l->wants_write = more;
	return watch(w, l, EPOLL_CTL_MOD, more ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* All bytes are those that were sent, and not more of them. */
static int compare(struct worker *w, struct link *l, size_t n)
{
	const unsigned char *got = (const unsigned char *)w->buffer;
	const unsigned char *sent =
		w->load->pattern + pattern_at(l->id, l->offset + l->got);
	size_t i, due = l->ending ? 0 : l->sent - l->got;
	size_t known = n < due ? n : due;

	if (memcmp(got, sent, known) != 0) {
		for (i = 0; got[i] == sent[i]; i++)
			;
		return err_set(
			&w->err, -EBADMSG,
			"connection %u: byte %llu: came back as 0x%02x, was sent as "
			"0x%02x",
			l->id, (unsigned long long)(l->offset + l->got + i), got[i],
			sent[i]);
	}
	if (n > due) {
		l->got += due;
		return fail(w, l, -EBADMSG, "came back, but was never sent");
	}
	l->got += n;
	w->bytes += n;
	return 0;
}

static int end_link(struct link *l)
{
	l->ending = true;
	return shutdown(l->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* A whole message is back: the next one is due now. */
static int next_message(struct worker *w, struct link *l)
{
	const struct load_opts *o = &w->load->o;
	int64_t now = now_ns();

	if (w->phase == PHASE_WINDOW)
		hist_add(&w->latency, (uint64_t)(now - l->since));
	w->messages++;
	l->messages++;
	l->offset += o->message;
	l->sent = l->got = 0;
	l->since = now;
	if (o->messages ? l->messages == o->messages : w->phase == PHASE_STOP)
		return end_link(l);
	return push(w, l);
}

static int ended(struct worker *w, struct link *l)
{
	if (!l->ending)
		return fail(w, l, -ECONNRESET, "the server ended the connection");
	close(l->fd);
	l->fd = -1;
	w->open--;
	return 0;
}

static int pull(struct worker *w, struct link *l)
{
	ssize_t n;
	int r;

	do {
		n = recv(l->fd, w->buffer, READ_SIZE, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0)
			return fail(w, l, -ECONNRESET, strerror(errno));
		if (n == 0)
			return ended(w, l);
		r = compare(w, l, (size_t)n);
		if (r >= 0 && l->got == w->load->o.message)
			r = next_message(w, l);
	} while (r >= 0 && n == READ_SIZE);
	return r;
}

/* A wait brought nothing. Such waits are counted and not the time, which also goes on
 * while this process is stopped or does not get a CPU. */
static int stalled(struct worker *w)
{
	int limit = w->load->o.stall_ms ? w->load->o.stall_ms : STALL_MS;
	unsigned i;

	if (++w->idle < (unsigned)(limit / LOOK_MS))
		return 0;
	for (i = 0; w->links[i].fd < 0; i++)
		;
	return fail(w, &w->links[i], -ETIMEDOUT, "no answer");
}

static int run(struct worker *w)
{
	struct epoll_event ev[EVENTS];
	unsigned i;
	int n, k, r = 0;

	for (i = 0; i < w->n && r >= 0; i++) {
		w->links[i].since = now_ns();
		r = watch(w, &w->links[i], EPOLL_CTL_ADD, EPOLLIN);
		if (r >= 0)
			r = push(w, &w->links[i]);
	}
	while (r >= 0 && w->open) {
		n = epoll_wait(w->ep, ev, EVENTS, LOOK_MS);
		if (n < 0 && errno != EINTR)
			return err_set(&w->err, -errno, "epoll_wait: %s",
				       strerror(errno));
		if (__atomic_load_n(&w->load->failed, __ATOMIC_RELAXED))
			return 0;
		follow(w);
		for (k = 0; k < n && r >= 0; k++) {
			struct link *l = ev[k].data.ptr;

			if (ev[k].events & EPOLLOUT)
				r = push(w, l);
			if (r >= 0 && ev[k].events & ~(uint32_t)EPOLLOUT)
				r = pull(w, l);
		}
		if (n > 0)
			w->idle = 0;
		if (r >= 0 && n == 0)
			r = stalled(w);
	}
	return r;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	if (w->load->o.cpu >= 0) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(w->load->o.cpu, &one);
		pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	}
	w->result = run(w);
	follow(w);
	if (w->result < 0) {
		if (!w->err.msg[0])
			err_set(&w->err, w->result, "load: %s", strerror(-w->result));
		__atomic_store_n(&w->load->failed, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static int connect_to(uint16_t port, unsigned id, struct err *e)
{
	CLEANUP_CLOSE int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a;
	int r, on = 1;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		r = -errno;
		return err_set(e, r, "connection %u: cannot connect to 127.0.0.1:%u: %s",
			       id, port, strerror(-r));
	}
	return TAKE_FD(fd);
}

static void load_free(struct load *l)
{
	unsigned i;

	if (!l)
		return;
	for (i = 0; l->links && i < l->o.connections; i++)
		if (l->links[i].fd >= 0)
			close(l->links[i].fd);
	for (i = 0; l->workers && i < l->o.threads; i++)
		if (l->workers[i].ep >= 0)
			close(l->workers[i].ep);
	free(l->pattern);
	free(l->links);
	free(l->workers);
	free(l);
}

/* Wait for the threads; the first failure. */
static int join_all(struct load *l, struct err *e)
{
	unsigned i;
	int r = 0;

	for (i = 0; i < l->o.threads; i++) {
		struct worker *w = &l->workers[i];

		if (!w->started)
			continue;
		pthread_join(w->thread, NULL);
		if (w->result < 0 && r == 0)
			r = err_set(e, w->result, "%s", w->err.msg);
	}
	return r;
}

static int prepare(struct load *l, struct err *e)
{
	size_t size = PATTERN_SIZE(l->o.message > READ_SIZE ? l->o.message : READ_SIZE);
	unsigned i;

	l->pattern = malloc(size);
	l->links = calloc(l->o.connections, sizeof(*l->links));
	l->workers = calloc(l->o.threads, sizeof(*l->workers));
	for (i = 0; l->links && i < l->o.connections; i++)
		l->links[i].fd = -1;
	for (i = 0; l->workers && i < l->o.threads; i++)
		l->workers[i].ep = -1;
	if (!l->pattern || !l->links || !l->workers)
		return err_set(e, -ENOMEM, "load: out of memory");
	pattern_fill(l->pattern, size);
	for (i = 0; i < l->o.connections; i++) {
		l->links[i].id = i;
		l->links[i].fd = connect_to(l->o.port, i, e);
		if (l->links[i].fd < 0)
			return l->links[i].fd;
	}
	return 0;
}

static int start_workers(struct load *l, struct err *e)
{
	unsigned i, first = 0;

	for (i = 0; i < l->o.threads; i++) {
		struct worker *w = &l->workers[i];
		int r;

		w->load = l;
		w->links = l->links + first;
		w->n = w->open = (l->o.connections - first) / (l->o.threads - i);
		first += w->n;
		w->ep = epoll_create1(EPOLL_CLOEXEC);
		r = w->ep < 0 ? errno : pthread_create(&w->thread, NULL, worker_main, w);
		if (r) {
			__atomic_store_n(&l->failed, 1, __ATOMIC_RELAXED);
			join_all(l, NULL);
			return err_set(e, -r, "load: cannot start a thread: %s",
				       strerror(r));
		}
		w->started = true;
	}
	return 0;
}

int load_start(struct load **out, const struct load_opts *o, struct err *e)
{
	struct load *l;
	int r;

	if (!o->threads || o->connections < o->threads || !o->message ||
	    o->message > MESSAGE_MAX)
		return err_set(e, -EINVAL,
			       "load: %u connections, %u threads, %zu bytes: refused",
			       o->connections, o->threads, o->message);
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "load: out of memory");
	l->o = *o;
	r = prepare(l, e);
	if (r >= 0)
		r = start_workers(l, e);
	if (r < 0) {
		load_free(l);
		return r;
	}
	*out = l;
	return 0;
}

void load_open_window(struct load *l)
{
	__atomic_store_n(&l->phase, PHASE_WINDOW, __ATOMIC_RELEASE);
}

void load_close_window(struct load *l)
{
	__atomic_store_n(&l->phase, PHASE_AFTER, __ATOMIC_RELEASE);
}

int load_finish(struct load *l, struct load_result *out, struct err *e)
{
	double window;
	unsigned i;
	int r;

	__atomic_store_n(&l->phase, PHASE_STOP, __ATOMIC_RELEASE);
	r = join_all(l, e);
	memset(out, 0, sizeof(*out));
	for (i = 0; i < l->o.threads; i++) {
		const struct worker *w = &l->workers[i];

		hist_merge(&out->latency, &w->latency);
		out->messages += w->messages;
		out->bytes_checked += w->bytes;
		window = (double)(w->closed - w->opened) / 1e9;
		if (window <= 0)
			continue;
		out->per_s += (double)w->latency.count / window;
		out->under_way += (double)w->latency.sum / 1e9 / window;
		if (!out->window_s || window < out->window_s)
			out->window_s = window;
		out->busy += w->cpu_s / window / l->o.threads;
	}
	load_free(l);
	return r;
}
