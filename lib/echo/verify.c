#include "verify.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>

#define MAX_ROUNDS 256
#define MAX_REFUSED 50 /* rounds in a row: then a scenario is given up */
#define WANTED_FDS 4096
#define SPARE_FDS 64 /* of what is open besides connections and their threads */
#define QUICK_SECONDS 7
#define SECONDS 60

static const struct scenario scenarios[VERIFY_SCENARIOS] = {
	/* The first two are those of --quick. */
	{ "bulk", "50 connections, 16 KiB, server and client on a core each", 50, 16384,
	  1, 0, true },
	{ "crowded", "400 connections, 128 B, six client threads a core, at most 48", 400,
	  128, 0, 6, false },
	{ "small", "50 connections, 128 B, server and client on a core each", 50, 128, 1,
	  0, true },
	{ "single", "1 connection, 128 B, server and client on a core each", 1, 128, 1, 0,
	  true },
};
#define QUICK_SCENARIOS 2

/* Rounds of one scenario: each is io_uring and twice epoll, back to back. */
struct rounds {
	const struct scenario *what;
	struct timing timing;
	struct figures uring[MAX_ROUNDS], epoll[MAX_ROUNDS];
	double ratio[MAX_ROUNDS], self[MAX_ROUNDS];
	size_t n;
	unsigned refused, in_a_row;
	struct err refusal; /* the last */
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Neighbours in time are compared, for the machine's speed changes; who comes first
 * alternates. 0, also when a run was refused: then the round does not count. */
static int one_round(struct rounds *s, bool denied, struct err *e)
{
	struct figures first, second;
	const struct engine *order[3] = { &engine_uring, &engine_epoll, &engine_epoll };
	struct figures *to[3] = { &s->uring[s->n], &first, &second };
	bool backwards = s->n % 2;
	int i, r = 0;

	for (i = denied ? 1 : 0; i < 3 && r >= 0; i++) {
		int k = backwards ? (denied ? 3 : 2) - i : i;

		r = measure_run(order[k], s->what, &s->timing, to[k], e);
	}
	/* io_uring was not denied, but is at times (memory for the ring). */
	if (r == -EPERM)
		r = -EDOM;
	if (r == -EDOM) {
		s->refused++;
		s->in_a_row++;
		s->refusal = *e;
		e->msg[0] = '\0';
	}
	if (r < 0)
		return r == -EDOM ? 0 : r;
	s->in_a_row = 0;
	s->epoll[s->n] = first;
	s->self[s->n] = second.per_s / first.per_s;
	s->ratio[s->n] = denied ? NAN : s->uring[s->n].per_s / first.per_s;
	s->n++;
	return 0;
}

static void show(const struct ui *ui, const struct rounds *s, int64_t left_ns)
{
	char line[128];

	if (!ui || !ui->progress)
		return;
	snprintf(line, sizeof(line), "%s: round %zu, %d s left", s->what->name, s->n + 1,
		 (int)((left_ns + 999999999) / 1000000000));
	ui->progress(ui->data, line);
}

static void conclude(struct rounds *s, bool denied, struct verify_scenario *out)
{
	struct verify_engine *u = &out->run[0], *p = &out->run[denied ? 0 : 1];
	struct spread self = stats_spread(s->self, s->n);
	double below = fabs(self.low - 1), above = fabs(self.high - 1);

	out->what = s->what;
	out->threads = measure_threads(s->what);
	out->n_runs = denied ? 1 : 2;
	out->refused = s->refused;
	if (!s->n)
		snprintf(out->reason, sizeof(out->reason), "%.255s", s->refusal.msg);
	out->noise = below > above ? below : above;
	out->ratio = stats_spread(s->ratio, denied ? 0 : s->n);
	if (!denied) {
		u->name = engine_uring.name;
		measure_median(s->uring, s->n, &u->figures);
		u->limited_by = measure_limit(s->what, &u->figures);
	}
	p->name = engine_epoll.name;
	measure_median(s->epoll, s->n, &p->figures);
	p->limited_by = measure_limit(s->what, &p->figures);
}

/* Both ends of each connection are ours. */
static int enough_descriptors(const struct scenario *s, struct err *e)
{
	unsigned need = 2 * s->connections + measure_threads(s) + SPARE_FDS;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= need)
		return 0;
	return err_set(e, -EMFILE, "it needs %u descriptors, the limit is %llu", need,
		       (unsigned long long)l.rlim_cur);
}

static void raise_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= WANTED_FDS)
		return;
	l.rlim_cur = l.rlim_max < WANTED_FDS ? l.rlim_max : WANTED_FDS;
	setrlimit(RLIMIT_NOFILE, &l);
}

