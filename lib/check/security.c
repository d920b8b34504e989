/* What was decided on io_uring here, by whom, and whom it leaves in. */
#include "base/cleanup.h"
#include "check/check.h"
#include "host/host.h"
#include "profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { OVERFLOW_GID = 65534 }; /* what an unmapped group shows as (user_namespaces(7)) */

/* kernel.io_uring_disabled; NULL: the finding says why there is none. */
static const char *switch_of(const struct check_on *on, struct finding *f, int *err)
{
	const struct sysctl_fact *s = &on->host->sysctl[TUNABLE_IO_URING_DISABLED];
	const char *value = s->live ? s->live : s->boot_value;

	if (value)
		return value;
	*err = !on->host->live
		       ? finding_found(f, CHECK_SKIP,
				       "no file sets it; the value is the kernel's own")
	       : s->live_error == -ENOENT
		       ? finding_found(f, CHECK_PASS, "this kernel has no such switch")
		       : finding_found(f, CHECK_UNKNOWN, "cannot be read: %s",
				       strerror(-s->live_error));
	return NULL;
}

/* The line that VALUE comes from; NULL: none has it. */
static const struct sysctl_setter *origin(const struct sysctl_fact *s, const char *value)
{
	const struct sysctl_setter *w = sysctl_winner(&s->setters, SYSCTL_BOOT, NULL);

	if (!w)
		w = sysctl_winner(&s->setters, SYSCTL_KERNEL, NULL);
	return w && str_eq(w->value, value) ? w : NULL;
}

static bool is_vendors(const struct sysctl_setter *w)
{
	return str_has_prefix(w->path, "/usr/lib/") || str_has_prefix(w->path, "/lib/");
}

static int vendor_policy(const struct check_on *on, struct finding *f)
{
	const struct sysctl_fact *s = &on->host->sysctl[TUNABLE_IO_URING_DISABLED];
	const struct sysctl_setter *w;
	const char *value;
	int err = 0;

	value = switch_of(on, f, &err);
	if (!value)
		return err;
	if (strcmp(value, "0") == 0)
		return finding_found(f, CHECK_PASS, "not disabled");
	w = origin(s, value);
	if (on->profile && on->profile->uring == PROFILE_URING_NONE)
		return finding_found(f, CHECK_PASS, "%s, as the profile wants to keep it",
				     value);
	if (w && !is_vendors(w))
		return finding_found(f, CHECK_PASS, "%s, decided on this host: %s:%u",
				     value, w->path, w->line);
	if (w)
		err = finding_found(f, CHECK_FAIL, "%s, by the distribution: %s:%u",
				    value, w->path, w->line);
	else
		err = finding_found(f, CHECK_FAIL,
				    "%s, by no file: the kernel's own default, or set at "
				    "run time",
				    value);
	return err ? err
		   : finding_advise(
			     f, "a decision of this host's", "your policy",
			     "a vendor disables io_uring for security: its code has had "
			     "more holes than most, and seccomp and audit see less of "
			     "what a ring does",
			     "don't flip it lightly; where a service needs it: "
			     "kernel.io_uring_disabled = 1 and kernel.io_uring_group = "
			     "the service's group, in a file of /etc/sysctl.d; 0 gives "
			     "it to everybody");
}

const struct check check_security_vendor_policy = {
	.id = "security.vendor_policy",
	.title = "who disabled io_uring",
	.needs = HOST_SYSCTL,
	.run = vendor_policy,
};

/* io_uring_disabled is 1: whom does the group leave in? */
static int judge_group(const struct host_group_of *g, struct finding *f)
{
	int err;

	if (g->id < 0)
		return finding_found(f, CHECK_PASS, "no group: CAP_SYS_ADMIN alone");
	if (g->id == OVERFLOW_GID) {
		err = finding_found(f, CHECK_FAIL, "%" PRId64 "%s%s", g->id,
				    g->name ? ": " : "", g->name ? g->name : "");
		return err ? err
			   : finding_advise(
				     f, "a group of the service's own",
				     "kernel.io_uring_group",
				     "daemons that should have no rights share this one",
				     "groupadd --system NAME, and kernel.io_uring_group "
				     "= "
				     "its number");
	}
	if (g->error)
		return finding_found(f, CHECK_UNKNOWN, "%" PRId64 "; /etc/group: %s",
				     g->id, strerror(-g->error));
	if (!g->name)
		return finding_found(f, CHECK_UNKNOWN,
				     "%" PRId64
				     " is not in /etc/group; another source of "
				     "names may have it: getent group %" PRId64,
				     g->id, g->id);
	return finding_found(f, CHECK_PASS,
			     "%s (%" PRId64 "): members %s; own group of %u account%s",
			     g->name, g->id, *g->members ? g->members : "none",
			     g->primary, g->primary == 1 ? "" : "s");
}

static int group(const struct check_on *on, struct finding *f)
{
	const struct host_group_of *g = &on->host->uring_group;
	const char *value;
	int err = 0;

	value = switch_of(on, f, &err);
	if (!value)
		return err;
	if (strcmp(value, "1") == 0)
		return judge_group(g, f);
	if (g->id < 0)
		return finding_found(f, CHECK_PASS, "none, and io_uring_disabled is %s",
				     value);
	err = finding_found(f, CHECK_FAIL,
			    "%" PRId64 ", without effect: io_uring_disabled is %s", g->id,
			    value);
	return err ? err
		   : finding_advise(
			     f, "io_uring_disabled = 1, or no group",
			     "kernel.io_uring_group",
			     "the group is asked only where io_uring_disabled is 1: "
			     "0 leaves everybody in, 2 nobody",
			     "if the group is meant to have it alone: "
			     "kernel.io_uring_disabled = 1 in a file of "
			     "/etc/sysctl.d");
}

const struct check check_security_io_uring_group = {
	.id = "security.io_uring_group",
	.title = "kernel.io_uring_group",
	.needs = HOST_SYSCTL,
	.run = group,
};
