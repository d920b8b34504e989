/* A profile of any bytes: refused with a place, or loaded; and what is loaded, written out
 * value by value, loads as the same. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "profile/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"[main]\nsummary=Servers\ninclude=server,-other\n\n[sysctl]\n# "
	"why\nnet.core.somaxconn=>1024\n",
	"[sysctl]\nvm.swappiness=\"10\"\nfs/aio-max-nr = >1048576\nkernel.panic=<5 # s\n",
	"[limits]\nmemlock=64M\nnofile=65536\nunits=nginx redis.service, web@1\n",
	"[limits]\nmemlock=unlimited\n[require]\nuring=network\nneeds=op:accept "
	"multishot_recv,feat:fast_poll\n",
	"[require]\nuring=none\n[main]\ninclude=fuzz\n",
	"[sysctl]\nvm.swappiness=1\n  2\n[sysctl]\nvm.swappiness=2 ; x\n",
	"",
	NULL,
};

static int read_draft(const char *text, struct profile *p, struct problems *found)
{
	/* No files, as after host_new. */
	const struct host h = { .n_profiles = 0 };
	const struct profile_draft draft = { "fuzz", "dir/fuzz.conf", text };
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct err e = { "" };

	if (strv_add(&names, "fuzz") < 0)
		return -1;
	return profile_read(p, &h, &names, &draft, found, &e);
}

static char *write_out(const struct profile *p)
{
	static const char *const signs[] = { "", ">", "<" };
	CLEANUP(cleanup_str) struct str out = STR_INIT;
	size_t i;

	str_add(&out, "[sysctl]\n");
	for (i = 0; i < p->n; i++) {
		CLEANUP_FREE char *value = tunable_text(&p->v[i].value);

		str_addf(&out, "%s=%s%s\n", p->v[i].tunable->key, signs[p->v[i].rule],
			 value ? value : "?");
	}
	str_add(&out, "[limits]\n");
	for (i = 0; i < LIMIT_COUNT; i++) {
		CLEANUP_FREE char *value = limit_text(&p->limits[i]);

		if (p->limits[i].where)
			str_addf(&out, "%s=%s\n", limit_name((enum profile_limit)i),
				 value ? value : "?");
	}
	for (i = 0; i < p->units.n; i++)
		str_addf(&out, "%s%s", i ? " " : "units=", p->units.v[i]);
	str_add(&out, "\n[require]\n");
	if (p->uring != PROFILE_URING_ANY)
		str_addf(&out, "uring=%s\n", uring_level_name(p->level));
	for (i = 0; i < p->n_needs; i++)
		str_addf(&out, "%s%s", i ? "," : "needs=", p->needs[i].word);
	str_addc(&out, '\n');
	return str_take(&out);
}

static const char *places(const struct problems *found)
{
	size_t i;

	for (i = 0; i < found->n; i++) {
		const struct problem *v = &found->v[i];

		if (!v->file[0] || !v->line || !v->column || !v->text[0])
			return "a problem without a place or a reason";
	}
	return NULL;
}

/* The settings of TEXT, written out; NULL: it is refused. */
static char *settings_of(const char *text, const char **complaint)
{
	CLEANUP(cleanup_profile) struct profile p = { .name = NULL };
	CLEANUP(cleanup_problems) struct problems found = { NULL, 0 };

	if (read_draft(text, &p, &found) < 0) {
		*complaint = "not read at all";
		return NULL;
	}
	*complaint = places(&found);
	return problems_error(&found) ? NULL : write_out(&p);
}

const char *fuzz_one(const char *data, size_t len)
{
	const char *complaint = NULL;
	CLEANUP_FREE char *once = NULL, *twice = NULL;

	(void)len; /* a draft is a text: up to its first NUL */
	once = settings_of(data, &complaint);
	if (complaint || !once)
		return complaint;
	twice = settings_of(once, &complaint);
	if (complaint)
		return complaint;
	if (!twice)
		return "what was loaded, written out, is refused";
	return strcmp(once, twice) == 0 ? NULL
					: "written out, it loads as something else";
}