/* As many rounds as fit until END. Where descriptors are missing there are none. */
static int run_scenario(struct rounds *s, bool denied, int64_t end, const struct ui *ui,
			struct verify_scenario *out, struct err *e)
{
	int64_t last = 0;
	int r = enough_descriptors(s->what, &s->refusal);

	while (r >= 0) {
		int64_t begin = now_ns();

		show(ui, s, end - begin);
		r = one_round(s, denied, e);
		last = now_ns() - begin;
		if (s->n == MAX_ROUNDS || s->in_a_row == MAX_REFUSED ||
		    now_ns() + last >= end)
			break;
	}
	if (r == -EMFILE || r == -ENFILE) {
		if (e->msg[0])
			s->refusal = *e;
		e->msg[0] = '\0';
		s->n = 0;
		r = 0;
	}
	if (r < 0)
		return r;
	conclude(s, denied, out);
	return 0;
}

static void judge(struct verify_result *out)
{
	struct comparison c[VERIFY_SCENARIOS];
	size_t i;

	if (out->alone) {
		out->verdict.gain = GAIN_CANNOT_TELL;
		out->verdict.cause = out->alone;
		snprintf(out->verdict.text, sizeof(out->verdict.text),
			 "no comparison: %s; epoll was run alone", out->why);
		return;
	}
	for (i = 0; i < out->n_scenarios; i++) {
		const struct verify_scenario *s = &out->scenario[i];

		c[i] = (struct comparison){
			s->what->name, s->run[0].figures, s->run[1].figures,	s->ratio,
			s->noise,      out->null_call_ns, s->run[0].limited_by, s->reason
		};
	}
	out->verdict = verdict_all(c, out->n_scenarios);
}

static void conditions(struct verify_result *out)
{
	struct utsname u;
	uint16_t port = 0;
	CLEANUP_CLOSE int fd = engine_listen(&port, NULL);
	socklen_t len = sizeof(out->congestion_control) - 1;

	out->null_call_ns = measure_null_call();
	out->cpus = measure_cpus();
	if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, out->congestion_control,
				 &len) < 0)
		out->congestion_control[0] = '\0';
	/* The version names what was built in; preempt= may choose another at boot. */
	out->preemption = NULL;
	if (uname(&u) == 0)
		out->preemption = strstr(u.version, "PREEMPT_RT")	 ? "rt"
				  : strstr(u.version, "PREEMPT_DYNAMIC") ? "dynamic"
				  : strstr(u.version, "PREEMPT")	 ? "full"
								 : "none_or_voluntary";
}

/* Does a ring work at all? Not being able to ask is no answer. */
static int look(struct verify_result *out, struct err *e)
{
	struct err why = { "" };
	size_t i;
	int r = engine_uring.available(&why);

	if (r < 0 && r != -EPERM && r != -EOPNOTSUPP)
		return err_set(e, r, "%s", why.msg);
	if (r < 0) {
		out->alone = r == -EPERM ? "denied" : "too_old";
		snprintf(out->why, sizeof(out->why), "%.255s", why.msg);
	}
	if (r == -EPERM)
		return 0;
	r = uring_selftest(out->self_test, e);
	if (r == -ENOMEM) {
		out->alone = "denied";
		snprintf(out->why, sizeof(out->why), "%.255s", e->msg);
		e->msg[0] = '\0';
		return 0;
	}
	if (r < 0)
		return r;
	out->n_self_test = SELFTEST_ROWS;
	for (i = 0; i < SELFTEST_ROWS; i++)
		out->failed += out->self_test[i].result == SELFTEST_FAIL;
	return 0;
}

int echo_verify(const struct verify_opts *o, struct verify_result *out,
		const struct ui *ui, struct err *e)
{
	unsigned seconds = o->seconds ? o->seconds : o->quick ? QUICK_SECONDS : SECONDS;
	size_t i, n = o->quick ? QUICK_SCENARIOS : VERIFY_SCENARIOS;
	int64_t begin;
	int r;

	memset(out, 0, sizeof(*out));
	raise_descriptors();
	r = look(out, e);
	if (r < 0)
		return r;
	conditions(out);
	begin = now_ns();
	for (i = 0; i < n; i++) {
		CLEANUP_FREE struct rounds *s = calloc(1, sizeof(*s));
		int64_t share =
			(int64_t)seconds * 1000000000 * (int64_t)(i + 1) / (int64_t)n;

		if (!s)
			return err_set(e, -ENOMEM, "verify: out of memory");
		s->what = &scenarios[i];
		s->timing = o->quick ? (struct timing){ 40, 120 }
				     : (struct timing){ 100, 500 };
		r = run_scenario(s, out->alone, begin + share, ui, &out->scenario[i], e);
		if (r < 0)
			return r;
		out->n_scenarios++;
	}
	judge(out);
	return 0;
}
