/* listeners: sockets whose backlog was fixed by an old net.core.somaxconn, who holds them,
 * and what makes them listen anew. The cap is read at listen(2) alone. Nothing is restarted
 * here.
 *
 * Seen are TCP (MPTCP among it) and AF_UNIX sockets of our own network namespace: another
 * one has its own somaxconn. Other families that listen (SCTP, vsock) are left out. */
#ifndef HOST_LISTENERS_H
#define HOST_LISTENERS_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the cap was (of several changes, each), and what it is or will be. */
struct backlog_ask {
	const uint64_t *caps;
	size_t n_caps;
	uint64_t now;
};

/* Alike sockets (SO_REUSEPORT's) are one row. Texts are NULL where not known. */
struct host_listener {
	char *socket; /* "tcp 0.0.0.0:80", "unix /run/x.sock" */
	unsigned sockets;
	uint32_t backlog, inode;
	pid_t pid;     /* of a process that holds it; 0: none is seen */
	char *program; /* its name */
	char *unit;    /* "nginx.service", "sshd.socket", "docker-4f.scope" */
	char *restart; /* the command that makes it listen anew; NULL: see note */
	char *note;
	bool by_systemd; /* process 1, systemd, holds it */
	bool shared;	 /* and another process, too */
};

struct host_listeners {
	struct host_listener
		*v; /* those that keep an old backlog; with a command first */
	size_t n;
	size_t asked_less; /* that listen with less than each cap was: their own wish */
	struct strv
		unasked; /* sentences: families that the kernel could not be asked for */
};

/* Those that the old cap may have cut (they have exactly as much), or that have more than
 * the new one lets through. 0 or -ENOMEM. */
int host_listeners_read(struct host_listeners *out, const struct backlog_ask *ask,
			struct err *e);
void host_listeners_clear(struct host_listeners *l);

static inline void cleanup_host_listeners(struct host_listeners *l)
{
	host_listeners_clear(l);
}

#endif
