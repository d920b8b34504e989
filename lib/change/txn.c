#include "change/txn.h"

#include "base/cleanup.h"
#include "change/step.h"
#include "os/root.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

void txn_result_clear(struct txn_result *r)
{
	strv_clear(&r->lines);
	*r = (struct txn_result){ 0 };
}

/* Signals: a dropped ssh line is the commonest crash. */

struct held {
	sigset_t watched, old;
};

/* One that the caller ignores (nohup) stays ignored: blocked, it would be queued all the
 * same. */
static void hold_signals(struct held *h)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGQUIT };
	struct sigaction now;
	size_t i;

	sigemptyset(&h->watched);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&h->watched, signals[i]);
	sigprocmask(SIG_BLOCK, &h->watched, &h->old);
}

/* The one that came, taken off the list of pending ones; 0: none. */
static int signal_came(const struct held *h)
{
	struct timespec none = { 0, 0 };
	int s = sigtimedwait(&h->watched, NULL, &none);

	return s > 0 ? s : 0;
}

static void release_signals(struct held *h)
{
	while (signal_came(h))
		;
	sigprocmask(SIG_SETMASK, &h->old, NULL);
}

static void cleanup_held(struct held *h)
{
	release_signals(h);
}

static const char absent[] = "(absent)";

enum step_is txn_step_is(const struct root *r, const struct step *s, struct err *e)
{
	struct blob now;
	enum step_is is;

	if (s->type == STEP_SYSCTL && !root_is_live(r))
		return STEP_IS_UNREACHABLE;
	if (s->unread)
		return err_set(e, STEP_IS_UNREADABLE,
			       "%s: its original is for root alone: run it as root",
			       s->target);
	if (step_now(r, s, &now, e) < 0)
		return STEP_IS_UNREADABLE;
	is = blob_eq(&now, &s->after)	 ? STEP_IS_AFTER
	     : blob_eq(&now, &s->before) ? STEP_IS_BEFORE
					 : STEP_IS_OTHER;
	if (is == STEP_IS_OTHER && e)
		err_set(e, 0, "%.200s", now.data ? now.data : absent);
	blob_clear(&now);
	return is;
}

static const char *one_line_of(const struct blob *b, char out[64])
{
	size_t n = b->data ? strcspn(b->data, "\n") : 0;

	if (!b->data)
		return "absent";
	if (n > 60 || n < b->len)
		return "other contents";
	memcpy(out, b->data, n);
	out[n] = '\0';
	return out;
}

static int left_alone(const struct step *s, const char *now, struct txn_result *res)
{
	CLEANUP_FREE char *what = step_describe(s);
	char before[64];

	if (!what)
		return -ENOMEM;
	if (s->type == STEP_FILE || s->type == STEP_BLOCK)
		return strv_addf(&res->lines, "%s: %s since: left as it is", what,
				 strcmp(now, absent) == 0 ? "removed" : "edited");
	return strv_addf(&res->lines, "%s: is now %s: left as it is (it was %s before)",
			 what, now, one_line_of(&s->before, before));
}

/* Read S back: a value may be clamped or dropped silently. */
static int check_took(const struct root *r, const struct step *s, const struct blob *want,
		      struct err *e)
{
	char wanted[64], got[64];
	struct blob now;
	int err = step_now(r, s, &now, e);

	if (err < 0)
		return err;
	if (!blob_eq(&now, want))
		err = err_set(e, -EIO, "%s: did not take: wrote %s, reads %s", s->target,
			      one_line_of(want, wanted), one_line_of(&now, got));
	blob_clear(&now);
	return err;
}

/* Undo one step. 0 done or nothing to do, 1 left alone, -errno. */
static int undo_step(const struct root *r, const struct step *s, bool force,
		     struct txn_result *res, struct err *e)
{
	CLEANUP_FREE char *what = NULL;
	struct err now = { "" };
	int err;

	err = step_clean(r, s, e);
	if (err < 0)
		return err;
	switch (txn_step_is(r, s, &now)) {
	case STEP_IS_BEFORE:
		return step_sync(r, s, e);
	case STEP_IS_UNREACHABLE:
		what = step_describe(s);
		return strv_addf(&res->lines,
				 "%s: keeps its live value until the next boot",
				 what ? what : "");
	case STEP_IS_UNREADABLE:
		return err_set(e, -EIO, "%s", now.msg);
	case STEP_IS_OTHER:
		if (!force) {
			err = left_alone(s, now.msg, res);
			return err < 0 ? err : 1;
		}
		break;
	case STEP_IS_AFTER:
		break;
	}
	err = step_put(r, s, &s->before, e);
	return err < 0 ? err : check_took(r, s, &s->before, e);
}

