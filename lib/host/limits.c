#include "host/limits.h"

#include "host/facts.h"
#include "host/host.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/resource.h>

/* Before it was asked, or where it could not be. */
static const struct uring_memlock unknown_ring = { -1, -1, false, -1 };

static uint64_t limit(rlim_t l)
{
	return l == RLIM_INFINITY ? UINT64_MAX : (uint64_t)l;
}

/* The same answer as the gate of memlock goes by. */
static bool is_exempt(void)
{
	struct uring_facts f;

	uring_facts_init(&f);
	uring_facts_of(&f, NULL);
	return f.cap_ipc_lock == 1;
}

static void of_subject(struct host *h)
{
	const struct host_subject *s = &h->subject;
	struct host_limits *l = &h->limits;

	l->known = s->known_limits;
	l->lock_exempt = s->caps >> CAP_IPC_LOCK & 1;
	l->memlock_soft = s->memlock_soft;
	l->memlock_hard = s->memlock_hard;
	l->nofile_soft = s->nofile_soft;
	l->nofile_hard = s->nofile_hard;
}

static void of_ourselves(struct host *h)
{
	struct host_limits *l = &h->limits;
	struct rlimit lock, files;

	if (getrlimit(RLIMIT_MEMLOCK, &lock) < 0 || getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	l->known = true;
	l->lock_exempt = is_exempt();
	l->memlock_soft = limit(lock.rlim_cur);
	l->memlock_hard = limit(lock.rlim_max);
	l->nofile_soft = limit(files.rlim_cur);
	l->nofile_hard = limit(files.rlim_max);
}

/* As the subject where that can be; else what the kernel does is the same for us, and only
 * what the other user holds stays unknown. */
static int measure(struct host *h, struct err *e)
{
	struct host_limits *l = &h->limits;
	struct uring_as as;
	int err;

	if (h->subject.kind != SUBJECT_SELF && host_subject_as(&h->subject, &as)) {
		as.caps &= ~(1ULL << CAP_IPC_LOCK);
		err = uring_memlock_ask(&l->ring, &as, e);
		if (err < 0 || l->ring.charged >= 0)
			return err;
	}
	err = uring_memlock_ask(&l->ring, NULL, e);
	if (h->subject.kind != SUBJECT_SELF)
		l->ring.held = -1;
	return err;
}

/* Is it what others hold that leaves too little? */
static bool held_decides(const struct host *h)
{
	const struct host_limits *l = &h->limits;
	uint64_t each = uring_memlock_need(&l->ring, h->demand.entries, false);
	uint64_t soft = l->memlock_soft, n = h->demand.rings;

	if (l->ring.charged != 1 || l->ring.held <= 0 || soft == UINT64_MAX)
		return false;
	return (uint64_t)l->ring.held >= soft ||
	       (each <= soft / n && each * n + (uint64_t)l->ring.held > soft);
}

int host_measure_ring(struct host *h, struct err *e)
{
	int err, tries;

	if (h->recorded || !h->live || h->limits.ring.charged >= 0)
		return 0;
	err = measure(h, e);
	for (tries = 0; !err && tries < URING_CHARGE_TRIES && held_decides(h); tries++) {
		poll(NULL, 0, URING_CHARGE_MS);
		err = measure(h, e);
	}
	return err;
}

int host_read_limits(struct host *h, struct err *e)
{
	struct host_limits *l = &h->limits;
	struct err ignored;

	(void)e;
	l->ring = unknown_ring;
	if (h->recorded) {
		facts_limits(h, l);
		return 0;
	}
	if (!h->live)
		return 0;
	if (h->subject.kind == SUBJECT_SELF)
		of_ourselves(h);
	else
		of_subject(h);
	/* Not being able to measure leaves it unknown. */
	if (!l->lock_exempt || h->demand.stated)
		host_measure_ring(h, &ignored);
	return 0;
}
