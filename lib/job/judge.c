#include "job/judge.h"

#include "base/cleanup.h"
#include "boot/boot.h"
#include "check/check.h"
#include "check/select.h"
#include "host/host.h"
#include "profile/profile.h"

#include <errno.h>

static bool any(const struct check_select *s)
{
	size_t i;

	for (i = 0; i < CHECK_COUNT; i++)
		if (check_is_selected(s, i))
			return true;
	return false;
}

int job_judge(struct host *h, const struct judge_by *by, struct findings *out,
	      struct err *e)
{
	CLEANUP(cleanup_profile) struct profile profile = { .name = NULL };
	CLEANUP(cleanup_boot) struct boot boot = { .loader = NULL };
	struct check_on on = { h, NULL, NULL };
	struct check_select every = { .only = false };
	const struct check_select *select = by->select ? by->select : &every;
	unsigned groups = check_needs(select);
	bool profiled = by->profiles && by->profiles->n;
	int err = 0;

	if (!any(select))
		return err_set(e, -EINVAL, "--skip: takes away every check there was");
	/* A profile may set any key. */
	if (profiled && groups & HOST_SYSCTL)
		groups |= HOST_TUNABLES;
	if (profiled)
		err = host_need(h, HOST_PROFILES, e);
	if (!err && profiled) {
		err = profile_load(&profile, h, by->profiles, e);
		on.profile = &profile;
		if (!err && profile.n_needs && groups & HOST_URING)
			groups |= HOST_URING_WHOLE;
	}
	if (!err)
		err = host_need(h, groups, e);
	if (!err && groups & HOST_BOOT) {
		err = boot_load(&boot, h, e);
		on.boot = &boot;
	}
	return err ? err : check_run(&on, select, out, e);
}
