#include "change/state.h"

#include "base/cleanup.h"
#include "change/fields.h"
#include "host/boot_files.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TXN_DIR STATE_DIR "/txn"
#define MAX_JOURNAL (16 * 1024 * 1024)
#define SCHEMA "uringprep.transaction/"
#define MAX_WHY 1024
/* The word, the time, a newline; what has no time is the word's column alone. */
enum { STATE_WORD = 16, STATE_WIDTH = STATE_WORD + 21 };

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

static void txn_path(unsigned id, const char *file, char out[128])
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
	put_text(o, "schema", SCHEMA "1");
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

/* "applied", blanks up to the column of the time, which may be missing. */
static int parse_state(const char *text, size_t len, enum txn_state *out, char **when)
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
		err = parse_state(before, len, &is, NULL);
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

/* Reading */

/* UNREAD: it is there, and not for us to read. */
static int load_blob(const struct root *r, unsigned id, bool is_file, json_object *step,
		     const char *key, struct blob *out, bool *unread)
{
	json_object *v = get(step, key);
	char path[128];
	int err;

	*out = (struct blob){ NULL, 0 };
	if (!v)
		return 0;
	if (!json_object_is_type(v, json_type_string))
		return -EINVAL;
	if (!is_file)
		return blob_set(out, json_object_get_string(v),
				(size_t)json_object_get_string_len(v));
	if (strchr(json_object_get_string(v), '/'))
		return -EINVAL;
	txn_path(id, json_object_get_string(v), path);
	err = root_read(r, path, MAX_JOURNAL, &out->data, &out->len);
	if (err != -EACCES)
		return err;
	*unread = true;
	return blob_set(out, "", 0);
}

/* Files by their path from the root on, live values by their name. */
static bool is_target(enum step_type type, const char *target)
{
	return type == STEP_SYSCTL ? *target && *target != '/' && !strstr(target, "..")
				   : *target == '/';
}

static int load_step(const struct root *r, unsigned id, json_object *o, struct plan *p)
{
	const char *type = get_text(o, "type"), *target = get_text(o, "target");
	struct blob before = { NULL, 0 }, after = { NULL, 0 };
	int t = type ? step_type_from_name(type) : -EINVAL, err;
	struct step *step = NULL;
	bool hidden = false;

	if (t < 0 || !target || !is_target((enum step_type)t, target))
		return -EINVAL;
	err = load_blob(r, id, t == STEP_FILE, o, "before", &before, &hidden);
	if (!err)
		err = load_blob(r, id, t == STEP_FILE, o, "after", &after, &hidden);
	if (!err && t == STEP_GRUBENV && (!before.data || !after.data))
		err = -EINVAL;
	/* Two that cannot be read look the same, and are not. */
	if (!err && hidden && blob_eq(&before, &after))
		err = blob_set(&after, "?", 1);
	if (!err)
		err = plan_add(p, (enum step_type)t, target, &before, &after,
			       (mode_t)json_object_get_int(get(o, "mode")) & 07777,
			       &step);
	if (step)
		step->unread = hidden;
	blob_clear(&before);
	blob_clear(&after);
	return err;
}

/* A journal of an older version has none. */
static int load_predicted(json_object *o, struct plan *p)
{
	json_object *list = get(o, "predicted");
	const char *boot_id = get_text(o, "boot_id");
	size_t i, n;
	int err = 0;

	if (boot_id && !(p->boot_id = strdup(boot_id)))
		return -ENOMEM;
	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return -EINVAL;
	n = (size_t)json_object_array_length(list);
	for (i = 0; !err && i < n; i++) {
		json_object *one = json_object_array_get_idx(list, (int)i);
		const char *key = json_object_is_type(one, json_type_object)
					  ? get_text(one, "key")
					  : NULL;

		err = key ? plan_predict(p, key, get_text(one, "value"),
					 get_text(one, "by"))
			  : -EINVAL;
	}
	return err;
}

static int load_folders(json_object *list, struct strv *out)
{
	size_t i, n;
	int err = 0;

	if (!list) /* a journal of before there were any */
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return -EINVAL;
	n = (size_t)json_object_array_length(list);
	for (i = 0; i < n && !err; i++) {
		const char *path =
			json_object_get_string(json_object_array_get_idx(list, (int)i));

		err = path && *path == '/' ? strv_add(out, path) : -EINVAL;
	}
	return err;
}

