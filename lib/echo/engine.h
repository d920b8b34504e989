/* engine: echo servers that differ in how they ask the kernel; one thread each.
 *
 * Each sends back every byte in order, whatever the peer does: short sends, a half-close
 * with bytes unsent, resets, a peer that does not read (what is kept for it is bounded,
 * then it is not read from), no descriptor left for a new connection. */
#ifndef ECHO_ENGINE_H
#define ECHO_ENGINE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

/* For tests, on a kernel that has these: do without, as on an older one. */
enum engine_lack {
	ENGINE_LACK_BUFFER_RING = 1, /* before 5.19 */
	ENGINE_LACK_INCREMENTAL = 2, /* before 6.12 */
	ENGINE_LACK_FAST_SETUP = 4,  /* before 5.18: no set-up flags */
	ENGINE_LACK_MULTISHOT = 8,   /* 5.19: rings of buffers, no multishot recv */
};

struct engine_counters {
	uint64_t calls;	   /* system calls made */
	uint64_t accepted; /* connections */
	uint64_t dropped;  /* of these: ended by an error */
	uint64_t starved;  /* receives that found no buffer */
	uint64_t copied; /* bytes kept apart because the peer did not take them at once */
	uint64_t kept_max; /* most bytes kept for one connection */
};

/* What was used up to one moment. */
struct engine_mark {
	struct engine_counters counters;
	struct rusage usage; /* of the engine's thread */
	int64_t at_ns;	     /* CLOCK_MONOTONIC */
};

#define ENGINE_MARKS 2

struct engine_run {
	int listen_fd; /* lent, not blocking */
	int stop_fd;   /* lent; readable: end */
	unsigned lacks;
	/* May be NULL. Called in the engine's thread once it can serve (the ring is there);
	 * < 0: do not, and say so. */
	int (*ready)(struct engine_run *run);
	void *data; /* READY's */

	struct engine_counters counters;
	/* Somebody else raises MARKS_WANTED; the engine takes the next mark in its own
	 * thread and raises MARKS_TAKEN. Both through __atomic. */
	unsigned marks_wanted, marks_taken;
	struct engine_mark marks[ENGINE_MARKS];
};

struct engine {
	const char *name;
	const char *summary; /* one line */
	/* 0, or with the reason: -EPERM: denied; -EOPNOTSUPP: this kernel's is too old;
	 * any other -errno: asking failed. */
	int (*available)(struct err *e);
	/* Serve until stop_fd is readable. */
	int (*serve)(struct engine_run *run, struct err *e);
};

#define ENGINES(X) X(uring) X(uring_basic) X(epoll)

#define X(name) extern const struct engine engine_##name;
ENGINES(X)
#undef X

/* NULL: there is none of that name. */
const struct engine *engine_find(const char *name);

/* Called by engines when they can serve. */
int engine_ready(struct engine_run *run);

/* Called by engines once a turn: takes a mark when one is wanted. */
void engine_turn(struct engine_run *run);

/* A socket that listens on 127.0.0.1:PORT (0: any; *PORT says which), with TCP_NODELAY,
 * which accepted sockets inherit. >= 0 or -errno. */
int engine_listen(uint16_t *port, struct err *e);

#endif
