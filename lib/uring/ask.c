/* The questions. None has an effect beyond a ring that is closed again: a call is made so
 * that it must fail, and how it fails says whether the kernel knows what was asked for. */
#include "ask.h"

#include "abi.h"
#include "base/cleanup.h"
#include "memlock.h"
#include "names.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RING_ENTRIES 8
/* Register operations that are tried one by one, for a kernel without QUERY: more than
 * any of those has. */
#define REGISTER_TRIES 64
#define DEFER_TASKRUN_BIT 13
#define ENTER_REGISTERED_RING_BIT 4
#define NOT_A_NUMBER 1000 /* of any register operation */

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

static int setup(unsigned entries, struct uring_params *p)
{
	return result(syscall(URING_NR_SETUP, entries, p));
}

static int enter(int fd, unsigned submit, unsigned flags)
{
	return result(syscall(URING_NR_ENTER, fd, submit, 0, flags, NULL, 8));
}

static int reg(int fd, unsigned op, void *arg, unsigned n)
{
	return result(syscall(URING_NR_REGISTER, fd, op, arg, n));
}

static void note(struct uring_set *s, unsigned n, bool have)
{
	s->asked[n / 64] |= 1ULL << (n % 64);
	if (have)
		s->have[n / 64] |= 1ULL << (n % 64);
}

/* All numbers are known: those of MASK are there, no other is. */
static void note_mask(struct uring_set *s, uint64_t mask, enum uring_source source)
{
	memset(s->asked, 0xff, sizeof(s->asked));
	memset(s->have, 0, sizeof(s->have));
	s->have[0] = mask;
	s->source = source;
	s->error = 0;
}

static void note_first(struct uring_set *s, unsigned n, enum uring_source source)
{
	unsigned i;

	note_mask(s, 0, source);
	for (i = 0; i < n && i < 256; i++)
		note(s, i, true);
}

/* 6.18 and later: everything but the flags of single operations, without a ring. */
static bool ask_query(struct uring_answers *a)
{
	struct uring_query_opcodes o;
	struct uring_query q;

	memset(&o, 0, sizeof(o));
	memset(&q, 0, sizeof(q));
	q.data = (uintptr_t)&o;
	q.size = sizeof(o);
	if (reg(-1, URING_REGISTER_QUERY, &q, 0) < 0 || q.result < 0 || !o.n_ops)
		return false;
	note_first(&a->set[URING_OPS], o.n_ops, URING_BY_QUERY);
	note_first(&a->set[URING_REGISTER_OPS], o.n_register_ops, URING_BY_QUERY);
	note_mask(&a->set[URING_FEATURES], o.features, URING_BY_QUERY);
	note_mask(&a->set[URING_SETUP_FLAGS], o.setup_flags, URING_BY_QUERY);
	note_mask(&a->set[URING_ENTER_FLAGS], o.enter_flags, URING_BY_QUERY);
	note_mask(&a->set[URING_SQE_FLAGS], o.sqe_flags, URING_BY_QUERY);
	return true;
}

/* Without a ring: a descriptor that is none is looked at after the number of the
 * operation (5.10.162, 5.19 or so); a number that cannot be one tells whether that is so. */
static void ask_register_ops(struct uring_answers *a)
{
	struct uring_set *s = &a->set[URING_REGISTER_OPS];
	unsigned i;

	if (reg(-2, NOT_A_NUMBER, NULL, 0) != -EINVAL) {
		s->error = -EBADF; /* it looks at the descriptor first */
		return;
	}
	s->source = URING_BY_CALL;
	for (i = 0; i < REGISTER_TRIES; i++) {
		int r = reg(-2, i, NULL, 0);

		/* 6.13 and 6.14 have a hole there that answers as if it were none. */
		if (i != URING_REGISTER_ZCRX_IFQ || r == -EINVAL)
			note(s, i, r != -EINVAL);
	}
}

