/* verify: does io_uring work here, and does it pay? */
#include "proofs.h"
#include "verify_cmd.h"

#include "base/cleanup.h"
#include "echo/verify.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct options {
	bool quick, keep;
	uint64_t seconds;
};

static const struct opt rows[] = {
	{ "quick", 'q', OPT_FLAG, offsetof(struct options, quick), NULL,
	  "two scenarios in less than 10 s", 0, 0, NULL },
	{ "seconds", 's', OPT_U64, offsetof(struct options, seconds), "N",
	  "time for all comparisons (default 60, quick 7)", 1, 1800, NULL },
	{ "keep", 0, OPT_FLAG, offsetof(struct options, keep), NULL,
	  "keep the verdict: status says whether it still holds", 0, 0, NULL },
};

static const struct column self_test_columns[] = {
	{ "name", "SELF-TEST", 0 },
	{ "result", "RESULT", 0 },
	{ "reason", "reason", COL_DETAIL },
};

static const struct column engine_columns[] = {
	{ "name", "ENGINE", 0 },
	{ "requests_per_s", "REQ/S", COL_RIGHT },
	{ "latency_p50_us", "P50 US", COL_RIGHT },
	{ "latency_p99_us", "P99 US", COL_RIGHT },
	{ "cpu_user_us_per_message", "USER US", COL_RIGHT },
	{ "cpu_sys_us_per_message", "SYS US", COL_RIGHT },
	{ "syscalls_per_message", "CALLS", COL_RIGHT },
	{ "switches_voluntary_per_message", "SWITCHES", COL_RIGHT },
	{ "switches_involuntary_per_message", "PREEMPTED", COL_RIGHT },
	{ "limited_by", "LIMIT", 0 },
};

static void add_self_test(struct report *r, const struct verify_result *v)
{
	struct node *list = node_list(report_root(r), "self_test");
	size_t i;

	for (i = 0; i < v->n_self_test; i++) {
		const struct selftest_row *t = &v->self_test[i];
		struct node *row = node_object(list, NULL);

		node_text(row, "name", t->name);
		node_text(row, "result", selftest_result_name(t->result));
		node_text(row, "reason", *t->reason ? t->reason : NULL);
	}
	report_table(r, list, self_test_columns, ARRAY_SIZE(self_test_columns), NULL,
		     "result", "pass");
}

static void add_engine(struct node *list, const struct verify_engine *e)
{
	const struct figures *f = &e->figures;
	struct node *row = node_object(list, NULL);

	node_text(row, "name", e->name);
	node_real(row, "requests_per_s", f->per_s, 0);
	node_real(row, "latency_p50_us", f->p50_us, 1);
	node_real(row, "latency_p99_us", f->p99_us, 1);
	node_real(row, "cpu_user_us_per_message", f->user_us, 2);
	node_real(row, "cpu_sys_us_per_message", f->sys_us, 2);
	node_real(row, "syscalls_per_message", f->calls, 3);
	node_real(row, "switches_voluntary_per_message", f->voluntary, 4);
	node_real(row, "switches_involuntary_per_message", f->involuntary, 4);
	node_u64(row, "bytes_checked", (uint64_t)f->bytes_checked);
	node_text(row, "limited_by", e->limited_by);
}

