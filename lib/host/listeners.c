#include "host/listeners.h"

#include "base/cleanup.h"
#include "host/scope.h"
#include "os/proc.h"
#include "os/run.h"
#include "os/sockdiag.h"
#include "parse/process.h"
#include "parse/unit_of.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_MS 3000
#define MAX_ANSWER (4 * 1024 * 1024)

/* The kernel's answers of every family, each socket once. */
static int ask_kernel(struct sock_listeners *all, struct strv *unasked)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct err why = { "" };
		int err = sockdiag_listening(families[i], all, &why);

		if (err == -ENOMEM)
			return err;
		/* TCP of both families fails alike, and a kernel without IPv6 has none. */
		if (err && families[i] != AF_INET6 && strv_add(unasked, why.msg) < 0)
			return -ENOMEM;
	}
	sockdiag_settle(all);
	return 0;
}

/* Did listen() meet one of the caps that were? */
static bool is_capped(const struct backlog_ask *ask, uint32_t backlog)
{
	size_t i;

	for (i = 0; i < ask->n_caps; i++)
		if (ask->caps[i] == backlog && backlog < ask->now)
			return true;
	return false;
}

/* Was a cap larger than it is? Then sockets may have more than they would get now. */
static bool is_lowered(const struct backlog_ask *ask)
{
	size_t i;

	for (i = 0; i < ask->n_caps; i++)
		if (ask->caps[i] > ask->now)
			return true;
	return false;
}

static bool is_less(const struct backlog_ask *ask, uint32_t backlog)
{
	size_t i;

	for (i = 0; i < ask->n_caps; i++)
		if (backlog >= ask->caps[i])
			return false;
	return true;
}

static int pick(struct host_listeners *out, const struct backlog_ask *ask,
		const struct sock_listeners *all)
{
	bool lowered = is_lowered(ask);
	size_t i;

	out->v = calloc(all->n ? all->n : 1, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (i = 0; i < all->n; i++) {
		const struct sock_listener *s = &all->v[i];
		struct host_listener *l = &out->v[out->n];

		out->asked_less += is_less(ask, s->backlog);
		if (!is_capped(ask, s->backlog) && !(lowered && s->backlog > ask->now))
			continue;
		out->n++;
		l->socket = str_format("%s %s", s->protocol, s->address);
		l->sockets = 1;
		l->backlog = s->backlog;
		l->inode = s->inode;
		if (!l->socket)
			return -ENOMEM;
	}
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct host_listener *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

static bool is_systemd(pid_t pid)
{
	CLEANUP_FREE char *name = NULL;

	return pid == 1 && proc_read(pid, "comm", &name) == 0 &&
	       strcmp(name, "systemd\n") == 0;
}

/* What PID holds of L, which is sorted by inode. */
static void mark(struct host_listeners *l, pid_t pid, bool systemd,
		 const uint64_t *inodes, size_t n)
{
	struct host_listener key = { NULL }, *found;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!inodes[i] || inodes[i] > UINT32_MAX)
			continue;
		key.inode = (uint32_t)inodes[i];
		found = bsearch(&key, l->v, l->n, sizeof(*l->v), by_inode);
		if (!found)
			continue;
		found->by_systemd |= systemd;
		found->shared |= found->pid && found->pid != pid;
		if (!found->pid)
			found->pid = pid;
	}
}

/* *HIDDEN: a process does not let us see what it holds. */
static int find_holders(struct host_listeners *l, bool *hidden)
{
	CLEANUP_FREE pid_t *pids = NULL;
	size_t n = 0, i;
	int err = proc_list(&pids, &n);

	*hidden = err < 0;
	qsort(l->v, l->n, sizeof(*l->v), by_inode);
	for (i = 0; i < n; i++) {
		CLEANUP_FREE uint64_t *inodes = NULL;
		size_t held = 0;

		err = proc_sockets(pids[i], &inodes, &held);
		if (err == -ENOMEM)
			return err;
		/* -ENOENT, -ESRCH: it has ended since. */
		*hidden |= err == -EACCES || err == -EPERM;
		if (!err)
			mark(l, pids[i], is_systemd(pids[i]), inodes, held);
	}
	return err == -ENOMEM ? err : 0;
}

