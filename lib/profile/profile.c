#include "profile/profile.h"

#include "base/cleanup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void profile_clear(struct profile *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].where);
	for (i = 0; i < p->n_needs; i++) {
		free(p->needs[i].word);
		free(p->needs[i].where);
	}
	for (i = 0; i < LIMIT_COUNT; i++)
		free(p->limits[i].where);
	for (i = 0; i < p->n_sources; i++) {
		free(p->sources[i].name);
		free(p->sources[i].file);
		free(p->sources[i].by);
	}
	free(p->v);
	free(p->needs);
	free(p->sources);
	free(p->name);
	free(p->summary);
	strv_clear(&p->units);
	*p = (struct profile){ 0 };
}

const struct setting *profile_setting(const struct profile *p, size_t k)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i].tunable == &tunables[k])
			return &p->v[i];
	return NULL;
}

bool profile_has_limits(const struct profile *p)
{
	size_t i;

	for (i = 0; i < LIMIT_COUNT; i++)
		if (p->limits[i].where)
			return true;
	return false;
}

bool setting_is_met(const struct setting *s, const struct tunable_value *have)
{
	switch (s->rule) {
	case SETTING_RAISE:
		return have->v[0] >= s->value.v[0];
	case SETTING_LOWER:
		return have->v[0] <= s->value.v[0];
	case SETTING_EXACT:
		break;
	}
	return tunable_value_eq(have, &s->value);
}

bool setting_is_met_without(const struct setting *s)
{
	return s->tunable == &tunables[TUNABLE_IO_URING_DISABLED] &&
	       s->rule == SETTING_LOWER;
}

char *setting_text(const struct setting *s)
{
	CLEANUP_FREE char *value = tunable_text(&s->value);

	return value ? str_format("%s%s",
				  s->rule == SETTING_RAISE   ? "at least "
				  : s->rule == SETTING_LOWER ? "at most "
							     : "",
				  value)
		     : NULL;
}

char *limit_text(const struct limit_setting *l)
{
	return l->value == UINT64_MAX ? strdup("unlimited")
				      : str_format("%" PRIu64, l->value);
}

const char *limit_name(enum profile_limit k)
{
	return k == LIMIT_MEMLOCK ? "memlock" : "nofile";
}
