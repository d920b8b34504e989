/* server: an engine in a thread of its own. */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include "base/err.h"
#include "echo/engine.h"

struct server;

/* Listens on a free port of 127.0.0.1; returns when the engine can serve, or with why it
 * cannot. CPU: the thread's only one; -1: any. */
int server_start(struct server **out, const struct engine *engine, unsigned lacks,
		 int cpu, struct err *e);
uint16_t server_port(const struct server *s);
/* Have the engine note what it has used so far; the first and the second of these bound a
 * window. -ETIMEDOUT: it did not within half a second, as an idle one does not. */
int server_mark(struct server *s);
/* End it; frees S. What it noted, and all its counters, are in RUN (may be NULL). */
int server_stop(struct server *s, struct engine_run *run, struct err *e);

#endif