/* The first N steps, last one first. The number left alone, or the first error (the rest
 * is tried all the same: the more is back, the better). */
static int undo(const struct root *r, const struct plan *p, size_t n, bool force,
		struct txn_result *res, struct err *e)
{
	int left = 0, error = 0;

	while (n--) {
		struct err why = { "" };
		int err = undo_step(r, &p->v[n], force, res, &why);

		if (err < 0 && !error) {
			error = err;
			err_set(e, err, "%s", why.msg);
		}
		left += err > 0;
	}
	return error ? error : left;
}

/* Those made for files that are gone now; what somebody else has put there keeps them. */
static int undo_folders(const struct root *r, const struct strv *folders, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = folders->n; i-- > 0 && !err;)
		err = root_rmdir(r, folders->v[i], e);
	return err;
}

static int compare_before(const struct root *r, const struct step *s, struct err *e)
{
	CLEANUP_FREE char *what = step_describe(s);
	struct blob now;
	bool same;
	int err = step_now(r, s, &now, e);

	if (err < 0)
		return err;
	same = blob_eq(&now, &s->before);
	blob_clear(&now);
	return same ? 0
		    : err_set(e, -ESTALE,
			      "%s: changed while the plan was made: run the command "
			      "again",
			      what ? what : s->target);
}

static int do_step(const struct root *r, const struct step *s, struct err *e)
{
	int err = step_put(r, s, &s->after, e);

	return err < 0 ? err : check_took(r, s, &s->after, e);
}

static int do_steps(const struct root *r, const struct plan *p, const struct held *held,
		    size_t *done, struct err *e)
{
	int err = 0, came;

	for (*done = 0; *done < p->n && !err;) {
		came = signal_came(held);
		if (came)
			return err_set(e, -EINTR, "interrupted by signal %d (%s)", came,
				       strsignal(came));
		err = compare_before(r, &p->v[*done], e);
		/* Counted before it is tried: a step that failed may have done half. */
		if (!err)
			err = do_step(r, &p->v[(*done)++], e);
	}
	came = err ? 0 : signal_came(held);
	return came ? err_set(e, -EINTR, "interrupted by signal %d (%s)", came,
			      strsignal(came))
		    : err;
}

const struct txn_record *txn_first(const struct txn_log *l)
{
	const struct txn_record *conflict = NULL;
	size_t i;

	for (i = l->n; i-- > 0;) {
		if (txn_is_unfinished(&l->v[i]))
			return &l->v[i];
		if (!conflict && l->v[i].state == TXN_CONFLICT)
			conflict = &l->v[i];
	}
	return conflict;
}

bool txn_is_at_work(const struct root *r, const struct txn_log *l)
{
	const struct txn_record *t = txn_first(l), *again;
	struct txn_log now;
	bool moved;

	if (!t || !txn_is_unfinished(t))
		return false;
	if (state_is_locked(r))
		return true;
	/* Nobody's now: what still says so was left by one that has died. */
	if (state_read(r, &now, NULL) < 0)
		return false;
	again = txn_first(&now);
	moved = !again || again->id != t->id || again->state != t->state;
	state_clear(&now);
	return moved;
}

bool txn_is_covered(const struct txn_log *l, size_t at, const struct step *s)
{
	size_t i, k;

	for (i = at + 1; i < l->n; i++)
		for (k = 0; txn_is_open(&l->v[i]) && k < l->v[i].plan.n; k++) {
			const struct step *newer = &l->v[i].plan.v[k];

			if (newer->type == s->type &&
			    strcmp(newer->target, s->target) == 0)
				return true;
		}
	return false;
}

char *txn_command(const struct root *r, const char *words)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	str_add(&text, "uringprep ");
	if (*root_prefix(r)) {
		str_add(&text, "--root ");
		str_add_word(&text, root_prefix(r));
		str_addc(&text, ' ');
	}
	str_add(&text, words);
	return str_take(&text);
}

char *txn_revert_command(const struct root *r, unsigned id)
{
	CLEANUP_FREE char *words = str_format("revert %u", id);

	return words ? txn_command(r, words) : NULL;
}

