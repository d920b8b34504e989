#include "subject.h"

#include "base/cleanup.h"
#include "file.h"
#include "host/facts.h"
#include "host/host.h"
#include "host/record.h"
#include "os/root.h"

#include <errno.h>
#include <unistd.h>

/* A process, and what a kernel answers, are of a running system. */
static int needs_live(struct ctx *c, const char *option)
{
	const char *why = root_not_live_reason(c->root);

	if (c->common.facts)
		why = "--facts";
	if (!why)
		return 0;
	return err_set(&c->err,
		       c->common.facts || c->common.root || c->common.offline
			       ? EXIT_USAGE
			       : EXIT_FAILED,
		       "%s: is of a running system, and this is none: %s", option, why);
}

static int find(struct ctx *c, const struct subject_options *o)
{
	int err = o->pid ? host_subject_pid(c->host, (pid_t)o->pid, &c->err)
			 : host_subject_unit(c->host, o->unit, &c->err);

	if (err == -ENOENT || err == -EINVAL)
		return EXIT_USAGE; /* no such unit */
	return err < 0 ? EXIT_FAILED : 0;
}

/* A file that was made for a recording that there is not goes again. */
static void drop(struct subject_options *o)
{
	if (o->record_made)
		file_unmake(o->record_fd, o->record);
	close(o->record_fd);
	o->record_fd = -1;
}

int cmd_subject(struct ctx *c, struct subject_options *o)
{
	int code = 0;

	o->record_fd = -1;
	if (o->pid && o->unit)
		return err_set(&c->err, EXIT_USAGE,
			       "--unit %s: one subject a run, and --pid is another",
			       o->unit);
	if (o->pid || o->unit)
		code = needs_live(c, o->pid ? "--pid" : "--unit");
	if (!code && o->record)
		code = needs_live(c, "--record");
	if (!code && (o->pid || o->unit))
		code = find(c, o);
	if (code || !o->record)
		return code;
	o->record_fd = file_open_for("--record", o->record, c->common.root,
				     &o->record_made, &c->err);
	if (o->record_fd < 0)
		return EXIT_FAILED;
	/* What is judged is what is recorded, so it is asked first. */
	code = host_need(c->host, HOST_LIMITS, &c->err);
	if (!code)
		code = host_measure_ring(c->host, &c->err);
	if (!code)
		code = host_need(c->host, HOST_RECORDABLE, &c->err);
	if (code < 0)
		drop(o);
	return code < 0 ? EXIT_FAILED : 0;
}

static void tri(struct node *n, const char *key, int value)
{
	if (value < 0)
		node_null(n, key);
	else
		node_bool(n, key, value);
}

void cmd_show_subject(struct ctx *c)
{
	const struct host_subject *s = &c->host->subject;
	struct node *root = report_root(c->report), *n, *same;
	int i;

	if (s->kind == SUBJECT_SELF) {
		node_null(root, "subject");
		return;
	}
	n = node_object(root, "subject");
	node_text(n, "kind", facts_subject[s->kind]);
	node_text(n, "name", s->name);
	if (s->pid)
		node_i64(n, "pid", s->pid);
	else
		node_null(n, "pid");
	if (s->known_user)
		node_u64(n, "uid", s->uid);
	else
		node_null(n, "uid");
	node_text(n, "seccomp", facts_filter[s->filter]);
	node_text(n, "seccomp_reason", s->filter_why);
	tri(n, "no_new_privs", s->no_new_privs);
	if (s->rings < 0)
		node_null(n, "rings");
	else
		node_i64(n, "rings", s->rings);
	node_text(n, "label", s->label);
	node_text(n, "cgroup", s->cgroup);
	node_text(n, "unit_file", s->unit_file);
	node_text(n, "not_asked", s->not_asked);
	same = node_object(n, "same_namespaces");
	for (i = 0; i < SUBJECT_NS; i++)
		tri(same, subject_namespaces[i], s->same[i]);
	report_field(c->report, "subject", n, "name");
}

int cmd_record(struct ctx *c, struct subject_options *o, bool judged)
{
	CLEANUP_FREE char *text = NULL;
	int err = 0;

	if (o->record_fd < 0)
		return 0;
	if (judged)
		err = host_recording(c->host, &text, &c->err);
	if (judged && !err)
		err = file_write(o->record_fd, o->record, text, &c->err);
	if (!judged || err < 0) {
		drop(o);
		return err < 0 ? EXIT_FAILED : 0;
	}
	close(o->record_fd);
	o->record_fd = -1;
	return 0;
}
