/* facts: what is not a file (uname, io_uring, limits, live sysctls, where and who), from a
 * recording instead of the kernel. Never from inside the tree: an image must not lie about
 * its host. record.h writes one. */
#ifndef HOST_FACTS_H
#define HOST_FACTS_H

#include "host/host.h"

/* A recorded value ("limits", "nofile_soft"); texts lent, NULL when not recorded. */
const char *facts_text(const struct host *h, const char *section, const char *key);
int64_t facts_i64(const struct host *h, const char *section, const char *key,
		  int64_t none);
bool facts_bool(const struct host *h, const char *section, const char *key);

/* The recording of io_uring's answers. */
void facts_uring(const struct host *h, struct uring_answers *out);
void facts_limits(const struct host *h, struct host_limits *out);
/* 0 or -ENOMEM. Without a recorded scope: a host. */
int facts_scope(struct host *h);
/* Why a tunable has no value: -errno. */
int facts_sysctl_error(const struct host *h, const char *key);
/* Was the running kernel's configuration recorded? PATH (lent) is NULL where none was
 * found. */
bool facts_config(const struct host *h, const char **path, enum kconfig *io_uring);

/* Words of a recording. */
extern const char *const facts_kconfig[KCONFIG_ON + 1];
extern const char *const facts_filter[SUBJECT_FILTER_UNKNOWN + 1];
extern const char *const facts_subject[SUBJECT_UNIT + 1];

#endif
