#include "host/subject.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "host/unit.h"
#include "os/proc.h"
#include "os/root.h"
#include "parse/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const subject_namespaces[SUBJECT_NS] = { "mnt", "net", "user", "pid" };

/* 1 the same as ours, 0 another one, -1 not ours to see. */
static int same_namespace(pid_t pid, const char *kind)
{
	uint64_t ours, theirs;

	if (proc_namespace(0, kind, &ours) < 0 || proc_namespace(pid, kind, &theirs) < 0)
		return -1;
	return ours == theirs;
}

/* The text of a small file of PID's, trimmed; NULL: empty, or not to be read. */
static char *small(pid_t pid, const char *file)
{
	CLEANUP_FREE char *text = NULL;
	char *trimmed;

	if (proc_read(pid, file, &text) < 0)
		return NULL;
	trimmed = str_trim(text);
	return *trimmed ? strdup(trimmed) : NULL;
}

static char *read_cgroup(pid_t pid)
{
	CLEANUP_FREE char *text = small(pid, "cgroup");

	return text ? proc_cgroup(text) : NULL;
}

static void read_limits(struct host_subject *s)
{
	CLEANUP_FREE char *text = NULL;

	if (proc_read(s->pid, "limits", &text) < 0)
		return;
	s->known_limits = proc_limit_parse(text, "Max locked memory", &s->memlock_soft,
					   &s->memlock_hard) == 0 &&
			  proc_limit_parse(text, "Max open files", &s->nofile_soft,
					   &s->nofile_hard) == 0;
}

/* What the filters of a process say cannot be read: only a ring it holds proves that they
 * let it make one. */
static int judge_filter(struct host_subject *s, int filters)
{
	if (s->seccomp == 0)
		return 0;
	if (s->rings > 0) {
		s->filter_why = str_format("%s has seccomp filters, and holds %d ring%s",
					   s->name, s->rings, s->rings > 1 ? "s" : "");
		return s->filter_why ? 0 : -ENOMEM;
	}
	s->filter = SUBJECT_FILTER_UNKNOWN;
	if (s->seccomp < 0)
		s->filter_why = str_format("whether %s has a seccomp filter is not known",
					   s->name);
	else if (filters > 0)
		s->filter_why = str_format("%s has %d seccomp filter%s: what %s to "
					   "io_uring cannot be read",
					   s->name, filters, filters > 1 ? "s" : "",
					   filters > 1 ? "they say" : "it says");
	else
		s->filter_why = str_format("%s has a seccomp filter: what it says to "
					   "io_uring cannot be read",
					   s->name);
	return s->filter_why ? 0 : -ENOMEM;
}

/* Fill S from the process S->pid. -ESRCH: it is gone. */
static int read_process(struct host_subject *s)
{
	CLEANUP_FREE char *text = NULL;
	struct proc_status p;
	int err = proc_read(s->pid, "status", &text), i;

	if (!err)
		err = proc_status_parse(&p, text);
	if (!err && p.ended) {
		proc_status_clear(&p);
		err = -ESRCH;
	}
	if (err)
		return err == -ENOMEM ? err : -ESRCH;
	s->is_running = s->known_user = true;
	s->uid = p.uid;
	s->gid = p.gid;
	s->groups = p.groups;
	s->n_groups = p.n_groups;
	s->seccomp = p.seccomp;
	s->no_new_privs = p.no_new_privs;
	s->locked_kib =
		p.locked_kib < 0 || p.pinned_kib < 0 ? -1 : p.locked_kib + p.pinned_kib;
	if (!s->name)
		s->name = str_format("pid %ld (%s)", (long)s->pid, p.name);
	if (!s->name)
		return -ENOMEM;
	for (i = 0; i < SUBJECT_NS; i++)
		s->same[i] = same_namespace(s->pid, subject_namespaces[i]);
	/* io_uring asks for capabilities in the machine's first user namespace. */
	s->caps = proc_in_first_user(s->pid) == 0 ? 0 : p.caps;
	s->rings = proc_rings(s->pid);
	s->label = small(s->pid, "attr/current");
	s->cgroup = read_cgroup(s->pid);
	read_limits(s);
	return judge_filter(s, p.filters);
}

static void unknown_all(struct host_subject *s, enum subject_kind kind)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->seccomp = s->no_new_privs = s->rings = -1;
	s->locked_kib = -1;
	for (i = 0; i < SUBJECT_NS; i++)
		s->same[i] = -1;
}