/* Flags are looked at before the descriptor, in every release. */
static void ask_enter_flags(struct uring_answers *a)
{
	struct uring_set *s = &a->set[URING_ENTER_FLAGS];
	unsigned i;

	s->source = URING_BY_CALL;
	for (i = 0; i < 32; i++)
		/* That one wants a registered ring, else it is EINVAL too. */
		if (1u << i != URING_ENTER_REGISTERED_RING)
			note(s, i, enter(-2, 0, 1u << i) != -EINVAL);
}

/* Setup flags that are refused alone, and what they go with. */
static uint32_t companions(unsigned bit)
{
	switch (1u << bit) {
	case URING_SETUP_SQ_AFF:
		return URING_SETUP_SQPOLL;
	case URING_SETUP_TASKRUN_FLAG:
		return URING_SETUP_COOP_TASKRUN;
	case URING_SETUP_DEFER_TASKRUN:
		return URING_SETUP_SINGLE_ISSUER;
	case URING_SETUP_REGISTERED_FD_ONLY:
		return URING_SETUP_NO_MMAP;
	case URING_SETUP_HYBRID_IOPOLL:
		return URING_SETUP_IOPOLL;
	case URING_SETUP_SQ_REWIND:
		return URING_SETUP_NO_SQARRAY;
	default:
		return 0;
	}
}

/* Fails with something else than EINVAL when FLAGS are known: memory at address 0 (6.5 and
 * later) or workers of no ring (5.6 and later). Only a kernel older than both makes a
 * ring, which is closed again. */
static int try_setup(uint32_t flags, uint32_t trap)
{
	struct uring_params p;
	int r;

	memset(&p, 0, sizeof(p));
	p.flags = flags | trap;
	p.wq_fd = (uint32_t)-1;
	p.cq_entries = flags & URING_SETUP_CQSIZE ? 2 * RING_ENTRIES : 0;
	r = setup(RING_ENTRIES, &p);
	if (r >= 0)
		close(r);
	return r;
}

static void ask_setup_flags(struct uring_answers *a)
{
	static const uint32_t traps[] = { URING_SETUP_NO_MMAP, URING_SETUP_ATTACH_WQ, 0 };
	struct uring_set *s = &a->set[URING_SETUP_FLAGS];
	size_t t = 0;
	unsigned i;

	while (t < ARRAY_SIZE(traps) - 1 && try_setup(0, traps[t]) == -EINVAL)
		t++;
	s->source = URING_BY_CALL;
	for (i = 0; uring_name(URING_SETUP_FLAGS, i); i++) {
		int r = try_setup(1u << i | companions(i), traps[t]);

		if (r == -ENOMEM || r == -EMFILE || r == -ENFILE)
			s->error = r;
		else
			note(s, i, r != -EINVAL);
	}
}

/* A small ring in shared memory, as far as single requests need it. */
struct tiny {
	int fd;
	struct uring_params p;
	char *sq, *cq;
	struct uring_sqe *sqes;
	uint64_t last; /* user_data of the last request */
};

static void *map(int fd, size_t len, uint64_t at)
{
	void *m = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)at);

	return m == MAP_FAILED ? NULL : m;
}

static bool tiny_map(struct tiny *t)
{
	size_t sq = t->p.sq_off.array + 4 * t->p.sq_entries;
	size_t cq = t->p.cq_off.cqes + sizeof(struct uring_cqe) * t->p.cq_entries;

	t->sq = map(t->fd, sq, URING_OFF_SQ);
	t->cq = map(t->fd, cq, URING_OFF_CQ);
	t->sqes = map(t->fd, sizeof(struct uring_sqe) * t->p.sq_entries, URING_OFF_SQES);
	return t->sq && t->cq && t->sqes;
}

static uint32_t *at(char *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring + offset);
}

/* Submit SQE; its result when it ended at once, -EINPROGRESS when it was taken and goes
 * on, or why it could not be submitted. */
