/* profile: what a host is wanted to be, in tuned.conf's words, and the plan that gets it
 * there. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include "base/err.h"
#include "base/str.h"
#include "change/plan.h"
#include "host/tunables.h"
#include "uring/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

/* A file that was read, or the text of one. */
struct profile_source {
	char *name; /* "server" */
	char *file; /* "/etc/uringprep/profiles/server.conf"; in the binary "server.conf" */
	char *by;   /* "mine.conf:2", which includes it; NULL: asked for */
	bool built_in;
	const char *text; /* lent by the host */
};

/* Where a word stands. */
struct profile_place {
	const char *file;      /* lent by a source; NULL: nowhere */
	unsigned line, column; /* from 1; 0: the whole file */
};

enum setting_rule {
	SETTING_EXACT,
	SETTING_RAISE, /* ">N": only if the host's own value is smaller */
	SETTING_LOWER, /* "<N": only if it is larger */
};

struct setting {
	const struct tunable *tunable;
	enum setting_rule rule; /* RAISE and LOWER: for single numbers only */
	struct tunable_value value;
	char *where;		 /* "server.conf:12" */
	struct profile_place at; /* the value */
};

/* What [require] uring= says of io_uring. */
enum profile_uring {
	PROFILE_URING_ANY,   /* nothing */
	PROFILE_URING_NONE,  /* it must be denied: lockdown */
	PROFILE_URING_LEVEL, /* at least `level` */
};

/* What a process may have, and not the host: for logins in limits.d, for the units named
 * in a drop-in each. */
enum profile_limit { LIMIT_MEMLOCK, LIMIT_NOFILE, LIMIT_COUNT };

struct limit_setting {
	uint64_t value; /* bytes, or descriptors; UINT64_MAX: unlimited */
	char *where;	/* NULL: the profile sets no such limit */
	struct profile_place at;
};

/* A word of [require] beyond uring=: "op:accept", as `probe --require` takes it. */
struct profile_need {
	char *word, *where;
	struct profile_place at;
};

struct problems;

struct profile {
	char *name;			/* as asked for: "server", "server mine" */
	char *summary;			/* of the last one */
	struct profile_source *sources; /* each before what it includes */
	size_t n_sources;
	enum profile_uring uring;
	enum uring_level level;
	struct profile_place level_at; /* of uring= */
	struct profile_need *needs;
	size_t n_needs;
	struct setting *v;
	size_t n;
	struct limit_setting limits[LIMIT_COUNT];
	struct strv units; /* "nginx.service" */
	struct profile_place units_at;
};

/* NAMES in order, a later one's lines winning: each from /etc/uringprep/profiles, else from
 * those in the binary. Includes are merged, the includer's lines winning. -ENOENT (the
 * message lists the names there are), -EINVAL (no name at all) or -EBADMSG with
 * file:line:column of the first mistake. Needs HOST_PROFILES. */
int profile_load(struct profile *out, const struct host *h, const struct strv *names,
		 struct err *e);

/* A text that is to stand where /etc/uringprep/profiles/NAME.conf would. */
struct profile_draft {
	const char *name, *file, *text;
};

/* The same, but all mistakes go to FOUND, and OUT is what could be understood. DRAFT may be
 * NULL. */
int profile_read(struct profile *out, const struct host *h, const struct strv *names,
		 const struct profile_draft *draft, struct problems *found,
		 struct err *e);
void profile_clear(struct profile *p);

/* Does [limits] set any? */
bool profile_has_limits(const struct profile *p);

/* The names there are, sorted. */
int profile_names(const struct host *h, struct strv *out);

/* The setting of tunable K; NULL: the profile has none. */
const struct setting *profile_setting(const struct profile *p, size_t k);
/* Does a host that has HAVE satisfy it? */
bool setting_is_met(const struct setting *s, const struct tunable_value *have);
/* "1048576", "unlimited"; the caller's to free; NULL: no memory. */
char *limit_text(const struct limit_setting *l);
const char *limit_name(enum profile_limit k); /* "memlock" */
/* Is it met by a kernel that lacks the key? One without kernel.io_uring_disabled is as one
 * that has it at 0. */
bool setting_is_met_without(const struct setting *s);
/* "at least 4096", "at most 10", "4096 131072 6291456"; the caller's to free; NULL: no
 * memory. */
char *setting_text(const struct setting *s);

static inline void cleanup_profile(struct profile *p)
{
	profile_clear(p);
}

/* A file that open transactions wrote, and what it held before them. Lent. */
struct profile_file {
	const char *path;
	const struct blob *before;
};

/* What there was before any of our open transactions. */
struct profile_base {
	struct profile_file *files;
	size_t n_files;
	const char *sysctl[TUNABLE_COUNT]; /* lent; NULL: not changed by us */
	/* What our own file and our steps say of it since, as we wrote it; lent; NULL:
	 * nothing. */
	const char *wrote[TUNABLE_COUNT];
	const char *active; /* subject of the newest open transaction; NULL: none */
	const struct txn_log *log; /* lent */
	/* Is TEXT, a file of ours, what an undone transaction of LOG left? NULL: none is. */
	bool (*is_left)(const struct txn_log *log, const char *text);
};

/* What a person adds to the profiles' words. */
struct profile_ask {
	/* Keys that may be loosened (--accept): "kernel.io_uring_disabled", or
	 * "kernel.io_uring_disabled=0" for more than the narrowest value. */
	const struct strv *accept; /* NULL: none */
	bool only_useful; /* leave out what the host shows no need of (--only-useful) */
};

/* Host × profile → steps: our files, live values where the host is live, and keys and files
 * that only the profile before had, back to what they were. ID: the transaction's, named
 * in the files. Needs HOST_TUNABLES and HOST_URING, and HOST_LIMITS where live. -ENOTSUP: this
 * kernel has not what the profile sets; -EEXIST: a file is ours, and BASE does not know it;
 * -EINVAL: an --accept that is for nothing here. */
int profile_plan(const struct host *h, const struct profile *p,
		 const struct profile_base *base, const struct profile_ask *ask,
		 unsigned id, struct plan *out, struct err *e);

#endif
