/* profile: what the commands on profiles do alike. */
#ifndef CMD_PROFILE_H
#define CMD_PROFILE_H

#include "cmd.h"

#include "profile/problem.h"

/* What a word of the command line means: a profile's name; or, with a slash in it or .conf at
 * its end, a file of the caller's. */
struct profile_word {
	char *name, *text; /* owned; TEXT: of a file */
	struct profile_draft draft;
	bool is_file;
};

int profile_word_read(struct profile_word *out, const char *word, struct err *e);
/* All of it, with its mistakes. Needs HOST_PROFILES. -ENOENT and -EINVAL: no such name. */
int profile_word_load(const struct profile_word *w, const struct host *h,
		      struct profile *out, struct problems *found, struct err *e);
void profile_word_clear(struct profile_word *w);

/* Exit code of an -errno from there. */
int profile_failed(int err);

/* What [require] asks of io_uring: "none", "network", NULL. */
const char *profile_uring_word(const struct profile *p);

static inline void cleanup_profile_word(struct profile_word *w)
{
	profile_word_clear(w);
}

#endif
