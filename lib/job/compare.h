/* compare: saved reports and recordings of many hosts, and where they differ. */
#ifndef JOB_COMPARE_H
#define JOB_COMPARE_H

#include "base/err.h"
#include "parse/jsontext.h"

#include <stdbool.h>
#include <stddef.h>

struct compare;

/* ALL: with evidence, counters and explanations. */
int compare_new(struct compare **out, bool all);
void compare_free(struct compare *c);

/* Take in the report TEXT of file NAME (both lent for the call). -EINVAL: it is no report
 * of check or probe and no recording, or a key stands twice; the message names the file.
 * What is refused is not compared: others can be added. */
int compare_add(struct compare *c, const char *name, const char *text, size_t len,
		struct err *e);

/* After all were added: group what is alike. -ENODATA: they have no key in common. */
int compare_run(struct compare *c, struct err *e);

/* Of what kinds the files are: "check/1, probe/1"; more than one: only keys that all of
 * them have were compared. Lent. */
const char *compare_kinds(const struct compare *c);
bool compare_is_mixed(const struct compare *c);
/* The same of the versions of the program that wrote them. */
const char *compare_tools(const struct compare *c);

/* A list has its values joined, as flatten has them. */
struct compare_value {
	enum jsontext_type type; /* JSONTEXT_NULL, too, where the key is not there */
	const char *text;	 /* lent; NULL: it is not there */
};

/* Groups in order of size, the largest first: the norm. */
size_t compare_groups(const struct compare *c);
size_t compare_group_size(const struct compare *c, size_t group);
/* Its Nth file, as compare_add had it; lent. */
const char *compare_group_file(const struct compare *c, size_t group, size_t n);

/* One key where two groups differ. */
struct compare_diff {
	const char *key; /* lent */
	bool is_gate;
	bool unknown; /* something io_uring may offer, and not known of both */
	struct compare_value a, b;
};

/* All differences of two groups, gates first, then facts of io_uring, sysctls, limits, the
 * kernel, the rest; the caller's to free. */
int compare_diff(const struct compare *c, size_t a, size_t b, struct compare_diff **out,
		 size_t *n);

/* The fewest differences from the norm that tell GROUP from each of the first MAX groups,
 * as far as such can; the caller's to free. A is the norm. */
int compare_describe(const struct compare *c, size_t group, size_t max,
		     struct compare_diff **out, size_t *n);

#endif