static void add_scenario(struct report *r, struct node *list,
			 const struct verify_scenario *s)
{
	struct node *row = node_object(list, NULL);
	struct node *engines, *ratio;
	size_t i;

	node_text(row, "name", s->what->name);
	node_text(row, "summary", s->what->summary);
	node_u64(row, "client_threads", s->threads);
	engines = node_list(row, "engines");
	for (i = 0; i < s->n_runs; i++)
		add_engine(engines, &s->run[i]);
	node_real(row, "noise", s->noise, 3);
	node_u64(row, "rounds_refused", s->refused);
	node_text(row, "reason", *s->reason ? s->reason : NULL);
	report_section(r, NULL);
	report_field(r, s->what->name, row, "summary");
	if (*s->reason)
		report_field(r, "no round counted", row, "reason");
	else
		report_table(r, engines, engine_columns, ARRAY_SIZE(engine_columns), NULL,
			     NULL, NULL);
	if (!s->ratio.n) {
		node_null(row, "ratio");
		return;
	}
	ratio = node_object(row, "ratio");
	node_real(ratio, "requests", s->ratio.median, 3);
	node_real(ratio, "low", s->ratio.low, 3);
	node_real(ratio, "high", s->ratio.high, 3);
	node_u64(ratio, "rounds", s->ratio.n);
	node_textf(ratio, "text",
		   "x%.2f [%.2f..%.2f] in %zu rounds; epoll against itself "
		   "differs by up to %.0f %%",
		   s->ratio.median, s->ratio.low, s->ratio.high, s->ratio.n,
		   100 * s->noise);
	report_field(r, "io_uring to epoll", ratio, "text");
}

static void add_conditions(struct report *r, const struct verify_result *v)
{
	struct node *n = node_object(report_root(r), "evidence");

	node_real(n, "null_syscall_ns", v->null_call_ns, 0);
	node_u64(n, "cpus", v->cpus);
	node_text(n, "preemption", v->preemption);
	node_text(n, "congestion_control",
		  v->congestion_control[0] ? v->congestion_control : NULL);
	report_section(r, NULL);
	report_field(r, "a system call, ns", n, "null_syscall_ns");
	report_field(r, "preemption", n, "preemption");
	report_field(r, "congestion control", n, "congestion_control");
}

static void add_verdict(struct report *r, const struct verify_result *v)
{
	struct node *n = node_object(report_root(r), "verdict");

	node_text(n, "gain", gain_name(v->verdict.gain));
	node_text(n, "cause", v->verdict.cause);
	node_text(n, "text", v->verdict.text);
	report_field(r, "verdict", n, "text");
}

static int verify(struct ctx *c, const struct verify_opts *o, bool keep)
{
	CLEANUP_FREE struct verify_result *v = calloc(1, sizeof(*v));
	struct node *list;
	size_t i;

	if (!v)
		return err_set(&c->err, EXIT_FAILED, "out of memory");
	if (echo_verify(o, v, &c->ui, &c->err) < 0)
		return EXIT_FAILED;
	add_self_test(c->report, v);
	list = node_list(report_root(c->report), "scenarios");
	for (i = 0; i < v->n_scenarios; i++)
		add_scenario(c->report, list, &v->scenario[i]);
	add_conditions(c->report, v);
	add_verdict(c->report, v);
	c->have_report = true;
	if (keep && cmd_keep_proof(c, "verify", gain_name(v->verdict.gain),
				   v->verdict.text) != EXIT_YES)
		return EXIT_FAILED;
	if (v->alone)
		return err_set(&c->err, EXIT_NO, "%s", v->why);
	if (v->failed)
		return err_set(&c->err, EXIT_NO, "the self-test of io_uring failed");
	return EXIT_YES;
}

int cmd_verify_into(struct ctx *c, bool quick)
{
	struct verify_opts o = { quick, 0 };

	return verify(c, &o, false);
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	struct verify_opts v = { o->quick, (unsigned)o->seconds };
	int code = o->keep ? cmd_may_keep(c) : EXIT_YES;

	(void)argc;
	(void)argv;
	return code ? code : verify(c, &v, o->keep);
}

const struct command cmd_verify = {
	.name = "verify",
	.operands = "",
	.summary = "test io_uring here and compare it with epoll",
	.help = "Runs a self-test of the ring, then an echo server on io_uring and on "
		"epoll, "
		"turn by\nturn, under a client that compares every byte. \"No gain\" is "
		"a "
		"result and exits 0;\n1: io_uring is denied (epoll is run alone) or its "
		"self-test fails; 3: a byte came\nback wrong.\n\n"
		"  uringprep verify --quick\n"
		"  uringprep verify --seconds 300 --format json\n"
		"  uringprep verify --keep\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.no_host = true,
	.run = run,
};
