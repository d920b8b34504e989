/* files: our own files, and those that an open transaction left. */
#include "profile/internal.h"

#include "base/cleanup.h"
#include "host/files.h"

#include <errno.h>
#include <string.h>

static const char first_word[] = "# transaction ";

/* Behind the first line, which names the transaction. */
static const char *body_of(const struct blob *b)
{
	const char *nl = b->data ? strchr(b->data, '\n') : NULL;

	return nl ? nl + 1 : NULL;
}

static const struct profile_file *known(const struct settle *x, const char *path)
{
	size_t i;

	for (i = 0; i < x->base->n_files; i++)
		if (strcmp(x->base->files[i].path, path) == 0)
			return &x->base->files[i];
	return NULL;
}

/* As it is now; one that is ours but that no journal explains is refused. */
static int read_now(const struct settle *x, const char *path, struct blob *now,
		    struct err *e)
{
	int err = host_file(x->h, path, &now->data, &now->len, e);

	if (err < 0 && err != -ENOENT)
		return err;
	if (!err && !known(x, path) && str_has_prefix(now->data, first_word) &&
	    !(x->base->is_left && x->base->is_left(x->base->log, now->data)))
		return err_set(e, -EEXIST,
			       "%s: is ours (\"%.*s\"), but the journal does not know "
			       "it: is /var mounted? If the journal is lost for good, "
			       "remove this file",
			       path, (int)strcspn(now->data, "\n"), now->data);
	return 0;
}

static int plan_one(struct settle *x, const char *path, const struct blob *now,
		    const char *body, struct step **out)
{
	static const char note[] = "# Written whole by uringprep: put lines of your own "
				   "into another file.\n";
	const struct profile_file *old = known(x, path);
	struct blob after = old ? *old->before : (struct blob){ NULL, 0 };
	CLEANUP(cleanup_str) struct str text = STR_INIT;

	if (body) {
		str_addf(&text, "%s%u, profile %s; undo: uringprep revert %u\n%s%s",
			 first_word, x->id, x->p->name, x->id, note, body);
		if (text.oom)
			return -ENOMEM;
		after = (struct blob){ text.s, text.len };
		/* What differs in the transaction's number alone is not written again. */
		if (old && now->data && str_has_prefix(now->data, first_word) &&
		    str_eq(body_of(now), body_of(&after)))
			return 0;
	} else if (!old) {
		return 0;
	}
	return plan_file(x->out, path, now, &after, 0644, out);
}

int settle_file(struct settle *x, const char *path, const char *body, struct step **out,
		struct err *e)
{
	struct blob now = { NULL, 0 };
	int err = read_now(x, path, &now, e);

	if (out)
		*out = NULL;
	if (!err &&
	    (strv_add(&x->wanted, path) < 0 || plan_one(x, path, &now, body, out) < 0))
		err = err_set(e, -ENOMEM, "out of memory");
	blob_clear(&now);
	return err;
}

int settle_old_files(struct settle *x, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; i < x->base->n_files && !err; i++)
		if (!strv_has(&x->wanted, x->base->files[i].path))
			err = settle_file(x, x->base->files[i].path, NULL, NULL, e);
	return err;
}
