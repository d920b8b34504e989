/* What this shell's limits allow; a service has its own (LimitMEMLOCK=, LimitNOFILE=). */
#include "check/check.h"
#include "host/host.h"

#include <inttypes.h>
#include <stdio.h>

#define MEMLOCK_WANT (8 * 1024 * 1024ULL)
#define NOFILE_WANT 4096

static const char *amount(uint64_t n, char out[32])
{
	if (n == UINT64_MAX)
		return "unlimited";
	snprintf(out, 32, "%" PRIu64, n);
	return out;
}

static int unknown(struct finding *f)
{
	return finding_found(f, CHECK_UNKNOWN, "getrlimit failed");
}

static int memlock(const struct check_on *on, struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	char soft[32], hard[32];
	int err;

	if (!l->known)
		return unknown(f);
	if (l->lock_exempt)
		return finding_found(f, CHECK_PASS,
				     "%s bytes, and not counted: CAP_IPC_LOCK (a service "
				     "without it has its own limit)",
				     amount(l->memlock_soft, soft));
	err = finding_found(f, l->memlock_soft >= MEMLOCK_WANT ? CHECK_PASS : CHECK_FAIL,
			    "%s bytes soft, %s hard", amount(l->memlock_soft, soft),
			    amount(l->memlock_hard, hard));
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "8388608 bytes or more", "kernels that charge rings to it",
		"before 5.12 and again from 6.14 the memory of a ring counts "
		"against it, per user: 65536 refuse a ring of 4096 entries with "
		"ENOMEM",
		"LimitMEMLOCK=8M in the service's unit, or `* - memlock 8192` (KiB) in "
		"/etc/security/limits.d");
}

const struct check check_limits_memlock = {
	.id = "limits.memlock",
	.title = "locked memory",
	.needs = HOST_LIMITS,
	.run = memlock,
	.live = true,
};

static int nofile(const struct check_on *on, struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	char soft[32], hard[32];
	int err;

	if (!l->known)
		return unknown(f);
	err = finding_found(f, l->nofile_soft >= NOFILE_WANT ? CHECK_PASS : CHECK_FAIL,
			    "%s soft, %s hard", amount(l->nofile_soft, soft),
			    amount(l->nofile_hard, hard));
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "4096 or more", "a server with that many connections",
		"each connection takes a descriptor; above the limit accept fails "
		"with EMFILE",
		"LimitNOFILE=65536 in the service's unit");
}

const struct check check_limits_nofile = {
	.id = "limits.nofile",
	.title = "open files",
	.needs = HOST_LIMITS,
	.run = nofile,
	.live = true,
};
