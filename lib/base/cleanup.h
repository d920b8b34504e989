/* cleanup: what frees itself at the end of its scope (a gcc attribute, also in 4.8). */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define CLEANUP_FREE CLEANUP(cleanup_free)
#define CLEANUP_CLOSE CLEANUP(cleanup_close)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Hand a pointer on and forget it here, so that its cleanup does nothing. */
#define TAKE_PTR(p)                                                                      \
	({                                                                               \
		__typeof__(p) taken_ = (p);                                              \
		(p) = NULL;                                                              \
		taken_;                                                                  \
	})

/* The same for a descriptor. */
#define TAKE_FD(fd)                                                                      \
	({                                                                               \
		int taken_ = (fd);                                                       \
		(fd) = -1;                                                               \
		taken_;                                                                  \
	})

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* Not retried on EINTR: on Linux the descriptor is gone either way (close(2)). */
static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
