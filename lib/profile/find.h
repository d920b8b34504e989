/* find: where a profile's text comes from. */
#ifndef PROFILE_FIND_H
#define PROFILE_FIND_H

#include "profile/profile.h"

/* Letters, digits, . _ and -, beginning with a letter, a digit or _. */
bool profile_is_name(const char *name);

/* Those of /etc (or a draft in their place) go before those in the binary. */
enum profile_tier { TIER_ETC, TIER_BINARY, TIER_COUNT };

struct profile_found {
	const char *text; /* lent; NULL: it cannot be read */
	size_t len;
	char *file; /* the caller's to free */
	int error;  /* why it cannot be read */
};

/* 1, 0 there is none, or -ENOMEM. */
int profile_find(const struct host *h, const struct profile_draft *draft,
		 const char *name, enum profile_tier tier, struct profile_found *out);
/* "there is none; there are a, b"; the caller's to free; NULL: no memory. */
char *profile_no_such(const struct host *h);

#endif
