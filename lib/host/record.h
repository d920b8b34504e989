/* record: everything that is no file, as --facts reads it. */
#ifndef HOST_RECORD_H
#define HOST_RECORD_H

#include "base/err.h"

struct host;

/* What a recording needs: to be read by host_need before. */
#define HOST_RECORDABLE                                                                  \
	(HOST_CONFIG | HOST_TUNABLES | HOST_URING_WHOLE | HOST_LIMITS | HOST_SCOPE |     \
	 HOST_CRASH)

/* JSON of schema uringprep.facts/1, the caller's to free. */
int host_recording(const struct host *h, char **out, struct err *e);

#endif
