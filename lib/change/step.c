#include "change/step.h"

#include "base/cleanup.h"
#include "os/root.h"
#include "parse/block.h"
#include "parse/grubenv.h"
#include "parse/sysctl_d.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)

struct step_ops {
	int (*now)(const struct root *r, const struct step *s, struct blob *now,
		   struct err *e);
	int (*put)(const struct root *r, const struct step *s, const struct blob *want,
		   struct err *e);
};

static int unreadable(const struct root *r, const char *path, int error, struct err *e)
{
	return err_set(e, error, "%s%s: cannot read: %s", root_prefix(r), path,
		       strerror(-error));
}

/* The file at PATH; absent is no error. */
static int read_file(const struct root *r, const char *path, struct blob *out,
		     struct err *e)
{
	int err = root_read(r, path, MAX_FILE, &out->data, &out->len);

	if (err == -ENOENT) {
		*out = (struct blob){ NULL, 0 };
		return 0;
	}
	return err < 0 ? unreadable(r, path, err, e) : 0;
}

static int file_now(const struct root *r, const struct step *s, struct blob *now,
		    struct err *e)
{
	return read_file(r, s->target, now, e);
}

static int file_put(const struct root *r, const struct step *s, const struct blob *want,
		    struct err *e)
{
	if (!want->data)
		return root_remove(r, s->target, e);
	return root_replace(r, s->target, want->data, want->len, s->mode, e);
}

static int sysctl_now(const struct root *r, const struct step *s, struct blob *now,
		      struct err *e)
{
	CLEANUP_FREE char *path = sysctl_proc(s->target);
	int err;

	if (!path)
		return err_set(e, -ENOMEM, "out of memory");
	err = read_file(r, path, now, e);
	if (err < 0 || !now->data)
		return err;
	now->len = strlen(str_squeeze(now->data)); /* the kernel parts numbers by tabs */
	return 0;
}

static int sysctl_put(const struct root *r, const struct step *s, const struct blob *want,
		      struct err *e)
{
	CLEANUP_FREE char *path = sysctl_proc(s->target);

	if (!path)
		return err_set(e, -ENOMEM, "out of memory");
	if (!want->data)
		return err_set(e, -EINVAL, "%s: a live value cannot be removed",
			       s->target);
	return root_write_value(r, path, want->data, e);
}

/* Call FN for each "name=value" or "name" line of TEXT. */
static int each_variable(const char *text,
			 int (*fn)(const char *name, const char *value, void *data,
				   struct err *e),
			 void *data, struct err *e)
{
	const char *cur = text, *line;
	size_t n;
	int err = 0;

	while (!err && (line = str_line(&cur, text + strlen(text), &n))) {
		CLEANUP_FREE char *name = strndup(line, n);
		char *eq = name ? strchr(name, '=') : NULL;

		if (!name)
			return err_set(e, -ENOMEM, "out of memory");
		if (eq)
			*eq++ = '\0';
		err = fn(name, eq, data, e);
	}
	return err;
}

struct env {
	const char *block;
	size_t len;
	struct str *out;
};

static int add_variable(const char *name, const char *value, void *data, struct err *e)
{
	CLEANUP_FREE char *now = NULL;
	struct env *env = data;
	int found = grubenv_get(env->block, env->len, name, &now);

	(void)value;
	if (found < 0)
		return err_set(e, found, "not a GRUB environment block");
	str_addf(env->out, "%s%s%s%s", env->out->len ? "\n" : "", name, found ? "=" : "",
		 found ? now : "");
	return 0;
}

static int grubenv_now(const struct root *r, const struct step *s, struct blob *now,
		       struct err *e)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct blob block = { NULL, 0 };
	struct env env;
	int err = read_file(r, s->target, &block, e);

	if (err < 0)
		return err;
	if (!block.data)
		return unreadable(r, s->target, -ENOENT, e);
	env = (struct env){ block.data, block.len, &text };
	err = each_variable(s->before.data, add_variable, &env, e);
	blob_clear(&block);
	if (err < 0)
		return err_wrap(e, err, "%s%s", root_prefix(r), s->target);
	now->len = text.len;
	now->data = str_take(&text);
	return now->data ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int set_variable(const char *name, const char *value, void *data, struct err *e)
{
	return grubenv_set(data, name, value, e);
}