static int tiny_do(struct tiny *t, const struct uring_sqe *sqe)
{
	uint32_t *sq_tail = at(t->sq, t->p.sq_off.tail);
	uint32_t *cq_head = at(t->cq, t->p.cq_off.head);
	uint32_t *cq_tail = at(t->cq, t->p.cq_off.tail);
	uint32_t slot = *sq_tail & (t->p.sq_entries - 1), head;
	const struct uring_cqe *cqes = (const void *)(t->cq + t->p.cq_off.cqes);
	int r;

	t->sqes[slot] = *sqe;
	t->sqes[slot].user_data = ++t->last;
	at(t->sq, t->p.sq_off.array)[slot] = slot;
	__atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
	r = enter(t->fd, 1, URING_ENTER_GETEVENTS);
	if (r < 0)
		return r;
	for (r = -EINPROGRESS, head = *cq_head;
	     head != __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE); head++) {
		const struct uring_cqe *cqe = &cqes[head & (t->p.cq_entries - 1)];

		if (cqe->user_data == t->last)
			r = cqe->res;
	}
	__atomic_store_n(cq_head, head, __ATOMIC_RELEASE);
	return r;
}

static void ask_ops(struct tiny *t, struct uring_answers *a, int no_socket)
{
	/* Before 5.6 only what says ENOTSOCK of a pipe can be told from what is unknown. */
	static const uint8_t of_sockets[] = { URING_OP_SENDMSG, URING_OP_RECVMSG,
					      URING_OP_ACCEPT };
	struct uring_set *s = &a->set[URING_OPS];
	struct uring_probe probe;
	struct uring_sqe sqe;
	size_t i;
	int r;

	memset(&probe, 0, sizeof(probe));
	r = reg(t->fd, URING_REGISTER_PROBE, &probe, 256);
	if (r >= 0) {
		note_mask(s, 0, URING_BY_RING);
		for (i = 0; i < probe.ops_len; i++)
			if (probe.ops[i].flags & URING_PROBE_SUPPORTED)
				note(s, probe.ops[i].op, true);
		return;
	}
	if (s->source == URING_BY_QUERY)
		return;
	s->error = r;
	s->source = URING_BY_RING;
	for (i = 0; i < ARRAY_SIZE(of_sockets) && t->sqes; i++) {
		memset(&sqe, 0, sizeof(sqe));
		sqe.opcode = of_sockets[i];
		sqe.fd = no_socket;
		note(s, of_sockets[i], tiny_do(t, &sqe) != -EINVAL);
	}
}

/* Flags of a request of its own, tried on what must fail otherwise. HAVE is the answer of
 * a kernel that knows the flag, or 0: any but EINVAL. */
struct op_try {
	enum uring_op_flag flag;
	uint8_t opcode;
	uint16_t ioprio;
	uint32_t op_flags, len;
	uint8_t sqe_flags;
	int have;
};

#define TIMEOUT_TRY(flag, bit)                                                           \
	{                                                                                \
		flag, URING_OP_TIMEOUT, 0, bit, 1, 0, 0                                  \
	}
#define CANCEL_TRY(flag, bit)                                                            \
	{                                                                                \
		flag, URING_OP_ASYNC_CANCEL, 0, bit, 0, 0, 0                             \
	}

