/* tunables: what a sysctl may be and how its use on this host is measured. */
#ifndef HOST_TUNABLES_H
#define HOST_TUNABLES_H

#include <stdint.h>

struct host;

struct tunable {
	const char *key;
	const char *what;  /* one line */
	uint64_t min, max; /* widest of all kernels: the running one refuses the rest */
	const char *default_is; /* in words, with the release that changed it */
	/* A sentence on whether this host shows a need of it; NULL: nothing to go by. The
	 * caller's to free. May be NULL. */
	char *(*evidence)(const struct host *h);
};

/* A row each; another key is no tunable of ours. */
#define TUNABLES(X)                                                                      \
	X(AIO_MAX_NR)                                                                    \
	X(SWAPPINESS)                                                                    \
	X(SOMAXCONN)                                                                     \
	X(FILE_MAX)                                                                      \
	X(IO_URING_DISABLED)                                                             \
	X(IO_URING_GROUP)                                                                \
	X(PANIC)

#define X(name) TUNABLE_##name,
enum tunable_index { TUNABLES(X) TUNABLE_COUNT };
#undef X

extern const struct tunable tunables[TUNABLE_COUNT];

/* The row of KEY (dots or slashes); NULL: none. */
const struct tunable *tunable_find(const char *key);

#endif
