#include "profile/find.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "profile/embedded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool profile_is_name(const char *name)
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
				     "Z0123456789._-";

	return *name && *name != '.' && *name != '-' && !name[strspn(name, others)];
}

static int found(struct profile_found *out, const char *text, size_t len,
		 const char *file, int error)
{
	*out = (struct profile_found){ text, len, str_format("%s", file), error };
	return out->file ? 1 : -ENOMEM;
}

static int find_etc(const struct host *h, const struct profile_draft *draft,
		    const char *name, struct profile_found *out)
{
	size_t i;

	if (draft && strcmp(draft->name, name) == 0)
		return found(out, draft->text, strlen(draft->text), draft->file, 0);
	for (i = 0; i < h->n_profiles; i++) {
		const struct host_profile *p = &h->profiles[i];

		if (strcmp(p->name, name) == 0)
			return found(out, p->text, p->len, p->path, p->error);
	}
	return 0;
}

int profile_find(const struct host *h, const struct profile_draft *draft,
		 const char *name, enum profile_tier tier, struct profile_found *out)
{
	size_t i;

	if (tier == TIER_ETC)
		return find_etc(h, draft, name, out);
	for (i = 0; i < embedded_profiles_n; i++) {
		const struct embedded *p = &embedded_profiles[i];
		CLEANUP_FREE char *file = NULL;

		if (strcmp(p->name, name) != 0)
			continue;
		file = str_format("%s.conf", p->name);
		return file ? found(out, p->text, p->len, file, 0) : -ENOMEM;
	}
	return 0;
}

int profile_names(const struct host *h, struct strv *out)
{
	int err = 0;
	size_t i;

	for (i = 0; i < embedded_profiles_n && !err; i++)
		err = strv_add(out, embedded_profiles[i].name);
	for (i = 0; i < h->n_profiles && !err; i++)
		if (!strv_has(out, h->profiles[i].name))
			err = strv_add(out, h->profiles[i].name);
	strv_sort(out);
	return err;
}

char *profile_no_such(const struct host *h)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	CLEANUP_FREE char *all = NULL;

	if (profile_names(h, &names) < 0)
		return NULL;
	all = strv_join(&names, ", ");
	return all ? str_format("there is none; there are %s", all) : NULL;
}
