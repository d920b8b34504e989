/* facts: what is not a file (uname, io_uring, limits, live sysctls), from a recording
 * instead of the kernel. Never from inside the tree: an image must not lie about its host. */
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

#endif
