/* profile: what a host is wanted to be, in tuned.conf's words, and the plan that gets it
 * there. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "base/err.h"
#include "host/tunables.h"
#include "uring/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;
struct plan;

enum setting_rule {
	SETTING_EXACT,
	SETTING_RAISE, /* ">N": only if the host's own value is smaller */
	SETTING_LOWER, /* "<N": only if it is larger */
};

struct setting {
	const struct tunable *tunable;
	enum setting_rule rule;
	uint64_t value;
	char *where; /* "server.conf:12" */
};

/* What [require] uring= says of io_uring. */
enum profile_uring {
	PROFILE_URING_ANY,   /* nothing */
	PROFILE_URING_NONE,  /* it must be denied: lockdown */
	PROFILE_URING_LEVEL, /* at least `level` */
};

struct profile {
	char *name, *summary;
	enum profile_uring uring;
	enum uring_level level;
	struct setting *v;
	size_t n;
};

/* NAME from /etc/uringprep/profiles, else from those in the binary. Includes are merged,
 * the includer's lines winning. -ENOENT (the message lists the names there are), -EINVAL
 * (no name at all) or -EBADMSG with file:line. Needs HOST_PROFILES. */
int profile_load(struct profile *out, const struct host *h, const char *name,
		 struct err *e);
void profile_clear(struct profile *p);

/* The setting of tunable K; NULL: the profile has none. */
const struct setting *profile_setting(const struct profile *p, size_t k);
/* Does a host that has HAVE satisfy it? */
bool setting_is_met(const struct setting *s, uint64_t have);
/* "at least ", "at most " or "": before the value, for messages. */
const char *setting_rule_words(enum setting_rule rule);

static inline void cleanup_profile(struct profile *p)
{
	profile_clear(p);
}

/* What key was before any of our open transactions; NULL value: not changed by us. */
struct profile_base {
	const char *sysctl[TUNABLE_COUNT]; /* lent */
	const char *active; /* subject of the newest open transaction; NULL: none */
};

/* Host × profile → steps: our sysctl.d file, live values where the host is live, and keys
 * that only the profile before set, back to what they were. ID: the transaction's, named
 * in the file. Needs HOST_SYSCTL and HOST_URING. -ENOTSUP: this kernel has not what the
 * profile sets. */
int profile_plan(const struct host *h, const struct profile *p,
		 const struct profile_base *base, unsigned id, struct plan *out,
		 struct err *e);

#endif
