#include "services.h"

#include "base/cleanup.h"
#include "change/plan.h"
#include "change/state.h"
#include "host/host.h"
#include "host/listeners.h"
#include "host/unit_limits.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MOST_ROWS 20
#define LOGIN_LIMITS "/etc/security/limits.d/"

static const struct column backlog_columns[] = {
	{ "socket", "KEEPS ITS OLD BACKLOG", 0 },
	{ "backlog", "BACKLOG", COL_RIGHT },
	{ "program", "PROGRAM", 0 },
	{ "pid", "PID", COL_RIGHT },
	{ "unit", "UNIT", 0 },
	{ "how", "RESTART", 0 },
};

static const struct column limit_columns[] = {
	{ "unit", "KEEPS ITS OLD LIMIT", 0 },
	{ "setting", "LIMIT", 0 },
	{ "now", "NOW", 0 },
	{ "wanted", "WANTED", 0 },
	{ "program", "PROGRAM", 0 },
	{ "pid", "PID", COL_RIGHT },
	{ "how", "RESTART", 0 },
};

/* What net.core.somaxconn was, and becomes. False: P leaves it. */
static bool somaxconn(const struct plan *p, uint64_t *before, uint64_t *after)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct step *s = &p->v[i];

		if (s->type == STEP_SYSCTL &&
		    strcmp(s->target, tunables[TUNABLE_SOMAXCONN].key) == 0)
			return s->before.data && s->after.data &&
			       str_to_u64(s->before.data, 0, UINT64_MAX, before) == 0 &&
			       str_to_u64(s->after.data, 0, UINT64_MAX, after) == 0;
	}
	return false;
}

static void put_pid(struct node *row, pid_t pid)
{
	if (pid)
		node_u64(row, "pid", (uint64_t)pid);
	else
		node_null(row, "pid");
}

/* The command alone; and for people, with what else is to be known. */
static void put_restart(struct node *row, const char *command, const char *note)
{
	node_text(row, "restart", command);
	if (command && note)
		node_textf(row, "how", "%s (%s)", command, note);
	else
		node_text(row, "how", command ? command : note);
}

static void put_backlogs(struct node *list, const struct host_listeners *l, uint64_t now)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct host_listener *one = &l->v[i];
		struct node *row = node_object(list, NULL);

		node_text(row, "socket", one->socket);
		node_u64(row, "sockets", one->sockets);
		node_u64(row, "backlog", one->backlog);
		node_u64(row, "backlog_wanted", now);
		node_text(row, "program", one->program);
		put_pid(row, one->pid);
		node_text(row, "unit", one->unit);
		put_restart(row, one->restart, one->note);
	}
}

/* BEFORE, and the smaller caps that our transactions found: what listened under one keeps it.
 * The caller's to free. */
static uint64_t *caps_that_were(const struct ctx *c, uint64_t before, uint64_t now,
				size_t *n)
{
	struct txn_log log;
	struct err why = { "" };
	uint64_t *caps, one, after;
	size_t i;

	if (state_read(c->root, &log, &why) < 0)
		log = (struct txn_log){ NULL, 0 };
	*n = 1;
	for (i = 0; i < log.n; i++)
		*n += log.v[i].plan.n;
	caps = calloc(*n, sizeof(*caps));
	*n = 0;
	if (caps)
		caps[(*n)++] = before;
	for (i = 0; i < log.n && caps; i++)
		if (log.v[i].live && log.v[i].state != TXN_ROLLED_BACK &&
		    somaxconn(&log.v[i].plan, &one, &after) && one < now)
			caps[(*n)++] = one;
	state_clear(&log);
	return caps;
}

static uint64_t least(const uint64_t *v, size_t n)
{
	uint64_t min = v[0];
	size_t i;

	for (i = 1; i < n; i++)
		min = v[i] < min ? v[i] : min;
	return min;
}

static void show_list(struct ctx *c, struct node *list, const struct column *columns,
		      size_t n_columns, struct node *notes)
{
	if (!node_count(list) && !node_count(notes))
		return;
	report_section(c->report, NULL);
	report_table(c->report, list, columns, n_columns, NULL, NULL, NULL);
	report_at_most(c->report, MOST_ROWS);
	report_lines(c->report, notes, "note: ");
}

static void show_backlogs(struct ctx *c, struct node *services, uint64_t before,
			  uint64_t now)
{
	CLEANUP(cleanup_host_listeners) struct host_listeners l = { NULL };
	CLEANUP_FREE uint64_t *caps = NULL;
	struct backlog_ask ask = { .now = now };
	struct node *notes = node_list(services, "backlog_notes"), *list;
	struct err why = { "" };
	uint64_t min;
	size_t i;

	ask.caps = caps = caps_that_were(c, before, now, &ask.n_caps);
	if (!caps)
		return;
	min = least(caps, ask.n_caps);
	list = node_list(services, "backlogs");
	if (host_listeners_read(&l, &ask, &why) < 0) {
		node_textf(notes, NULL, "listening sockets: %s", why.msg);
	} else {
		put_backlogs(list, &l, now);
		if (l.n && now > before)
			node_textf(notes, NULL,
				   "they asked for that or more: if for more, a restart "
				   "gives it to them");
		if (l.asked_less && now > before)
			node_textf(notes, NULL,
				   "%zu other listening socket%s asked for less than "
				   "%" PRIu64 " %s: raising the cap does nothing for %s",
				   l.asked_less, l.asked_less > 1 ? "s" : "", min,
				   l.asked_less > 1 ? "themselves" : "itself",
				   l.asked_less > 1 ? "them" : "it");
		for (i = 0; i < l.unasked.n; i++)
			node_textf(notes, NULL, "who keeps an old backlog is unknown: %s",
				   l.unasked.v[i]);
	}
	show_list(c, list, backlog_columns, ARRAY_SIZE(backlog_columns), notes);
}

