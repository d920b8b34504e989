#include "check/subject.h"

#include "host/host.h"

int check_subject_uring(const struct check_on *on, bool available, struct finding *f)
{
	const struct host_subject *s = &on->host->subject;
	int err = 0;

	if (s->kind == SUBJECT_SELF)
		return 0;
	if (s->not_asked)
		err = finding_found(f, CHECK_UNKNOWN, "%s", s->not_asked);
	else if (available && s->filter == SUBJECT_FILTER_UNKNOWN)
		err = finding_found(f, CHECK_UNKNOWN, "available to its user, but %s",
				    s->filter_why);
	else
		return 0;
	return err ? err : 1;
}

int check_subject_mend(const struct check_on *on, struct finding *f)
{
	const struct host_subject *s = &on->host->subject;

	if (s->kind != SUBJECT_UNIT || s->filter != SUBJECT_FILTER_CLOSED)
		return 0;
	return finding_text(
		&f->fix,
		"systemctl edit %s: [Service] SystemCallFilter=io_uring_setup "
		"io_uring_enter io_uring_register, then restart it: what "
		"rings do is not filtered further",
		s->name);
}