static int note(struct host_listener *l, char *text)
{
	free(l->note);
	l->note = text;
	return text ? 0 : -ENOMEM;
}

/* "systemctl VERB UNIT": appended, with BETWEEN before it. */
static void add_command(struct str *s, const char *between, const char *verb,
			const char *first, const char *second)
{
	str_addf(s, "%ssystemctl %s ", between, verb);
	str_add_word(s, first);
	if (second) {
		str_addc(s, ' ');
		str_add_word(s, second);
	}
}

/* systemd refuses to start a socket unit whose service runs, and has stopped it by then:
 * so both go down and come up together. */
static int restart_socket(struct host_listener *l, const struct unit_socket *u)
{
	CLEANUP(cleanup_str) struct str s = STR_INIT;

	if (u->service && (u->busy || l->shared)) {
		add_command(&s, "", "stop", u->service, u->name);
		add_command(&s, " && ", "start", u->name, u->service);
	} else {
		add_command(&s, "", "restart", u->name, NULL);
	}
	l->restart = str_take(&s);
	return l->restart ? 0 : -ENOMEM;
}

/* L is process 1's; SHOWN: its socket units, NULL: it did not say. */
static int socket_unit(struct host_listener *l, const char *shown, const char *why,
		       uint64_t now)
{
	char *address = strchr(l->socket, ' ');
	struct unit_socket u;
	int err;

	if (!shown)
		return note(l, str_format("a socket unit, which systemd did not name: %s",
					  why));
	*address = '\0';
	err = unit_of_socket(shown, l->socket, address + 1, &u);
	*address = ' ';
	if (err < 0)
		return err;
	if (!u.name) {
		err = note(l, strdup("systemd's own: the next boot"));
	} else if (u.has_backlog && u.backlog <= l->backlog && u.backlog < now) {
		err = note(l,
			   str_format("it asks for %u itself: raise its Backlog= first",
				      (unsigned)u.backlog));
	} else {
		err = restart_socket(l, &u);
	}
	l->unit = TAKE_PTR(u.name);
	unit_socket_clear(&u);
	return err;
}

/* A unit that systemd did not start itself, or no unit at all. */
static int note_other(struct host_listener *l, const char *cgroup)
{
	const char *engine = host_scope_engine(cgroup);

	if (engine)
		return note(l, str_format("restart the container, by %s", engine));
	if (l->unit && str_has_prefix(l->unit, "session-"))
		return note(l, strdup("by hand: it was started from a login"));
	if (l->unit)
		return note(l, strdup("by hand: systemd did not start it"));
	return note(
		l, str_format("by hand: in no unit (cgroup %s)", *cgroup ? cgroup : "/"));
}

static int process_unit(struct host_listener *l)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *cgroup = NULL;
	CLEANUP(cleanup_str) struct str s = STR_INIT;
	struct unit_of u = { NULL, false, 0 };
	int err = 0;

	if (proc_read(l->pid, "cgroup", &text) == 0)
		cgroup = proc_cgroup(text);
	if (cgroup)
		err = unit_of_cgroup(cgroup, &u);
	if (err < 0)
		return err;
	l->unit = u.name;
	if (!u.name || !str_has_suffix(u.name, ".service")) {
		if (u.of_user)
			return note(l, str_format("a socket unit of user %u's systemd",
						  (unsigned)u.uid));
		return note_other(l, cgroup ? cgroup : "");
	}
	add_command(&s, "", u.of_user ? "--user restart" : "restart", u.name, NULL);
	l->restart = str_take(&s);
	if (u.of_user && note(l, str_format("as user %u", (unsigned)u.uid)) < 0)
		return -ENOMEM;
	return l->restart ? 0 : -ENOMEM;
}

