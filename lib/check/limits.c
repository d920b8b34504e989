/* What the subject's limits allow: this shell's, or a service's (--pid, --unit). */
#include "base/cleanup.h"
#include "check/check.h"
#include "host/host.h"

#include <inttypes.h>
#include <stdio.h>

#define NOFILE_WANT 4096

static const char *amount(uint64_t n, char out[32])
{
	if (n == UINT64_MAX)
		return "unlimited";
	snprintf(out, 32, "%" PRIu64, n);
	return out;
}

static int unknown(const struct check_on *on, struct finding *f)
{
	if (on->host->subject.kind != SUBJECT_SELF)
		return finding_found(f, CHECK_UNKNOWN, "the limits of %s are not known",
				     on->host->subject.name);
	return finding_found(f, CHECK_UNKNOWN, "%s",
			     on->host->recorded ? "the recording does not say"
						: "getrlimit failed");
}

/* "4 rings of 256 entries" */
static void demand_words(const struct host_demand *d, char out[80])
{
	snprintf(out, 80, "%" PRIu64 " ring%s of %" PRIu64 " entr%s", d->rings,
		 d->rings == 1 ? "" : "s", d->entries, d->entries == 1 ? "y" : "ies");
}

/* What to write where. Units differ from place to place, and are often confused. */
static int memlock_fix(const struct check_on *on, uint64_t need, struct finding *f)
{
	const struct host_subject *s = &on->host->subject;
	/* In steps of 64 KiB: a figure to write down, with a little left over. */
	uint64_t kib = (need / 65536 + 1) * 64;

	return finding_text(
		&f->fix,
		"LimitMEMLOCK=%" PRIu64 "K in the unit%s%s; for logins `* - memlock "
		"%" PRIu64 "` (KiB) in /etc/security/limits.d; docker and podman: "
		"--ulimit memlock=%" PRIu64 " (bytes)",
		kib, s->kind == SUBJECT_UNIT ? ": systemctl edit " : "",
		s->kind == SUBJECT_UNIT ? s->name : "", kib, kib * 1024);
}

static int memlock_evidence(const struct check_on *on, uint64_t least, uint64_t most,
			    struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	char what[80];

	demand_words(&on->host->demand, what);
	str_addf(&text, "%s: %s%" PRIu64 " bytes", what, least == most ? "" : "up to ",
		 most);
	if (l->ring.charged == 0)
		str_add(&text, "; not counted: a ring was made with RLIMIT_MEMLOCK 0");
	else if (l->ring.charged == 1)
		str_add(&text, "; counted: with RLIMIT_MEMLOCK 0 no ring can be made");
	else
		str_add(&text, "; whether this kernel counts them was not asked");
	if (l->ring.held >= 0 && (uint64_t)l->ring.held >= l->memlock_soft)
		str_add(&text, "; the user holds all of it already");
	else if (l->ring.held >= 0)
		str_addf(&text, "; the user holds %" PRId64 " bytes already, at most",
			 l->ring.held);
	return finding_text(&f->evidence, "%s", str_text(&text));
}

/* Too little, or perhaps too little. */
static int memlock_short(const struct check_on *on, uint64_t least, uint64_t most,
			 struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	bool sure = l->ring.charged == 1 && l->memlock_soft < least;
	char soft[32], hard[32], what[80];
	uint64_t held;
	int err;

	demand_words(&on->host->demand, what);
	err = finding_found(f, sure ? CHECK_FAIL : CHECK_UNKNOWN,
			    "%s bytes soft, %s hard%s", amount(l->memlock_soft, soft),
			    amount(l->memlock_hard, hard),
			    sure ? "" : ": too little where this kernel counts rings");
	if (!err)
		err = finding_advise(
			f, NULL, what,
			"the memory of rings counts against it, per user, before "
			"Linux 5.12 and again from 6.14: io_uring_setup fails with "
			"ENOMEM",
			NULL);
	if (!err)
		err = finding_text(&f->want,
				   "%" PRIu64
				   " bytes or more, beside what the user holds already",
				   most);
	/* Small amounts may be rings that were closed a moment ago. */
	held = l->ring.held < 65536 ? 0 : (uint64_t)l->ring.held;
	return err ? err : memlock_fix(on, most + held, f);
}

static int memlock_enough(const struct check_on *on, struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	char soft[32], hard[32];

	if (l->lock_exempt)
		return finding_found(f, CHECK_PASS,
				     "%s bytes, and not counted: CAP_IPC_LOCK%s",
				     amount(l->memlock_soft, soft),
				     on->host->subject.kind == SUBJECT_SELF
					     ? " (a service without it has its own "
					       "limit)"
					     : "");
	return finding_found(f, CHECK_PASS, "%s bytes soft, %s hard%s",
			     amount(l->memlock_soft, soft), amount(l->memlock_hard, hard),
			     l->ring.charged == 0 ? "; this kernel does not count rings"
						  : "");
}

static uint64_t times(uint64_t n, uint64_t each)
{
	return n && each > UINT64_MAX / n ? UINT64_MAX : n * each;
}

static int memlock(const struct check_on *on, struct finding *f)
{
	const struct host_limits *l = &on->host->limits;
	const struct host_demand *d = &on->host->demand;
	uint64_t least = times(d->rings, uring_memlock_need(&l->ring, d->entries, true)),
		 most = times(d->rings, uring_memlock_need(&l->ring, d->entries, false)),
		 held = l->ring.held > 0 ? (uint64_t)l->ring.held : 0;
	bool enough = l->lock_exempt || l->ring.charged == 0 ||
		      l->memlock_soft == UINT64_MAX ||
		      (most <= UINT64_MAX - held && most + held <= l->memlock_soft);
	int err;

	if (!l->known)
		return unknown(on, f);
	if (enough)
		err = memlock_enough(on, f);
	else
		err = memlock_short(on, least + held < least ? least : least + held, most,
				    f);
	/* Of one who is exempt, what is measured is of use only to who asked for it. */
	if (err || (l->lock_exempt && !d->stated))
		return err;
	return memlock_evidence(on, least, most, f);
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
		return unknown(on, f);
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
