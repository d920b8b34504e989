#include "change/state.h"

#include "base/cleanup.h"
#include "change/fields.h"
#include "change/journal.h"
#include "host/boot_files.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const state_names[] = {
	[TXN_APPLYING] = "applying",	   [TXN_APPLIED] = "applied",
	[TXN_REVERTING] = "reverting",	   [TXN_REVERTED] = "reverted",
	[TXN_ROLLED_BACK] = "rolled_back", [TXN_CONFLICT] = "conflict",
};

const char *txn_state_name(enum txn_state s)
{
	return state_names[s];
}

bool txn_is_open(const struct txn_record *t)
{
	return t->state == TXN_APPLIED;
}

bool txn_is_unfinished(const struct txn_record *t)
{
	return t->state == TXN_APPLYING || t->state == TXN_REVERTING;
}

void txn_path(unsigned id, const char *file, char out[128])
{
	snprintf(out, 128, TXN_DIR "/%04u%s%s", id, file ? "/" : "", file ? file : "");
}

/* WIDTH bytes: the word, and the time where there is room for it. */
static void state_text(enum txn_state s, const char *when, size_t width,
		       char out[STATE_WIDTH + 1])
{
	if (width == STATE_WIDTH)
		snprintf(out, STATE_WIDTH + 1, "%-*s%-*.*s\n", STATE_WORD, state_names[s],
			 STATE_WIDTH - STATE_WORD - 1, STATE_WIDTH - STATE_WORD - 1,
			 when);
	else
		snprintf(out, STATE_WIDTH + 1, "%-*s\n", STATE_WORD - 1, state_names[s]);
}

/* "applied", blanks up to the column of the time, which may be missing. */
int state_parse(const char *text, size_t len, enum txn_state *out, char **when)
{
	CLEANUP_FREE char *time = NULL;
	char want[STATE_WIDTH + 1];
	size_t i;

	if (len != STATE_WORD && len != STATE_WIDTH)
		return -EINVAL;
	if (len == STATE_WIDTH) {
		time = strndup(text + STATE_WORD, STATE_WIDTH - STATE_WORD - 1);
		if (!time)
			return -ENOMEM;
	}
	for (i = 0; i < ARRAY_SIZE(state_names); i++) {
		state_text((enum txn_state)i, time, len, want);
		if (strlen(want) != len || memcmp(text, want, len) != 0)
			continue;
		*out = (enum txn_state)i;
		if (when)
			*when = TAKE_PTR(time);
		return 0;
	}
	return -EINVAL;
}

/* Writing */

static void put_blob(json_object *o, const char *key, const struct blob *b)
{
	json_object_object_add(o, key,
			       b->data ? json_object_new_string_len(b->data, (int)b->len)
				       : NULL);
}