int txn_refuse(const struct root *r, const struct txn_log *l, struct err *e)
{
	const struct txn_record *t = txn_first(l);
	CLEANUP_FREE char *command = t ? txn_revert_command(r, t->id) : NULL;

	if (!t)
		return 0;
	if (txn_is_unfinished(t))
		return err_set(e, -EBUSY,
			       "transaction %u (%s) was cut off half-way: run: %s", t->id,
			       t->plan.title, command ? command : "uringprep revert");
	return err_set(
		e, -EBUSY,
		"transaction %u (%s) was undone but for somebody else's changes: run: "
		"%s --force (overwrite them) or --keep (leave them)",
		t->id, t->plan.title, command ? command : "uringprep revert");
}

static enum txn_outcome roll_back(const struct root *r, const struct plan *p,
				  const struct strv *folders, size_t done,
				  struct txn_result *res, struct err *e)
{
	CLEANUP_FREE char *command = NULL;
	struct err why = { "" };
	int left = 0;

	/* What the last step came to is ours, whatever it reads now (a clamped value): it
	 * was as planned just before, under our lock. */
	if (done)
		left = undo_step(r, &p->v[done - 1], true, res, &why);
	if (left == 0 && done)
		left = undo(r, p, done - 1, false, res, &why);
	/* For the history; that it cannot be written is no failure of the roll back. */
	if (left == 0)
		state_why(r, res->id, e->msg, NULL);
	if (left == 0)
		left = undo_folders(r, folders, &why);
	if (left == 0)
		left = state_set(r, res->id, TXN_APPLYING, TXN_ROLLED_BACK, &why);
	if (left == 0) {
		err_wrap(e, 0, "rolled back, nothing is changed");
		return TXN_UNCHANGED;
	}
	command = txn_revert_command(r, res->id);
	err_wrap(e, 0, "transaction %u is half done (%s): run: %s", res->id,
		 left < 0 ? why.msg : res->lines.v[0],
		 command ? command : "uringprep revert");
	return TXN_CHANGED;
}

/* 0, or a refusal. */
static int may_begin(const struct root *r, unsigned id, struct err *e)
{
	struct txn_log log;
	unsigned next;
	int err = state_read(r, &log, e);

	if (err < 0)
		return err;
	next = state_next_id(&log);
	err = txn_refuse(r, &log, e);
	state_clear(&log);
	if (!err && next != id)
		err = err_set(e, -ESTALE,
			      "transaction %u came between: run the command again",
			      next - 1);
	return err;
}

static int find_folders(const struct root *r, const struct plan *p, struct strv *folders,
			struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; i < p->n && !err; i++) {
		err = step_folders(r, &p->v[i], folders);
		if (err < 0)
			err_set(e, err, "%s%s: cannot look for its folder: %s",
				root_prefix(r), p->v[i].target, strerror(-err));
	}
	return err;
}

enum txn_outcome txn_apply(const struct root *r, const struct plan *p, unsigned id,
			   struct txn_result *res, struct err *e)
{
	CLEANUP(cleanup_held) struct held held;
	CLEANUP(cleanup_strv) struct strv folders = { NULL, 0 };
	CLEANUP_CLOSE int lock = -1;
	size_t done;
	int err;

	*res = (struct txn_result){ .id = id };
	hold_signals(&held);
	if (!p->n)
		return TXN_DONE;
	lock = state_lock(r, e);
	if (lock < 0)
		return lock == -EWOULDBLOCK ? TXN_REFUSED : TXN_UNCHANGED;
	err = may_begin(r, id, e);
	for (done = 0; done < p->n && !err; done++)
		err = compare_before(r, &p->v[done], e);
	if (err < 0)
		return err == -EBUSY || err == -ESTALE ? TXN_REFUSED : TXN_UNCHANGED;
	if (find_folders(r, p, &folders, e) < 0 || state_begin(r, id, p, &folders, e) < 0)
		return TXN_UNCHANGED;
	err = do_steps(r, p, &held, &done, e);
	if (!err)
		err = state_set(r, id, TXN_APPLYING, TXN_APPLIED, e);
	return err < 0 ? roll_back(r, p, &folders, done, res, e) : TXN_DONE;
}

