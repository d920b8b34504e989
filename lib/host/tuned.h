/* tuned: profiles of tuned's, looked up and merged as tuned does it, with what becomes of
 * every line. What tuned would run or match to know a value is not done: such a line is
 * marked. */
#ifndef HOST_TUNED_H
#define HOST_TUNED_H

#include "base/err.h"
#include "base/str.h"
#include "parse/tuned_conf.h"

#include <stdbool.h>
#include <stddef.h>

struct root;

enum tuned_fate {
	TUNED_STANDS,	 /* tuned goes by it */
	TUNED_COVERED,	 /* line `by` gives the same key another value */
	TUNED_TAKEN_OUT, /* by a replace= or drop= */
	TUNED_OFF,	 /* its section is switched off: enabled= */
	TUNED_IF,	 /* only where the regular expression of line `by` matches */
};

struct tuned_entry {
	struct tuned_option o; /* the value as it stands there */
	size_t file;	       /* in files */
	/* The plugin that its section is for: "sysctl" also of [sysctl.arm] with
	 * type=sysctl. NULL: [main] and [variables] are for none. Lent. */
	const char *type;
	enum tuned_fate fate;
	size_t by;	 /* in v; where fate is not TUNED_STANDS */
	bool of_section; /* type=, enabled= and the like: tuned's own, not the plugin's */
	char *value; /* unquoted, variables put in; NULL: it cannot be told from here */
	char *unfollowed; /* of an include=: why not; NULL: it was */
};

struct tuned_file {
	char *name, *path; /* the profile's, the file's */
	size_t first;	   /* of its lines, in v */
};

struct tuned_profile {
	struct tuned_file *files; /* included ones before their includers */
	size_t n_files;
	struct tuned_entry *v; /* by file, then by line */
	size_t n;
	struct strv seen;  /* paths that are read, or about to be */
	struct strv types; /* what `type` points to */
};

/* Read a profile and what it includes. -ENOENT: there is none; -EINVAL: tuned cannot read
 * it either; else why not. An include that fails only marks its line. */
int tuned_add(struct tuned_profile *p, const struct root *r, const char *name,
	      struct err *e);
/* The same of a text that was read already, from PATH. */
int tuned_add_text(struct tuned_profile *p, const struct root *r, const char *name,
		   const char *path, const char *text, struct err *e);
/* When all are added: which lines stand, and their values. 0 or -ENOMEM. */
int tuned_merge(struct tuned_profile *p);
void tuned_clear(struct tuned_profile *p);

/* "path:line" of line I; the caller's to free; NULL: no memory. */
char *tuned_where(const struct tuned_profile *p, size_t i);
/* Names of the profiles that tuned finds, sorted. 0 or -ENOMEM. */
int tuned_names(const struct root *r, struct strv *names);

static inline void cleanup_tuned(struct tuned_profile *p)
{
	tuned_clear(p);
}

#endif
