#include "profile.h"

#include "base/cleanup.h"
#include "file.h"
#include "host/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int profile_word_read(struct profile_word *out, const char *word, struct err *e)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
	size_t n = strlen(name);
	int err = 0;

	*out = (struct profile_word){ NULL };
	out->is_file = slash || str_has_suffix(word, ".conf");
	if (out->is_file && str_has_suffix(name, ".conf"))
		n -= strlen(".conf");
	out->name = strndup(name, n);
	if (!out->name)
		return err_set(e, -ENOMEM, "out of memory");
	if (out->is_file)
		err = file_read(word, &out->text, e);
	out->draft = (struct profile_draft){ out->name, word, out->text };
	return err;
}

int profile_word_load(const struct profile_word *w, const struct host *h,
		      struct profile *out, struct problems *found, struct err *e)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };

	if (strv_add(&names, w->name) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return profile_read(out, h, &names, w->is_file ? &w->draft : NULL, found, e);
}

void profile_word_clear(struct profile_word *w)
{
	free(w->name);
	free(w->text);
	*w = (struct profile_word){ NULL };
}

int profile_failed(int err)
{
	return err == -ENOENT || err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

const char *profile_uring_word(const struct profile *p)
{
	return p->uring == PROFILE_URING_ANY ? NULL : uring_level_name(p->level);
}
