#include "check/subject.h"

#include "host/host.h"

static int closed(const struct host_subject *s, struct finding *f)
{
	int err = finding_found(f, CHECK_FAIL, "denied: seccomp: %s", s->filter_why);

	if (!err && s->unit_file)
		err = finding_text(&f->evidence, "%s", s->unit_file);
	if (!err)
		err = finding_advise(f, "a ring can be made", "io_uring",
				     "programs fall back to epoll or fail to start",
				     NULL);
	return err ? err
		   : finding_text(&f->fix,
				  "systemctl edit %s: [Service] SystemCallFilter="
				  "io_uring_setup io_uring_enter io_uring_register, "
				  "then restart it: what rings do is not filtered "
				  "further",
				  s->name);
}

int check_subject_uring(const struct check_on *on, bool available, struct finding *f)
{
	const struct host_subject *s = &on->host->subject;
	int err = 0;

	if (s->kind == SUBJECT_SELF)
		return 0;
	if (s->not_asked)
		err = finding_found(f, CHECK_UNKNOWN, "%s", s->not_asked);
	else if (available && s->filter == SUBJECT_FILTER_CLOSED)
		err = closed(s, f);
	else if (available && s->filter == SUBJECT_FILTER_UNKNOWN)
		err = finding_found(f, CHECK_UNKNOWN, "available to its user, but %s",
				    s->filter_why);
	else
		return 0;
	return err ? err : 1;
}
