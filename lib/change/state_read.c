/* The journal, read defensively: what a transaction changed is not known where it cannot be
 * understood. */
#include "change/state.h"

#include "base/cleanup.h"
#include "change/fields.h"
#include "change/journal.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

	if (!schema || !str_has_prefix(schema, TXN_SCHEMA))
		return -EINVAL;
	if (strcmp(schema, TXN_SCHEMA "1") != 0)
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
	err = state_parse(state, len, &t->state, &t->changed);
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
