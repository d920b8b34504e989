#include "measure.h"

#include "base/cleanup.h"
#include "echo/load.h"
#include "echo/server.h"
#include "echo/stats.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The Nth CPU this process may run on; -1: it has fewer. */
static int nth_cpu(unsigned n)
{
	cpu_set_t set;
	int i;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -1;
	for (i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set) && n-- == 0)
			return i;
	return -1;
}

unsigned measure_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

unsigned measure_threads(const struct scenario *s)
{
	unsigned n = s->threads ? s->threads : s->threads_per_core * measure_cpus();

	if (n > MEASURE_MAX_THREADS)
		n = MEASURE_MAX_THREADS;
	return n < s->connections ? n : s->connections;
}

static void sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static double micros(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

/* What the server used between its two marks, and what came back meanwhile. */
static void derive(const struct engine_run *run, const struct load_result *got,
		   struct figures *f)
{
	const struct engine_mark *a = &run->marks[0], *b = &run->marks[1];
	double marked_us = (double)(b->at_ns - a->at_ns) / 1e3;
	double n = got->per_s * marked_us / 1e6, used_us;

	memset(f, 0, sizeof(*f));
	f->per_s = got->per_s;
	f->mean_us = hist_mean(&got->latency) / 1e3;
	f->p50_us = (double)hist_quantile(&got->latency, 0.5) / 1e3;
	f->p99_us = (double)hist_quantile(&got->latency, 0.99) / 1e3;
	f->user_us = (micros(b->usage.ru_utime) - micros(a->usage.ru_utime)) / n;
	f->sys_us = (micros(b->usage.ru_stime) - micros(a->usage.ru_stime)) / n;
	f->calls = (double)(b->counters.calls - a->counters.calls) / n;
	f->voluntary = (double)(b->usage.ru_nvcsw - a->usage.ru_nvcsw) / n;
	f->involuntary = (double)(b->usage.ru_nivcsw - a->usage.ru_nivcsw) / n;
	used_us = (f->user_us + f->sys_us) * n;
	f->server_busy = used_us / marked_us;
	f->client_busy = got->busy;
	f->bytes_checked = (double)got->bytes_checked;
}

static int load_run(struct server *server, const struct scenario *s,
		    const struct timing *t, int cpu, struct load_result *got,
		    struct err *e)
{
	struct load_opts o;
	struct load *load;
	int r, watched;

	memset(&o, 0, sizeof(o));
	o.port = server_port(server);
	o.connections = s->connections;
	o.threads = measure_threads(s);
	o.message = s->message;
	o.cpu = cpu;
	r = load_start(&load, &o, e);
	if (r < 0)
		return r;
	sleep_ms(t->warm);
	watched = server_mark(server);
	load_open_window(load);
	sleep_ms(t->window);
	load_close_window(load);
	if (watched >= 0)
		watched = server_mark(server);
	r = load_finish(load, got, e);
	if (r >= 0 && (watched < 0 || !got->latency.count))
		r = err_set(e, -EDOM, "no message came back while it was measured");
	return r;
}

static int plausible(const struct load_result *got, unsigned connections,
		     const struct timing *t, struct err *e)
{
	double edge = (double)got->latency.max / 1e9 / got->window_s;

	if (got->window_s * 1e3 > 2.0 * t->window)
		return err_set(e, -EDOM, "it was measured for %.0f ms instead of %u",
			       got->window_s * 1e3, t->window);
	if (!stats_little_holds(got->under_way, connections, edge))
		return err_set(e, -EDOM,
			       "times do not add up to the number of connections, "
			       "they are off by %.1f %%",
			       100 * stats_little(got->under_way, connections));
	return 0;
}

int measure_run(const struct engine *engine, const struct scenario *s,
		const struct timing *t, struct figures *out, struct err *e)
{
	bool pin = s->pinned && measure_cpus() > 1;
	CLEANUP_FREE struct load_result *got = malloc(sizeof(*got));
	struct engine_run run;
	struct server *server;
	struct err late = { "" };
	int r, stopped;

	if (!got)
		return err_set(e, -ENOMEM, "%s: out of memory", s->name);
	r = server_start(&server, engine, 0, pin ? nth_cpu(0) : -1, e);
	if (r < 0)
		return err_wrap(e, r, "%s, %s", s->name, engine->name);
	r = load_run(server, s, t, pin ? nth_cpu(1) : -1, got, e);
	stopped = server_stop(server, &run, &late);
	if (stopped < 0)
		r = err_set(e, stopped, "%s", late.msg);
	if (r < 0)
		return err_wrap(e, r, "%s, %s", s->name, engine->name);
	derive(&run, got, out);
	r = plausible(got, s->connections, t, e);
	return r < 0 ? err_wrap(e, r, "%s, %s", s->name, engine->name) : 0;
}

void measure_median(const struct figures *runs, size_t n, struct figures *out)
{
	/* A struct of doubles alone is an array of doubles. */
	const size_t fields = sizeof(*out) / sizeof(double);
	CLEANUP_FREE double *v = calloc(n ? n : 1, sizeof(*v));
	double sum = 0, *to = (double *)out;
	size_t i, k;

	for (k = 0; k < fields; k++) {
		to[k] = NAN;
		if (!v)
			continue;
		for (i = 0; i < n; i++)
			v[i] = ((const double *)&runs[i])[k];
		to[k] = stats_spread(v, n).median;
	}
	for (i = 0; i < n; i++)
		sum += runs[i].bytes_checked;
	out->bytes_checked = sum;
}

const char *measure_limit(const struct scenario *s, const struct figures *f)
{
	double all = f->server_busy + f->client_busy * measure_threads(s);

	if (f->server_busy >= 0.9)
		return "server";
	if (measure_threads(s) == 1 && f->client_busy >= 0.9)
		return "client";
	/* What the network's interrupts use is nobody's in these figures. */
	return all >= 0.75 * measure_cpus() ? "cores" : "latency";
}

static double null_batch(void)
{
	const int calls = 4000;
	struct timespec a, b;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < calls; i++)
		syscall(SYS_getppid);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) /
	       calls;
}

double measure_null_call(void)
{
	double best = null_batch();
	int i;

	/* What disturbs makes it longer, never shorter. */
	for (i = 0; i < 8; i++) {
		double now = null_batch();

		if (now < best)
			best = now;
	}
	return best;
}
