#include "change/proofs.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/fields.h"
#include "change/state.h"
#include "host/boot_files.h"
#include "os/clock.h"
#include "os/root.h"

#include <errno.h>
#include <string.h>

#define PROOF_DIR STATE_DIR "/proofs"
#define SCHEMA "uringprep.proof/1"
#define MAX_PROOF (64 * 1024)

int proof_part(struct proof *p, const char *name, const char *value)
{
	struct proof_part *v = realloc(p->v, (p->n + 1) * sizeof(*v)), *part;

	if (!v)
		return -ENOMEM;
	p->v = v;
	part = &v[p->n++];
	*part = (struct proof_part){ strdup(name), value ? strdup(value) : NULL };
	return part->name && (part->value || !value) ? 0 : -ENOMEM;
}

const char *proof_value(const struct proof *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return p->v[i].value;
	return NULL;
}

void proof_clear(struct proof *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].name);
		free(p->v[i].value);
	}
	free(p->v);
	free(p->kind);
	free(p->created);
	free(p->result);
	free(p->text);
	free(p->error);
	*p = (struct proof){ NULL };
}

void proofs_clear(struct proofs *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		proof_clear(&p->v[i]);
	free(p->v);
	*p = (struct proofs){ NULL, 0 };
}

/* The text of P's file; the caller's to free. NULL: no memory. */
static char *written(const struct proof *p)
{
	json_object *o = json_object_new_object(), *parts = json_object_new_object();
	char now[CLOCK_TEXT];
	const char *text;
	char *copy;
	size_t i;

	clock_utc(now);
	put_text(o, "schema", SCHEMA);
	put_text(o, "kind", p->kind);
	put_text(o, "created", now);
	put_text(o, "result", p->result);
	put_text(o, "text", p->text);
	json_object_object_add(o, "fingerprint", parts);
	for (i = 0; i < p->n; i++)
		put_text(parts, p->v[i].name, p->v[i].value);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	copy = text ? str_format("%s\n", text) : NULL;
	json_object_put(o);
	return copy;
}

int proof_keep(const struct root *r, const struct proof *p, struct err *e)
{
	CLEANUP_FREE char *path = str_format(PROOF_DIR "/%s.json", p->kind);
	CLEANUP_FREE char *text = written(p);
	CLEANUP_CLOSE int lock = -1;

	if (!path || !text)
		return err_set(e, -ENOMEM, "out of memory");
	lock = state_lock(r, e);
	return lock < 0 ? lock : root_replace(r, path, text, strlen(text), 0644, e);
}

static int add_parts(struct proof *p, json_object *parts)
{
	int err = 0;

	if (!parts || !json_object_is_type(parts, json_type_object))
		return -EINVAL;
	{
		json_object_object_foreach(parts, name, value)
		{
			if (!err)
				err = proof_part(p, name,
						 value ? json_object_get_string(value)
						       : NULL);
		}
	}
	return err;
}

static int copy(char **out, const char *text)
{
	if (!text)
		return -EINVAL;
	*out = strdup(text);
	return *out ? 0 : -ENOMEM;
}

static int load(const struct root *r, const char *path, struct proof *p)
{
	CLEANUP_FREE char *text = NULL;
	const char *schema;
	json_object *o;
	int err = root_read(r, path, MAX_PROOF, &text, NULL);

	if (err < 0)
		return err;
	o = json_tokener_parse(text);
	schema = get_text(o, "schema");
	err = !schema ? -EINVAL : strcmp(schema, SCHEMA) == 0 ? 0 : -EPROTONOSUPPORT;
	if (!err)
		err = copy(&p->created, get_text(o, "created"));
	if (!err)
		err = copy(&p->result, get_text(o, "result"));
	if (!err)
		err = copy(&p->text, get_text(o, "text"));
	if (!err)
		err = add_parts(p, get(o, "fingerprint"));
	json_object_put(o);
	return err;
}

/* NAME is that of a file in the folder. */
static int append(const struct root *r, const char *name, struct proofs *out)
{
	struct proof *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *p;
	CLEANUP_FREE char *path = str_format(PROOF_DIR "/%s", name);
	int err;

	if (!v || !path) {
		out->v = v ? v : out->v;
		return -ENOMEM;
	}
	out->v = v;
	p = &v[out->n++];
	*p = (struct proof){ .kind = strndup(name, strlen(name) - strlen(".json")) };
	if (!p->kind)
		return -ENOMEM;
	err = load(r, path, p);
	if (err == -ENOMEM || !err)
		return err;
	p->error = err == -EINVAL ? str_format("%s: not a proof", path)
		   : err == -EPROTONOSUPPORT
			   ? str_format("%s: from a newer uringprep", path)
			   : str_format("%s: cannot read: %s", path, strerror(-err));
	return p->error ? 0 : -ENOMEM;
}

int proofs_read(const struct root *r, struct proofs *out, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	size_t i;
	int err = root_list(r, PROOF_DIR, &names);

	*out = (struct proofs){ NULL, 0 };
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return err_set(e, err, "%s" PROOF_DIR ": cannot read: %s", root_prefix(r),
			       strerror(-err));
	for (i = 0; i < names.n && !err; i++)
		if (names.v[i][0] != '.' && str_has_suffix(names.v[i], ".json"))
			err = append(r, names.v[i], out);
	if (err < 0) {
		proofs_clear(out);
		return err_set(e, err, "out of memory");
	}
	return 0;
}
