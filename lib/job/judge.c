#include "job/judge.h"

#include "base/cleanup.h"
#include "boot/boot.h"
#include "check/check.h"
#include "host/host.h"
#include "profile/profile.h"

int job_judge(struct host *h, const struct judge_by *by, struct findings *out,
	      struct err *e)
{
	CLEANUP(cleanup_profile) struct profile profile = { .name = NULL };
	CLEANUP(cleanup_boot) struct boot boot = { .loader = NULL };
	struct check_on on = { h, NULL, NULL };
	unsigned groups;
	int err = check_needs(by->only, by->ignore, &groups, e);

	if (!err && by->profile)
		err = host_need(h, HOST_PROFILES, e);
	if (!err && by->profile) {
		err = profile_load(&profile, h, by->profile, e);
		on.profile = &profile;
	}
	if (!err)
		err = host_need(h, groups, e);
	if (!err && groups & HOST_BOOT) {
		err = boot_load(&boot, h, e);
		on.boot = &boot;
	}
	return err ? err : check_run(&on, by->only, by->ignore, out, e);
}
