/* sockdiag: what the kernel answers when it is asked for the sockets that listen
 * (sock_diag(7)): netlink messages of inet_diag and unix_diag. */
#ifndef PARSE_SOCKDIAG_H
#define PARSE_SOCKDIAG_H

#include <stddef.h>
#include <stdint.h>

struct sock_listener {
	const char *protocol; /* "tcp", "unix", "unix-seqpacket"; static */
	char *address;	      /* "0.0.0.0:80", "[::1]:80", "/run/x.sock", "@abstract" */
	uint32_t inode;	      /* "socket:[INODE]" of /proc/PID/fd */
	uint64_t cookie;      /* no other socket has it */
	uint32_t backlog;     /* what listen() was given, or the cap it met */
	uint32_t queued;      /* connections that wait for accept() now */
};

struct sock_listeners {
	struct sock_listener *v;
	size_t n, room;
};

/* One datagram of the answer to request SEQ, its listeners appended to OUT. 1: it was the
 * last one, 0: more follow, -EBADMSG: no such message, -ENOMEM; else as the kernel says
 * it (-ENOENT: it has no such family, or cannot be asked for it). */
int sockdiag_parse(struct sock_listeners *out, const void *data, size_t len,
		   uint32_t seq);
/* Sort by cookie and drop what a dump, made while sockets came and went, named twice. */
void sockdiag_settle(struct sock_listeners *l);
void sockdiag_clear(struct sock_listeners *l);

static inline void cleanup_sock_listeners(struct sock_listeners *l)
{
	sockdiag_clear(l);
}

#endif