int host_subject_pid(struct host *h, pid_t pid, struct err *e)
{
	struct host_subject *s = &h->subject;
	int err;

	unknown_all(s, SUBJECT_PID);
	s->pid = pid;
	err = read_process(s);
	if (err == -ENOMEM)
		return err_set(e, err, "out of memory");
	if (!err)
		return 0;
	if (!root_exists(h->root, "/proc/self"))
		return err_set(e, err, "--pid %ld: /proc is not mounted here", (long)pid);
	return err_set(e, err, "--pid %ld: there is no such process, or it has ended",
		       (long)pid);
}

/* What the unit's file says of its filter outweighs what a process does not show: systemd
 * put that filter on. */
static int unit_judges(struct host_subject *s, const struct unit_settings *u)
{
	if (u->filter == SUBJECT_FILTER_CLOSED && s->rings <= 0) {
		s->filter = u->filter;
	} else if (s->seccomp != 0 && u->has_filter && s->rings <= 0) {
		s->filter = u->filter;
	} else {
		return 0;
	}
	free(s->filter_why);
	s->filter_why = str_format(
		"%s%s", u->filter_why,
		s->seccomp == 0 ? " from its next start on: as it runs, it has no filter"
				: "");
	return s->filter_why ? 0 : -ENOMEM;
}

/* A unit that does not run: what systemd would give it. */
static int from_settings(struct host_subject *s, struct unit_settings *u)
{
	s->known_user = u->known_user;
	s->uid = u->uid;
	s->gid = u->gid;
	s->groups = TAKE_PTR(u->groups);
	s->n_groups = u->n_groups;
	s->caps = u->caps;
	s->known_limits = u->known_limits;
	s->memlock_soft = u->memlock_soft;
	s->memlock_hard = u->memlock_hard;
	s->nofile_soft = u->nofile_soft;
	s->nofile_hard = u->nofile_hard;
	s->no_new_privs = u->no_new_privs;
	s->same[SUBJECT_USER] = u->private_users ? 0 : 1;
	s->same[SUBJECT_NET] = u->private_network ? 0 : 1;
	s->filter = u->filter;
	s->filter_why = strdup(u->filter_why);
	if (!u->known_user)
		s->not_asked = strdup(u->user_why);
	return s->filter_why && (u->known_user || s->not_asked) ? 0 : -ENOMEM;
}

int host_subject_unit(struct host *h, const char *unit, struct err *e)
{
	CLEANUP(cleanup_unit_settings) struct unit_settings u = { .name = NULL };
	struct host_subject *s = &h->subject;
	int err = unit_settings_read(&u, h->root, unit, e);

	if (err < 0)
		return err;
	unknown_all(s, SUBJECT_UNIT);
	s->name = TAKE_PTR(u.name);
	s->unit_file = TAKE_PTR(u.file);
	s->pid = u.pid;
	err = s->pid ? read_process(s) : -ESRCH;
	if (!err) {
		err = unit_judges(s, &u);
	} else if (err == -ESRCH) {
		s->pid = 0;
		err = from_settings(s, &u);
	}
	return err ? err_set(e, err, "out of memory") : 0;
}

bool host_subject_as(const struct host_subject *s, struct uring_as *as)
{
	*as = (struct uring_as){ s->uid,  s->gid,	   s->groups,	  s->n_groups,
				 s->caps, s->memlock_soft, s->nofile_soft };
	return s->known_user && s->known_limits;
}

int host_subject_ask(struct host *h, enum uring_depth depth, struct err *e)
{
	struct host_subject *s = &h->subject;
	struct uring_as as;
	struct err why = { "" };
	int err;

	if (s->not_asked)
		return 0;
	if (s->kind == SUBJECT_SELF) {
		if (uring_ask(&h->uring, depth, NULL, &why) == 0)
			return 0;
		s->not_asked = strdup(why.msg);
	} else if (!host_subject_as(s, &as)) {
		s->not_asked =
			str_format("the limits of %s are not known: the kernel cannot be "
				   "asked as it",
				   s->name);
	} else {
		err = uring_ask(&h->uring, depth, &as, &why);
		if (err < 0)
			s->not_asked = str_format("%s: %s", s->name, why.msg);
		else
			return 0;
	}
	return s->not_asked ? 0 : err_set(e, -ENOMEM, "out of memory");
}

void host_subject_clear(struct host_subject *s)
{
	free(s->name);
	free(s->groups);
	free(s->filter_why);
	free(s->label);
	free(s->cgroup);
	free(s->unit_file);
	free(s->not_asked);
	memset(s, 0, sizeof(*s));
}

const char *host_subject_doubt(const struct host_subject *s)
{
	if (s->not_asked)
		return s->not_asked;
	if (s->kind == SUBJECT_SELF)
		return NULL;
	return s->filter == SUBJECT_FILTER_UNKNOWN ? s->filter_why : NULL;
}