/* What any user may read, its folders included. Its copy must not say more than that. */
static bool is_public(const struct root *r, const char *path)
{
	CLEANUP_FREE char *real = NULL;
	struct stat st;
	char *slash;

	if (root_resolve(r, path, &real) < 0 || root_stat(r, real, &st) < 0 ||
	    !(st.st_mode & S_IROTH))
		return false;
	while ((slash = strrchr(real, '/')) && slash > real) {
		*slash = '\0';
		if (root_stat(r, real, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

static int save_blob(const struct root *r, unsigned id, size_t at, const char *what,
		     const struct blob *b, mode_t mode, json_object *step, struct err *e)
{
	char name[64], path[128];

	snprintf(name, sizeof(name), "%zu.%s", at, what);
	put_text(step, what, b->data ? name : NULL);
	if (!b->data)
		return 0;
	txn_path(id, name, path);
	return root_replace(r, path, b->data, b->len, mode, e);
}

static int save_step(const struct root *r, unsigned id, size_t at, const struct step *s,
		     json_object *o, struct err *e)
{
	mode_t mode = s->mode, copy = s->mode & S_IROTH ? 0644 : 0600;
	struct stat st;
	int err;

	/* What replaces a file keeps its mode; what is put back after a removal has it
	 * from here. */
	if (s->type == STEP_FILE && s->before.data) {
		if (root_stat(r, s->target, &st) == 0)
			mode = st.st_mode & 07777;
		copy = is_public(r, s->target) ? 0644 : 0600;
	}
	put_text(o, "type", step_type_name(s->type));
	put_text(o, "target", s->target);
	json_object_object_add(o, "mode", json_object_new_int((int)mode));
	if (s->type != STEP_FILE) {
		put_blob(o, "before", &s->before);
		put_blob(o, "after", &s->after);
		return 0;
	}
	err = save_blob(r, id, at, "before", &s->before, copy, o, e);
	return err < 0 ? err : save_blob(r, id, at, "after", &s->after, copy, o, e);
}

static void save_predicted(const struct plan *p, json_object *o)
{
	json_object *list = json_object_new_array();
	size_t i;

	put_text(o, "boot_id", p->boot_id);
	json_object_object_add(o, "predicted", list);
	for (i = 0; i < p->n_predicted; i++) {
		json_object *one = json_object_new_object();

		put_text(one, "key", p->predicted[i].key);
		put_text(one, "value", p->predicted[i].value);
		put_text(one, "by", p->predicted[i].by);
		json_object_array_add(list, one);
	}
}

static int save_plan(const struct root *r, unsigned id, const struct plan *p,
		     const struct strv *folders, json_object *o, struct err *e)
{
	json_object *steps = json_object_new_array(), *made = json_object_new_array();
	char path[128], now[CLOCK_TEXT];
	const char *text;
	size_t i;
	int err;

	clock_utc(now);
	put_text(o, "schema", TXN_SCHEMA "1");
	json_object_object_add(o, "id", json_object_new_int((int)id));
	put_text(o, "kind", p->kind);
	put_text(o, "title", p->title);
	put_text(o, "subject", p->subject);
	put_text(o, "created", now);
	json_object_object_add(o, "live", json_object_new_boolean(root_is_live(r)));
	save_predicted(p, o);
	json_object_object_add(o, "folders", made);
	for (i = 0; i < folders->n; i++)
		json_object_array_add(made, json_object_new_string(folders->v[i]));
	json_object_object_add(o, "steps", steps);
	for (i = 0; i < p->n; i++) {
		json_object *step = json_object_new_object();

		json_object_array_add(steps, step);
		err = save_step(r, id, i, &p->v[i], step, e);
		if (err < 0)
			return err;
	}
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	if (!text)
		return err_set(e, -ENOMEM, "out of memory");
	txn_path(id, "plan.json", path);
	return root_replace(r, path, text, strlen(text), 0644, e);
}

/* Left by a run that was killed before its transaction began. */
static int sweep(const struct root *r, unsigned id, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	char dir[128], path[512];
	size_t i;
	int err;

	txn_path(id, NULL, dir);
	err = root_list(r, dir, &names);
	if (err == -ENOENT)
		return root_mkdirs(r, dir, 0755, e);
	if (err < 0)
		return err_set(e, err, "%s%s: cannot read: %s", root_prefix(r), dir,
			       strerror(-err));
	/* `state`, the last by name, goes first: without it the rest is nothing. */
	for (i = names.n; i-- > 0;) {
		snprintf(path, sizeof(path), "%s/%s", dir, names.v[i]);
		err = root_remove(r, path, e);
		if (err < 0)
			return err;
	}
	return 0;
}

int state_begin(const struct root *r, unsigned id, const struct plan *p,
		const struct strv *folders, struct err *e)
{
	json_object *o;
	char path[128], text[STATE_WIDTH + 1], now[CLOCK_TEXT];
	int err = sweep(r, id, e);

	if (err < 0)
		return err;
	o = json_object_new_object();
	err = save_plan(r, id, p, folders, o, e);
	json_object_put(o);
	if (err < 0) {
		sweep(r, id, NULL);
		return err;
	}
	txn_path(id, "state", path);
	clock_utc(now);
	state_text(TXN_APPLYING, now, STATE_WIDTH, text);
	err = root_replace(r, path, text, STATE_WIDTH, 0644, e);
	if (err < 0)
		sweep(r, id, NULL);
	return err;
}

int state_set(const struct root *r, unsigned id, enum txn_state from, enum txn_state to,
	      struct err *e)
{
	char path[128], after[STATE_WIDTH + 1], now[CLOCK_TEXT];
	CLEANUP_FREE char *before = NULL;
	enum txn_state is = from;
	size_t len;
	int err;

	txn_path(id, "state", path);
	err = root_read(r, path, STATE_WIDTH, &before, &len);
	if (!err)
		err = state_parse(before, len, &is, NULL);
	if (err < 0)
		return err_set(e, err, "%s%s: cannot read: %s", root_prefix(r), path,
			       strerror(-err));
	if (is != from)
		return err_set(e, -ESTALE,
			       "%s%s: changed since it was read: run the command again",
			       root_prefix(r), path);
	clock_utc(now);
	state_text(to, now, len, after);
	return root_patch(r, path, before, after, len, e);
}

int state_why(const struct root *r, unsigned id, const char *why, struct err *e)
{
	size_t n = strlen(why);
	char path[128];

	txn_path(id, "why", path);
	return root_replace(r, path, why, n < MAX_WHY ? n : MAX_WHY, 0644, e);
}

/* May others than root write to our folder? */
static int is_ours(const struct root *r, struct err *e)
{
	struct stat st;
	int err = root_stat(r, STATE_DIR, &st);

	if (err < 0)
		return err_set(e, err, "%s" STATE_DIR ": cannot read: %s", root_prefix(r),
			       strerror(-err));
	if (root_is_live(r) &&
	    ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022)))
		return err_set(e, -EPERM,
			       STATE_DIR
			       ": others than root may write there: look through it, "
			       "then run: chown root " STATE_DIR
			       " && chmod go-w " STATE_DIR);
	return 0;
}

int state_lock(const struct root *r, struct err *e)
{
	int err = root_mkdirs(r, TXN_DIR, 0755, e);

	if (!err)
		err = is_ours(r, e);
	return err < 0 ? err : lock_take(r, STATE_DIR "/lock", e);
}

bool state_is_locked(const struct root *r)
{
	return lock_is_held(r, STATE_DIR "/lock");
}

unsigned state_next_id(const struct txn_log *l)
{
	unsigned last = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].id > last)
			last = l->v[i].id;
	return last + 1;
}

const struct step *state_base(const struct txn_log *l, const char *kind,
			      enum step_type type, const char *target)
{
	size_t i, k;

	for (i = 0; i < l->n; i++) {
		const struct plan *p = &l->v[i].plan;

		if (!txn_is_open(&l->v[i]) || strcmp(p->kind, kind) != 0)
			continue;
		for (k = 0; k < p->n; k++)
			if (p->v[k].type == type && strcmp(p->v[k].target, target) == 0)
				return &p->v[k];
	}
	return NULL;
}

const struct txn_record *state_left_by(const struct txn_log *l, const char *text)
{
	unsigned id;
	size_t i;

	if (sscanf(text, "# transaction %u,", &id) != 1)
		return NULL;
	for (i = 0; i < l->n; i++)
		if (l->v[i].id == id && l->v[i].state == TXN_REVERTED)
			return &l->v[i];
	return NULL;
}