/* The newest open one; KIND NULL: of any kind. */
static const struct txn_record *newest(const struct txn_log *l, const char *kind)
{
	size_t i;

	for (i = l->n; i-- > 0;)
		if (txn_is_open(&l->v[i]) && (!kind || strcmp(l->v[i].kind, kind) == 0))
			return &l->v[i];
	return NULL;
}

static int choose_newest(const struct txn_log *l, const struct txn_record **out,
			 struct err *e)
{
	const struct txn_record *top = newest(l, NULL), *other;
	size_t i;

	*out = top;
	for (i = 0; i < l->n; i++) {
		other = &l->v[i];
		if (!txn_is_open(other) || strcmp(other->kind, top->kind) == 0)
			continue;
		other = newest(l, other->kind);
		return err_set(
			e, -ENOTUNIQ,
			"several are open: %u (%s) and %u (%s): say which, or --all",
			top->id, top->plan.title, other->id, other->plan.title);
	}
	return 0;
}

int txn_choose(const struct txn_log *l, unsigned id, const struct txn_record **out,
	       struct err *e)
{
	const struct txn_record *cut = txn_first(l), *t = NULL, *top;
	size_t i;

	*out = cut;
	if (!id)
		return cut ? 0 : choose_newest(l, out, e);
	for (i = 0; i < l->n; i++)
		if (l->v[i].id == id)
			t = &l->v[i];
	*out = t;
	if (!t)
		return err_set(
			e, -ENOENT,
			"transaction %u: there is none: see: uringprep status --all", id);
	if (cut && cut != t)
		return err_set(e, -EBUSY,
			       "transaction %u (%s) comes first: it was %s: revert %u",
			       cut->id, cut->plan.title,
			       txn_is_unfinished(cut)
				       ? "cut off half-way"
				       : "undone but for somebody's changes",
			       cut->id);
	top = newest(l, t->kind);
	if (t->state == TXN_APPLIED && top != t)
		return err_set(e, -EBUSY,
			       "transaction %u lies under %u (%s): revert %u first", id,
			       top->id, top->plan.title, top->id);
	if (t->state == TXN_REVERTED || t->state == TXN_ROLLED_BACK)
		*out = NULL;
	return 0;
}

/* The log as it is now, under the lock, still says that T is the one to undo. */
static int still_chosen(const struct root *r, const struct txn_record *t, struct err *e)
{
	const struct txn_record *again;
	struct txn_log log;
	int err = state_read(r, &log, e);

	if (err < 0)
		return err;
	err = txn_choose(&log, t->id, &again, e);
	if (!err && (!again || again->state != t->state))
		err = err_set(e, -ESTALE,
			      "transaction %u was changed by another run: run the "
			      "command again",
			      t->id);
	state_clear(&log);
	return err;
}

enum txn_outcome txn_revert(const struct root *r, const struct txn_record *t,
			    enum txn_others others, struct txn_result *res, struct err *e)
{
	CLEANUP_FREE char *command = txn_revert_command(r, t->id);
	CLEANUP(cleanup_held) struct held held;
	CLEANUP_CLOSE int lock = -1;
	int left, err;

	*res = (struct txn_result){ .id = t->id };
	hold_signals(&held);
	lock = state_lock(r, e);
	if (lock < 0)
		return lock == -EWOULDBLOCK ? TXN_REFUSED : TXN_UNCHANGED;
	err = still_chosen(r, t, e);
	if (err < 0)
		return err == -EBUSY || err == -ESTALE ? TXN_REFUSED : TXN_UNCHANGED;
	err = t->state == TXN_REVERTING ? 0
					: state_set(r, t->id, t->state, TXN_REVERTING, e);
	if (err < 0)
		return err == -ESTALE ? TXN_REFUSED : TXN_UNCHANGED;
	left = undo(r, &t->plan, t->plan.n, others == TXN_OVERWRITE, res, e);
	if (left >= 0 && undo_folders(r, &t->folders, e) < 0)
		left = -EIO;
	if (left >= 0)
		err = state_set(r, t->id, TXN_REVERTING,
				left && others != TXN_KEEP ? TXN_CONFLICT : TXN_REVERTED,
				e);
	if (left < 0 || err < 0) {
		err_wrap(e, 0, "transaction %u is half undone: mend this, then run: %s",
			 t->id, command ? command : "uringprep revert");
		return TXN_CHANGED;
	}
	res->conflicts = (size_t)left;
	return left && others != TXN_KEEP ? TXN_CONFLICTS : TXN_DONE;
}