static const struct op_try op_tries[] = {
	/* The first two decide the level. */
	{ URING_OPF_MULTISHOT_ACCEPT, URING_OP_ACCEPT, URING_ACCEPT_MULTISHOT, 0, 0, 0,
	  -ENOTSOCK },
	{ URING_OPF_MULTISHOT_RECV, URING_OP_RECV, URING_RECV_MULTISHOT, 0, 0,
	  URING_SQE_BUFFER_SELECT, -ENOTSOCK },
	{ URING_OPF_ACCEPT_DONTWAIT, URING_OP_ACCEPT, 1 << 1, 0, 0, 0, -ENOTSOCK },
	/* These wait on the pipe before they see that it is no socket. */
	{ URING_OPF_ACCEPT_POLL_FIRST, URING_OP_ACCEPT, 1 << 2, 0, 0, 0, 0 },
	{ URING_OPF_POLL_FIRST, URING_OP_RECV, 1 << 0, 0, 0, 0, 0 },
	{ URING_OPF_RECV_BUNDLE, URING_OP_RECV, 1 << 4, 0, 0, URING_SQE_BUFFER_SELECT,
	  -ENOTSOCK },
	{ URING_OPF_SEND_BUNDLE, URING_OP_SEND, 1 << 4, 0, 0, URING_SQE_BUFFER_SELECT,
	  -ENOTSOCK },
	{ URING_OPF_SEND_VECTORIZED, URING_OP_SEND, 1 << 5, 0, 1, 0, -ENOTSOCK },
	{ URING_OPF_SEND_ZC_FIXED_BUF, URING_OP_SEND_ZC, 1 << 2, 0, 0, 0, 0 },
	{ URING_OPF_SEND_ZC_REPORT_USAGE, URING_OP_SEND_ZC, 1 << 3, 0, 0, 0, 0 },
	{ URING_OPF_MULTISHOT_POLL, URING_OP_POLL_ADD, 0, POLLIN, 1, 0, 0 },
	CANCEL_TRY(URING_OPF_CANCEL_ALL, 1 << 0),
	CANCEL_TRY(URING_OPF_CANCEL_FD, 1 << 1),
	CANCEL_TRY(URING_OPF_CANCEL_ANY, 1 << 2),
	CANCEL_TRY(URING_OPF_CANCEL_FD_FIXED, 1 << 3),
	/* Before 6.6 some kernels (6.1-stable) take these two and do not look at them: then
	 * they find the poll that try_op() arms, whose descriptor alone fits. */
	{ URING_OPF_CANCEL_USERDATA, URING_OP_ASYNC_CANCEL, 0, 1 << 1 | 1 << 4, 0, 0,
	  -ENOENT },
	{ URING_OPF_CANCEL_OP, URING_OP_ASYNC_CANCEL, 0, 1 << 1 | 1 << 5, URING_OP_ACCEPT,
	  0, -ENOENT },
	TIMEOUT_TRY(URING_OPF_TIMEOUT_ABS, 1 << 0),
	TIMEOUT_TRY(URING_OPF_TIMEOUT_BOOTTIME, 1 << 2),
	TIMEOUT_TRY(URING_OPF_TIMEOUT_REALTIME, 1 << 3),
	TIMEOUT_TRY(URING_OPF_TIMEOUT_ETIME_SUCCESS, 1 << 5),
	TIMEOUT_TRY(URING_OPF_MULTISHOT_TIMEOUT, 1 << 6),
	/* Kernels that do not know it do not look: they answer 0. */
	{ URING_OPF_NOP_INJECT_RESULT, URING_OP_NOP, 0, URING_NOP_INJECT_RESULT, 77, 0,
	  77 },
};

static int try_op(struct tiny *t, const struct op_try *o, int no_socket)
{
	struct iovec nothing = { NULL, 0 };
	struct uring_sqe sqe;

	memset(&sqe, 0, sizeof(sqe));
	if (o->have == -ENOENT) {
		sqe.opcode = URING_OP_POLL_ADD;
		sqe.fd = no_socket; /* to be written to: never readable */
		sqe.op_flags = POLLIN;
		tiny_do(t, &sqe);
	}
	sqe.opcode = o->opcode;
	sqe.fd = no_socket;
	sqe.ioprio = o->ioprio;
	sqe.op_flags = o->op_flags;
	sqe.len = o->len;
	sqe.flags = o->sqe_flags;
	if (o->opcode == URING_OP_TIMEOUT) /* no time is there: EFAULT */
		sqe.addr = 1;
	else if (o->opcode == URING_OP_ASYNC_CANCEL)
		sqe.addr = ~0ULL; /* no such request */
	else if (o->opcode == URING_OP_SEND && o->len)
		sqe.addr = (uintptr_t)&nothing;
	return tiny_do(t, &sqe);
}

static void ask_op_flags(struct tiny *t, struct uring_answers *a, enum uring_depth depth,
			 int no_socket)
{
	struct uring_set *s = &a->set[URING_OP_FLAGS];
	size_t n = depth == URING_BRIEF ? 2 : ARRAY_SIZE(op_tries), i;

	s->source = URING_BY_RING;
	for (i = 0; i < n; i++) {
		const struct op_try *o = &op_tries[i];
		int r;

		if (!uring_knows(a, URING_OPS, o->opcode))
			continue;
		r = uring_has(a, URING_OPS, o->opcode) ? try_op(t, o, no_socket)
						       : -EINVAL;
		if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
			s->error = r;
		else
			note(s, o->flag, o->have ? r == o->have : r != -EINVAL);
	}
}

