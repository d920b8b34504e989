/* tunables: what a sysctl may be and how its use on this host is measured. */
#ifndef HOST_TUNABLES_H
#define HOST_TUNABLES_H

#include <stdbool.h>
#include <stdint.h>

struct host;

/* Does this host show a need of a larger (or whatever is asked for) value? */
enum tunable_need {
	TUNABLE_UNKNOWN,   /* nothing here tells */
	TUNABLE_NEEDED,	   /* counters show it */
	TUNABLE_NOT_SHOWN, /* counters show no need */
	TUNABLE_NO_EFFECT, /* it can do nothing here: no swap device, say */
};

struct tunable_use {
	enum tunable_need need;
	char *text; /* one sentence; the caller's to free; NULL: nothing to go by */
};

enum { TUNABLE_FIELDS = 3 };

/* "10", or several numbers, as net.ipv4.tcp_rmem has. */
struct tunable_value {
	unsigned n;
	uint64_t v[TUNABLE_FIELDS];
};

struct tunable {
	const char *key;
	const char *what;  /* one line */
	const char *unit;  /* of the numbers: "requests", "seconds"; "" : none */
	unsigned fields;   /* how many numbers */
	uint64_t min, max; /* of each number, widest of all kernels */
	/* Mainline before release `until` takes at most `max_before` ("5.8", 100); NULL:
	 * always the same. A vendor's kernel may take more: it is the one that refuses. */
	const char *until;
	uint64_t max_before;
	const char *default_is; /* in words, with the release that changed it */
	/* 0 or -ENOMEM. NULL: there is no way to tell. Needs HOST_SYSCTL. */
	int (*use)(const struct host *h, struct tunable_use *out);
	/* A security switch: what going from FROM to TO opens, in words (static); NULL: it
	 * opens nothing. NULL in a row: no switch. */
	const char *(*opens)(uint64_t from, uint64_t to);
	/* Of a switch whose larger values are the tighter ones: the tightest that opens
	 * anything, which --accept without a value allows. 0: it is not of that kind. */
	uint64_t narrowest;
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

/* TEXT ("10", "4096\t131072 6291456") as a value of T. -EINVAL: not that many numbers;
 * -ERANGE: out of the row's range. */
int tunable_parse(const struct tunable *t, const char *text, struct tunable_value *out);
/* "4096 131072 6291456"; the caller's to free; NULL: no memory. */
char *tunable_text(const struct tunable_value *v);
bool tunable_value_eq(const struct tunable_value *a, const struct tunable_value *b);

#endif
