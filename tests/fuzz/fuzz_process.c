#include "fuzz.h"

#include "parse/accounts.h"
#include "parse/process.h"
#include "parse/unit.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"Name:\tsleep\nUid:\t33\t33\t33\t33\nGid:\t33\t33\t33\t33\nGroups:\t4 990 \n"
	"VmLck:\t8 kB\nVmPin:\t0 kB\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\n"
	"Seccomp:\t2\nSeccomp_filters:\t1\n",
	"Max locked memory         65536                unlimited            bytes     "
	"\n",
	"Id=a.service\nMainPID=0\nSystemCallFilter=~@aio io_uring_setup:EPERM\n",
	"@aio\n    # Asynchronous IO\n    io_uring_setup\n@b\n    @aio\n",
	"web:x:33:34::/:\nrings:x:990:db,web\n",
	"~io_uring_setup @aio:ENOSYS @b",
	"",
	NULL,
};

static const char *filter(const char *data)
{
	struct unit_filter f = unit_filter_judge(data, data);
	struct strv groups = { NULL, 0 };
	const char *wrong = NULL;
	size_t i;

	if (unit_filter_groups(data, &groups) == 0)
		for (i = 0; i < groups.n; i++)
			if (groups.v[i][0] != '@' || strpbrk(groups.v[i], " \t\n:"))
				wrong = "a group's name is none";
	strv_clear(&groups);
	if ((f.denied | f.unknown) & ~7U || f.denied & f.unknown)
		wrong = "a call is both denied and unknown, or there is a fourth";
	if (f.none && (f.denied || f.unknown))
		wrong = "no filter that denies";
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	const char *wrong = filter(data);
	struct proc_status s;
	uint64_t soft, hard;
	uint32_t id, gid;
	gid_t *gids = NULL;
	bool oom = false;
	size_t n = 0;

	if (proc_status_parse(&s, data) == 0) {
		if (s.n_groups > len)
			wrong = "more groups than bytes";
		proc_status_clear(&s);
	}
	proc_limit_parse(data, "Max locked memory", &soft, &hard);
	free(unit_property(data, "SystemCallFilter", &oom));
	unit_caps(data);
	unit_limit(data, &soft);
	accounts_number(data, "web", &id, &gid);
	if (accounts_groups_of(data, "web", &gids, &n) == 0 && n > len)
		wrong = "in more groups than bytes";
	free(gids);
	return wrong;
}