static void ask_sqe_flags(struct tiny *t, struct uring_answers *a)
{
	struct uring_set *s = &a->set[URING_SQE_FLAGS];
	struct uring_sqe sqe;
	unsigned i;

	s->source = URING_BY_RING;
	for (i = 0; i < 8; i++) {
		memset(&sqe, 0, sizeof(sqe));
		sqe.opcode = URING_OP_NOP;
		sqe.flags = (uint8_t)(1u << i);
		note(s, i, tiny_do(t, &sqe) != -EINVAL);
	}
}

/* Both flags need a real registration to be told. */
static void ask_buffer_rings(struct tiny *t, struct uring_answers *a)
{
	struct uring_set *s = &a->set[URING_OP_FLAGS];
	struct uring_buf_reg b;

	/* Where the operation itself is not there that is EINVAL, too. */
	if (!uring_knows(a, URING_REGISTER_OPS, URING_REGISTER_PBUF_RING))
		return;
	memset(&b, 0, sizeof(b));
	b.ring_entries = 1;
	b.flags = URING_PBUF_INC;
	note(s, URING_OPF_PBUF_RING_INC,
	     reg(t->fd, URING_REGISTER_PBUF_RING, &b, 1) != -EINVAL);
	b.flags = URING_PBUF_MMAP;
	note(s, URING_OPF_PBUF_RING_MMAP,
	     reg(t->fd, URING_REGISTER_PBUF_RING, &b, 1) != -EINVAL);
}

/* Wants a registered ring, so that its flag can be told from one that is unknown. */
static void ask_registered_ring(struct tiny *t, struct uring_answers *a)
{
	struct uring_rsrc_update u = { ~0u, 0, (uint64_t)t->fd };
	struct uring_set *s = &a->set[URING_ENTER_FLAGS];
	int r = reg(t->fd, URING_REGISTER_RING_FDS, &u, 1);

	if (s->source != URING_BY_CALL)
		return;
	note(s, ENTER_REGISTERED_RING_BIT,
	     r == 1 && enter((int)u.offset, 0, URING_ENTER_REGISTERED_RING) >= 0);
}

/* Without a ring it answers as the hole of 6.13 and 6.14 does; of a ring that it could be
 * used with, that the caller may not or that there is no memory at this address. */
static void ask_zcrx(struct uring_set *s)
{
	struct uring_params p;
	int fd, r;

	memset(&p, 0, sizeof(p));
	p.flags =
		URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN | URING_SETUP_CQE32;
	fd = setup(1, &p);
	if (fd < 0)
		return;
	r = reg(fd, URING_REGISTER_ZCRX_IFQ, (void *)1, 1);
	close(fd);
	note(s, URING_REGISTER_ZCRX_IFQ, r == -EPERM || r == -EFAULT);
}

/* From new to old; what a kernel does not know it refuses with EINVAL. */
static const uint32_t setup_ladder[] = {
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_DEFER_TASKRUN, /* 6.1 */
	URING_SETUP_SINGLE_ISSUER | URING_SETUP_COOP_TASKRUN,  /* 6.0 */
	URING_SETUP_COOP_TASKRUN,			       /* 5.19 */
	URING_SETUP_SUBMIT_ALL,				       /* 5.18 */
	URING_SETUP_CLAMP,				       /* 5.6 */
	0,
};

static int tiny_setup(struct tiny *t, unsigned entries)
{
	size_t i;
	int r = -EINVAL;

	for (i = 0; i < ARRAY_SIZE(setup_ladder) && r == -EINVAL; i++) {
		memset(&t->p, 0, sizeof(t->p));
		t->p.flags = setup_ladder[i];
		r = setup(entries, &t->p);
	}
	t->fd = r;
	return r < 0 ? r : 0;
}

