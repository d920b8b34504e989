#include "host/unit_limits.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "os/proc.h"
#include "os/run.h"
#include "parse/process.h"
#include "parse/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 3000
#define MAX_ANSWER (1024 * 1024)
#define FOLDER "/etc/systemd/system/"
#define RELOAD "systemctl daemon-reload"

/* systemd.exec(5)'s names, and the rows of /proc/PID/limits. */
static const struct {
	const char *setting, *row;
} rows[] = {
	{ "LimitMEMLOCK", "Max locked memory" },
	{ "LimitNOFILE", "Max open files" },
};

/* What systemd says of a unit. */
struct state {
	pid_t pid; /* 0: it has no main process */
	bool active;
	char *why; /* why no more is known; NULL: it is */
};

char *host_unit_of_dropin(const char *path)
{
	const char *name = path + strlen(FOLDER), *end;

	if (!str_has_prefix(path, FOLDER))
		return NULL;
	end = strchr(name, '/');
	if (!end || end - name < 3 || strncmp(end - 2, ".d", 2) != 0 ||
	    strchr(end + 1, '/') || !str_has_suffix(end, ".conf"))
		return NULL;
	return strndup(name, (size_t)(end - 2 - name));
}

static int read_state(const char *unit, struct state *s)
{
	const char *argv[] = {
		"systemctl", "show", "--no-pager", "-p", "LoadState,ActiveState,MainPID",
		"--",	     unit,   NULL
	};
	CLEANUP(cleanup_run_output) struct run_output o = { 0, NULL, NULL };
	CLEANUP_FREE char *load = NULL;
	CLEANUP_FREE char *active = NULL;
	CLEANUP_FREE char *pid = NULL;
	struct err why = { "" };
	bool oom = false;
	uint64_t number = 0;
	int err = run_capture(argv, ANSWER_MS, MAX_ANSWER, &o, &why);

	if (err == -ENOMEM)
		return err;
	if (err < 0 || o.code) {
		s->why = err < 0 ? str_format("systemctl does not say: %s", why.msg)
				 : str_format("systemctl show: %.*s",
					      (int)strcspn(o.err, "\n"), o.err);
		return s->why ? 0 : -ENOMEM;
	}
	load = unit_property(o.out, "LoadState", &oom);
	active = unit_property(o.out, "ActiveState", &oom);
	pid = unit_property(o.out, "MainPID", &oom);
	s->active = active && strcmp(active, "inactive") != 0 &&
		    strcmp(active, "failed") != 0;
	if (pid && str_to_u64(pid, 0, INT32_MAX, &number) == 0)
		s->pid = (pid_t)number;
	if (!oom && !str_eq(load, "loaded")) {
		s->why =
			str_format("systemd says that it is %s", load ? load : "no unit");
		oom = !s->why;
	}
	return oom ? -ENOMEM : 0;
}

/* "65536", "64M", "infinity". False: not understood. */
static bool size_of(const char *text, size_t n, uint64_t *out)
{
	static const char units[] = "KMGT";
	CLEANUP_FREE char *copy = strndup(text, n);
	const char *unit;
	unsigned shift = 0;

	if (!copy || !n)
		return false;
	unit = strchr(units, copy[n - 1]);
	if (unit) {
		copy[n - 1] = '\0';
		shift = 10 * (unsigned)(unit - units + 1);
	}
	if (unit_limit(copy, out) < 0 || (shift && *out >= 1ULL << (63 - shift)))
		return false;
	*out <<= shift;
	return true;
}

/* "soft:hard", or one for both. */
static bool has_wanted(const struct host_unit_limit *l)
{
	size_t n = strcspn(l->wanted, ":");
	const char *second = l->wanted[n] ? l->wanted + n + 1 : l->wanted;
	uint64_t soft, hard;

	return l->known && size_of(l->wanted, n, &soft) &&
	       size_of(second, strlen(second), &hard) && soft == l->soft &&
	       hard == l->hard;
}

static int read_process(struct host_unit_limit *l, const char *row)
{
	CLEANUP_FREE char *name = NULL;
	CLEANUP_FREE char *text = NULL;

	if (!l->pid)
		return 0;
	if (proc_read(l->pid, "comm", &name) < 0) {
		l->pid = 0; /* it has ended since */
		return 0;
	}
	l->program = strndup(name, strcspn(name, "\n"));
	if (proc_read(l->pid, "limits", &text) == 0)
		l->known = proc_limit_parse(text, row, &l->soft, &l->hard) == 0;
	return l->program ? 0 : -ENOMEM;
}

static int say_what_next(struct host_unit_limit *l, const struct state *s)
{
	CLEANUP(cleanup_str) struct str command = STR_INIT;
	const char *note = NULL;

	str_add(&command, RELOAD);
	if (s->why)
		note = s->why;
	else if (!s->active)
		note = "it does not run: its next start has the limit";
	else if (has_wanted(l))
		note = "it runs with that already";
	if (s->why || (s->active && !has_wanted(l))) {
		str_add(&command, " && systemctl restart ");
		str_add_word(&command, l->unit);
	}
	l->restart = str_take(&command);
	l->note = note ? strdup(note) : NULL;
	return l->restart && (!note || l->note) ? 0 : -ENOMEM;
}

static int add_row(struct host_unit_limits *out, const char *unit, size_t row,
		   const struct state *s, char *wanted)
{
	struct host_unit_limit *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *l;
	int err;

	if (!v) {
		free(wanted);
		return -ENOMEM;
	}
	out->v = v;
	l = &v[out->n++];
	*l = (struct host_unit_limit){ .unit = strdup(unit),
				       .setting = rows[row].setting,
				       .wanted = wanted,
				       .pid = s->pid };
	err = l->unit ? read_process(l, rows[row].row) : -ENOMEM;
	return err ? err : say_what_next(l, s);
}

int host_unit_limits_read(struct host_unit_limits *out, const char *unit,
			  const char *text, struct err *e)
{
	struct state s = { 0, false, NULL };
	bool asked = false, oom = false;
	int err = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++) {
		char *wanted = unit_property(text, rows[i].setting, &oom);

		if (wanted && !asked) {
			asked = true;
			err = read_state(unit, &s);
		}
		if (wanted && !err)
			err = add_row(out, unit, i, &s, wanted);
		else
			free(wanted);
	}
	free(s.why);
	return err || oom ? err_set(e, -ENOMEM, "out of memory") : 0;
}

void host_unit_limits_clear(struct host_unit_limits *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].unit);
		free(l->v[i].wanted);
		free(l->v[i].program);
		free(l->v[i].restart);
		free(l->v[i].note);
	}
	free(l->v);
	*l = (struct host_unit_limits){ NULL, 0 };
}