static int name_holder(struct host_listener *l, bool hidden)
{
	CLEANUP_FREE char *name = NULL;
	int err;

	if (!l->pid)
		return note(l, strdup(hidden ? "run as root to see whose it is"
					     : "no process seen here has it: the kernel "
					       "itself (NFS), another PID namespace, or "
					       "io_uring alone"));
	err = proc_read(l->pid, "comm", &name);
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		l->pid = 0;
		return note(l, strdup("who held it has ended meanwhile"));
	}
	l->program = strndup(name, strcspn(name, "\n"));
	return l->program ? 0 : -ENOMEM;
}

static int name_all(struct host_listeners *l, bool hidden, uint64_t now)
{
	static const char *const argv[] = {
		"systemctl", "show", "--no-pager", "-p", UNIT_SOCKET_PROPERTIES,
		"*.socket",  NULL
	};
	CLEANUP(cleanup_run_output) struct run_output o = { 0, NULL, NULL };
	struct err why = { "" };
	bool asked = false;
	size_t i;
	int err = 0;

	for (i = 0; i < l->n && !err; i++) {
		struct host_listener *one = &l->v[i];

		err = name_holder(one, hidden);
		if (err || !one->pid)
			continue;
		if (!one->by_systemd) {
			err = process_unit(one);
			continue;
		}
		if (!asked) {
			asked = true;
			err = run_capture(argv, ANSWER_MS, MAX_ANSWER, &o, &why);
			if (!err && o.code)
				err_set(&why, 0, "systemctl show: %.*s",
					(int)strcspn(o.err, "\n"), o.err);
			err = err == -ENOMEM ? err : 0;
		}
		if (!err)
			err = socket_unit(one, *why.msg ? NULL : o.out, why.msg, now);
	}
	return err;
}

/* Texts that are not known come last. */
static int compare_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : !a - !b;
}

static int by_unit(const void *a, const void *b)
{
	const struct host_listener *x = a, *y = b;
	int r = !x->restart - !y->restart;

	r = r ? r : compare_text(x->unit, y->unit);
	r = r ? r : compare_text(x->program, y->program);
	r = r ? r : strcmp(x->socket, y->socket);
	r = r ? r : (x->backlog > y->backlog) - (x->backlog < y->backlog);
	return r ? r : (x->pid > y->pid) - (x->pid < y->pid);
}

static void clear_one(struct host_listener *l)
{
	free(l->socket);
	free(l->program);
	free(l->unit);
	free(l->restart);
	free(l->note);
}

static void merge(struct host_listeners *l)
{
	size_t i, kept = 0;

	qsort(l->v, l->n, sizeof(*l->v), by_unit);
	for (i = 0; i < l->n; i++) {
		if (kept && by_unit(&l->v[kept - 1], &l->v[i]) == 0) {
			l->v[kept - 1].sockets++;
			clear_one(&l->v[i]);
		} else {
			l->v[kept++] = l->v[i];
		}
	}
	l->n = kept;
}

int host_listeners_read(struct host_listeners *out, const struct backlog_ask *ask,
			struct err *e)
{
	CLEANUP(cleanup_sock_listeners) struct sock_listeners all = { NULL, 0, 0 };
	bool hidden = false;
	int err;

	*out = (struct host_listeners){ NULL };
	err = ask_kernel(&all, &out->unasked);
	if (!err)
		err = pick(out, ask, &all);
	if (!err && out->n)
		err = find_holders(out, &hidden);
	if (!err)
		err = name_all(out, hidden, ask->now);
	if (err < 0) {
		host_listeners_clear(out);
		return err_set(e, err, "out of memory");
	}
	merge(out);
	return 0;
}

void host_listeners_clear(struct host_listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		clear_one(&l->v[i]);
	free(l->v);
	strv_clear(&l->unasked);
	*l = (struct host_listeners){ NULL };
}