static int load_plan(const struct root *r, json_object *o, struct txn_record *t)
{
	json_object *steps = get(o, "steps");
	const char *kind = get_text(o, "kind"), *created = get_text(o, "created");
	const char *title = get_text(o, "title"), *subject = get_text(o, "subject");
	const char *schema = get_text(o, "schema");
	size_t i, n;
	int err = 0;

	if (!schema || !str_has_prefix(schema, SCHEMA))
		return -EINVAL;
	if (strcmp(schema, SCHEMA "1") != 0)
		return -EPROTONOSUPPORT;
	if (!kind || !created || !steps || !json_object_is_type(steps, json_type_array))
		return -EINVAL;
	t->kind = strdup(kind);
	t->created = strdup(created);
	plan_init(&t->plan, t->kind);
	t->plan.subject = subject ? strdup(subject) : NULL;
	t->live = json_object_get_boolean(get(o, "live"));
	if (!t->kind || !t->created ||
	    plan_set_title(&t->plan, "%s", title ? title : "") < 0)
		return -ENOMEM;
	err = load_predicted(o, &t->plan);
	if (!err)
		err = load_folders(get(o, "folders"), &t->folders);
	n = (size_t)json_object_array_length(steps);
	for (i = 0; !err && i < n; i++)
		err = load_step(r, t->id, json_object_array_get_idx(steps, (int)i),
				&t->plan);
	return err;
}

/* 1: a transaction; 0: a folder that never began; else -errno. */
static int load(const struct root *r, unsigned id, struct txn_record *t)
{
	CLEANUP_FREE char *state = NULL;
	CLEANUP_FREE char *text = NULL;
	char path[128];
	json_object *o;
	size_t len;
	int err;

	t->id = id;
	txn_path(id, "state", path);
	err = root_read(r, path, STATE_WIDTH, &state, &len);
	if (err < 0)
		return err == -ENOENT ? 0 : err;
	err = parse_state(state, len, &t->state, &t->changed);
	txn_path(id, "plan.json", path);
	if (!err)
		err = root_read(r, path, MAX_JOURNAL, &text, NULL);
	if (err < 0)
		return err;
	o = json_tokener_parse(text);
	err = o ? load_plan(r, o, t) : -EINVAL;
	json_object_put(o);
	if (err < 0)
		return err;
	txn_path(id, "why", path); /* a reason that cannot be read is none */
	if (root_read(r, path, MAX_WHY, &t->why, NULL) == -ENOMEM)
		return -ENOMEM;
	return 1;
}

static void record_clear(struct txn_record *t)
{
	plan_clear(&t->plan);
	strv_clear(&t->folders);
	free(t->created);
	free(t->changed);
	free(t->why);
	free(t->kind);
}

void state_clear(struct txn_log *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		record_clear(&l->v[i]);
	free(l->v);
	*l = (struct txn_log){ NULL, 0 };
}

static int append(const struct root *r, unsigned id, struct txn_log *l, struct err *e)
{
	struct txn_record t = { 0 }, *v;
	int found = load(r, id, &t);

	if (found <= 0) {
		record_clear(&t);
		if (found == -EACCES)
			return err_set(e, found,
				       "%s" TXN_DIR "/%04u: cannot read: %s: run it "
				       "as root",
				       root_prefix(r), id, strerror(-found));
		if (found == -EPROTONOSUPPORT)
			return err_set(e, found,
				       "%s" TXN_DIR "/%04u: this journal was written by "
				       "a newer uringprep: use that one",
				       root_prefix(r), id);
		if (found < 0)
			return err_set(
				e, -EIO,
				"%s" TXN_DIR "/%04u: the journal cannot be "
				"read (%s): its originals are in that folder; put them "
				"back by hand, then remove it",
				root_prefix(r), id, strerror(-found));
		return 0;
	}
	v = realloc(l->v, (l->n + 1) * sizeof(*v));
	if (!v) {
		record_clear(&t);
		return err_set(e, -ENOMEM, "out of memory");
	}
	l->v = v;
	l->v[l->n++] = t;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct txn_record *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int state_read(const struct root *r, struct txn_log *out, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct txn_log found = { NULL, 0 };
	uint64_t id;
	size_t i;
	int err = root_list(r, TXN_DIR, &names);

	if (err == -ENOENT)
		err = 0;
	else if (err < 0)
		return err_set(e, err, "%s" TXN_DIR ": cannot read: %s", root_prefix(r),
			       strerror(-err));
	for (i = 0; !err && i < names.n; i++)
		if (str_to_u64(names.v[i], 1, 999999, &id) == 0)
			err = append(r, (unsigned)id, &found, e);
	if (err < 0) {
		state_clear(&found);
		return err;
	}
	if (found.n) /* 10000 is a later one than 9999, whatever their names' bytes say */
		qsort(found.v, found.n, sizeof(*found.v), by_id);
	*out = found;
	return 0;
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