/* What closed rings were charged is taken back late, that of an earlier run of ours, too. */
static int patient_setup(struct tiny *t, unsigned entries)
{
	int r = tiny_setup(t, entries), tries;

	for (tries = 0; r == -ENOMEM && tries < URING_CHARGE_TRIES; tries++) {
		poll(NULL, 0, URING_CHARGE_MS);
		r = tiny_setup(t, entries);
	}
	return r;
}

/* What the ladder was made with is there; whether more is, only the whole depth asks. */
static void note_ladder(const struct tiny *t, struct uring_answers *a)
{
	struct uring_set *s = &a->set[URING_SETUP_FLAGS];
	unsigned i;

	for (i = 0; i < 32; i++)
		if (t->p.flags >> i & 1)
			note(s, i, true);
	for (i = 0; setup_ladder[i] != t->p.flags; i++)
		if (setup_ladder[i] & URING_SETUP_DEFER_TASKRUN)
			note(s, DEFER_TASKRUN_BIT, false);
	s->source = URING_BY_RING;
}

static void ask_ring(struct uring_answers *a, enum uring_depth depth, int no_socket)
{
	struct uring_set *regs = &a->set[URING_REGISTER_OPS];
	struct tiny t;
	bool mapped;

	memset(&t, 0, sizeof(t));
	a->setup_real = patient_setup(&t, RING_ENTRIES);
	if (a->setup_real < 0) {
		a->setup_one = tiny_setup(&t, 1);
		if (a->setup_one >= 0)
			close(t.fd);
		return;
	}
	if (a->set[URING_FEATURES].source != URING_BY_QUERY) {
		note_mask(&a->set[URING_FEATURES], t.p.features, URING_BY_RING);
		note_ladder(&t, a);
	}
	mapped = tiny_map(&t);
	ask_ops(&t, a, no_socket);
	/* An address that cannot be read: EFAULT when the operation is known. */
	if (!uring_knows(a, URING_REGISTER_OPS, URING_REGISTER_PBUF_RING)) {
		note(regs, URING_REGISTER_PBUF_RING,
		     reg(t.fd, URING_REGISTER_PBUF_RING, (void *)1, 1) == -EFAULT);
		if (!regs->source)
			regs->source = URING_BY_RING;
	}
	if (depth == URING_WHOLE && regs->source == URING_BY_CALL &&
	    !uring_knows(a, URING_REGISTER_OPS, URING_REGISTER_ZCRX_IFQ))
		ask_zcrx(regs);
	if (mapped)
		ask_op_flags(&t, a, depth, no_socket);
	if (mapped && depth == URING_WHOLE) {
		if (a->set[URING_SQE_FLAGS].source == URING_NOT_ASKED)
			ask_sqe_flags(&t, a);
		ask_buffer_rings(&t, a);
		ask_registered_ring(&t, a);
	}
	close(t.fd);
}

void uring_questions(struct uring_answers *a, enum uring_depth depth, int no_socket,
		     const struct uring_teller *t)
{
	bool told;

	a->asked = true;
	a->seccomp_mode = result(prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
	t->tell(t->data, a);
	a->enter_bad = enter(-1, 0, 0);
	a->answered++;
	t->tell(t->data, a);
	/* Not -1: from 6.13 that means "no ring" and some operations take it. */
	a->register_bad = reg(-2, URING_REGISTER_PROBE, NULL, 0);
	a->answered++;
	t->tell(t->data, a);
	a->setup_null = setup(1, NULL);
	a->answered++;
	t->tell(t->data, a);
	/* Whoever may not make a ring may still ask. */
	told = a->register_bad == -EBADF && ask_query(a);
	if (!told && depth == URING_WHOLE && a->register_bad == -EBADF)
		ask_register_ops(a);
	if (!told && depth == URING_WHOLE && a->enter_bad == -EBADF)
		ask_enter_flags(a);
	if (a->setup_null != -EFAULT)
		return;
	ask_ring(a, depth, no_socket);
	if (!told && depth == URING_WHOLE && a->setup_real >= 0)
		ask_setup_flags(a);
}