/* "1024:infinity", as systemd writes it. */
static char *limit_text(const struct host_unit_limit *l)
{
	CLEANUP(cleanup_str) struct str s = STR_INIT;
	const uint64_t v[] = { l->soft, l->hard };
	size_t i;

	for (i = 0; l->known && i < ARRAY_SIZE(v) && (!i || v[1] != v[0]); i++) {
		str_add(&s, i ? ":" : "");
		if (v[i] == UINT64_MAX)
			str_add(&s, "infinity");
		else
			str_addf(&s, "%" PRIu64, v[i]);
	}
	return l->known ? str_take(&s) : NULL;
}

static void put_limits(struct node *list, const struct host_unit_limits *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct host_unit_limit *one = &l->v[i];
		CLEANUP_FREE char *now = limit_text(one);
		struct node *row = node_object(list, NULL);

		node_text(row, "unit", one->unit);
		node_text(row, "setting", one->setting);
		node_text(row, "now", now);
		node_text(row, "wanted", one->wanted);
		node_text(row, "program", one->program);
		put_pid(row, one->pid);
		put_restart(row, one->restart, one->note);
	}
}

/* A row for each limit of each drop-in of P's; one that P removes gives none. */
static int read_limits(const struct plan *p, struct host_unit_limits *l, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++) {
		const struct step *s = &p->v[i];
		CLEANUP_FREE char *unit = NULL;

		if (s->type == STEP_FILE && s->after.data)
			unit = host_unit_of_dropin(s->target);
		if (unit)
			err = host_unit_limits_read(l, unit, s->after.data, e);
	}
	return err;
}

/* The sentence about a unit whose drop-in, S, goes (UNDONE: is as it was before S); NULL: S
 * is none, or leaves a drop-in whose limits have rows. */
static char *keeps_limits(const struct step *s, bool undone)
{
	CLEANUP_FREE char *unit = NULL;
	CLEANUP(cleanup_str) struct str line = STR_INIT;

	if (s->type != STEP_FILE || (!undone && s->after.data))
		return NULL;
	unit = host_unit_of_dropin(s->target);
	if (!unit)
		return NULL;
	str_addf(&line,
		 "%s keeps the limits it was started with until: systemctl "
		 "daemon-reload && systemctl try-restart ",
		 unit);
	str_add_word(&line, unit);
	return str_take(&line);
}

int cmd_services_left(const struct ctx *c, const struct plan *p, struct strv *lines)
{
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err && host_is_settable(c->host); i++) {
		CLEANUP_FREE char *line = keeps_limits(&p->v[i], true);

		err = line ? strv_add(lines, line) : 0;
	}
	return err;
}

static void note_limits(struct node *notes, const struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct step *s = &p->v[i];
		CLEANUP_FREE char *line = keeps_limits(s, false);

		if (line)
			node_text(notes, NULL, line);
		if (s->type == STEP_FILE && str_has_prefix(s->target, LOGIN_LIMITS))
			node_textf(notes, NULL,
				   "%s is for new logins: sessions that are open, and "
				   "services, keep what they have",
				   s->target);
	}
}

static bool sets_limits(const struct plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		CLEANUP_FREE char *unit = NULL;

		if (p->v[i].type != STEP_FILE)
			continue;
		unit = host_unit_of_dropin(p->v[i].target);
		if (unit || str_has_prefix(p->v[i].target, LOGIN_LIMITS))
			return true;
	}
	return false;
}

static void show_limits(struct ctx *c, struct node *services, const struct plan *p)
{
	CLEANUP(cleanup_host_unit_limits) struct host_unit_limits l = { NULL, 0 };
	struct node *notes = node_list(services, "limit_notes"), *list;
	struct err why = { "" };

	list = node_list(services, "limits");
	if (read_limits(p, &l, &why) < 0)
		node_textf(notes, NULL, "limits of units: %s", why.msg);
	put_limits(list, &l);
	note_limits(notes, p);
	show_list(c, list, limit_columns, ARRAY_SIZE(limit_columns), notes);
}

void cmd_show_services(struct ctx *c, const struct plan *p)
{
	struct node *services;
	uint64_t before, now;
	bool backlogs = somaxconn(p, &before, &now);

	if (!host_is_settable(c->host) || (!backlogs && !sets_limits(p)))
		return;
	services = node_object(report_root(c->report), "services");
	if (backlogs)
		show_backlogs(c, services, before, now);
	show_limits(c, services, p);
}
