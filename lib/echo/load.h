/* load: a closed loop of connections that send messages and compare every byte that comes
 * back with what was sent. Its own threads, on epoll. */
#ifndef ECHO_LOAD_H
#define ECHO_LOAD_H

#include "base/err.h"
#include "echo/hist.h"

#include <stddef.h>
#include <stdint.h>

struct load_opts {
	uint16_t port;	      /* on 127.0.0.1 */
	unsigned connections; /* at least threads */
	unsigned threads;
	size_t message;	   /* bytes, 1 to 16 MiB */
	uint64_t messages; /* of each connection; 0: until load_finish */
	int cpu;	   /* the threads' only one; -1: any */
	int stall_ms;	   /* waiting so long without an answer is an error; 0: 5000 */
};

struct load_result {
	struct hist
		latency; /* ns, of messages that came back in the window. A message's time
				begins when the one before it was back: no stall is hidden */
	uint64_t messages; /* that came back, ever */
	uint64_t bytes_checked;
	double per_s; /* messages a second, in the window */
	/* Mean number of messages under way in the window: the measured times of those
	 * that came back in it, by its length. By the law of Little that is the number of
	 * connections, but for the edges: of a message that began before the window all
	 * its time is counted, of one that ends after it none (stats_little_holds). */
	double under_way;
	double window_s; /* the shortest that a thread saw */
	double busy;	 /* mean share of the window that a thread was on a CPU: 0..1 */
};

struct load;

/* Connect and begin. Connections are numbered from 0 in the order they are made. */
int load_start(struct load **out, const struct load_opts *o, struct err *e);
/* Begin and end to count latencies. Each at most once. */
void load_open_window(struct load *l);
void load_close_window(struct load *l);
/* Messages under way come back (with opts.messages: all of them), then each connection
 * says it has ended and waits for the server to end, too. Frees L, also on failure:
 * -EBADMSG a wrong byte ("connection 3: byte 10000000: ..."), -ECONNRESET a connection
 * that ended early, -ETIMEDOUT no answer. OUT holds what was measured until then. */
int load_finish(struct load *l, struct load_result *out, struct err *e);

#endif