static int grubenv_put(const struct root *r, const struct step *s,
		       const struct blob *want, struct err *e)
{
	struct blob block = { NULL, 0 };
	char changed[GRUBENV_SIZE];
	int err = read_file(r, s->target, &block, e);

	if (err < 0)
		return err;
	if (block.len != sizeof(changed)) {
		blob_clear(&block);
		return err_set(e, -EINVAL, "%s%s: not %d bytes long", root_prefix(r),
			       s->target, GRUBENV_SIZE);
	}
	memcpy(changed, block.data, sizeof(changed));
	err = each_variable(want->data, set_variable, changed, e);
	if (err < 0)
		err_wrap(e, err, "%s%s", root_prefix(r), s->target);
	else
		err = root_patch(r, s->target, block.data, changed, sizeof(changed), e);
	blob_clear(&block);
	return err;
}

static int bad_marks(const struct root *r, const struct step *s, struct err *e)
{
	return err_set(e, -EINVAL,
		       "%s%s: the marks \"# uringprep begin\" and \"# uringprep end\" do "
		       "not match: mend or remove them by hand",
		       root_prefix(r), s->target);
}

static int block_now(const struct root *r, const struct step *s, struct blob *now,
		     struct err *e)
{
	struct blob file = { NULL, 0 };
	struct block b;
	int err = read_file(r, s->target, &file, e);

	if (err < 0)
		return err;
	err = file.data ? block_find(file.data, &b) : 0;
	if (err == -EINVAL)
		bad_marks(r, s, e);
	else if (err > 0)
		err = blob_set(now, b.from, (size_t)(b.to - b.from));
	blob_clear(&file);
	return err;
}

static int block_write(const struct root *r, const struct step *s,
		       const struct blob *want, struct err *e)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct blob file = { NULL, 0 };
	int keep = read_file(r, s->target, &file, e);

	if (keep < 0)
		return keep;
	keep = block_put(file.data, file.len, want->data, &text);
	blob_clear(&file);
	if (keep == -EINVAL)
		return bad_marks(r, s, e);
	if (keep < 0)
		return err_set(e, keep, "out of memory");
	return keep ? root_replace(r, s->target, str_text(&text), text.len, 0644, e)
		    : root_remove(r, s->target, e);
}

static const struct step_ops ops[] = {
	[STEP_FILE] = { file_now, file_put },
	[STEP_SYSCTL] = { sysctl_now, sysctl_put },
	[STEP_GRUBENV] = { grubenv_now, grubenv_put },
	[STEP_BLOCK] = { block_now, block_write },
};

int step_now(const struct root *r, const struct step *s, struct blob *now, struct err *e)
{
	*now = (struct blob){ NULL, 0 };
	return ops[s->type].now(r, s, now, e);
}

int step_put(const struct root *r, const struct step *s, const struct blob *want,
	     struct err *e)
{
	return ops[s->type].put(r, s, want, e);
}

int step_clean(const struct root *r, const struct step *s, struct err *e)
{
	bool by_rename = s->type == STEP_FILE || s->type == STEP_BLOCK;

	return by_rename ? root_clean(r, s->target, e) : 0;
}

int step_sync(const struct root *r, const struct step *s, struct err *e)
{
	return s->type == STEP_SYSCTL ? 0 : root_sync(r, s->target, e);
}

int step_folders(const struct root *r, const struct step *s, struct strv *folders)
{
	bool makes = s->type == STEP_FILE || s->type == STEP_BLOCK;

	return makes && s->after.data ? root_missing(r, s->target, folders) : 0;
}

char *step_describe(const struct step *s)
{
	switch (s->type) {
	case STEP_GRUBENV:
		return str_format("%.*s in %s", (int)strcspn(s->before.data, "=\n"),
				  s->before.data, s->target);
	case STEP_BLOCK:
		return str_format("our lines in %s", s->target);
	default:
		return strdup(s->target);
	}
}
