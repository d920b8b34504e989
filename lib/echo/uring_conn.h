/* uring_conn: a connection of the uring engine, what it has received and not sent yet, and
 * who uses which shared buffer. No requests are made here. */
#ifndef ECHO_URING_CONN_H
#define ECHO_URING_CONN_H

#include "echo/engine_ring.h"
#include "uring/ring.h"

#include <sys/socket.h>
#include <sys/uio.h>

/* More than this kept for a peer that does not read, and it is not received from. Until
 * the kernel has heard of it, what fits the shared buffers (1 MiB) may come on top. */
#define KEEP_MAX (256 * 1024)
#define PIECES 8
#define CHUNK (64 * 1024)

enum {
	KIND_RECV = 1,
	KIND_SEND,
	KIND_SLOW,
	KIND_CANCEL,
};

enum {
	SENT_ALL = -4096,     /* no completion means success */
	SENT_PENDING = -4097, /* a completion will say */
};

struct uring_chunk {
	struct uring_chunk *next;
	uint32_t from, to; /* what of data is to be sent */
	char data[CHUNK];
};

struct uring_conn {
	struct uring_conn *next, **at; /* list of all */
	struct uring_conn *dirty_next, *fly_next, *starve_next;
	int fd;
	bool receiving, paused, cancelling, starved, dirty;
	bool eof;    /* the peer has sent everything */
	bool broken; /* nothing more can be sent */
	bool shut;

	/* Pieces in shared buffers, oldest first; the first FLYING are being sent, and SENT
	 * is how that went. */
	unsigned n, flying;
	int sent;
	struct iovec piece[PIECES];
	uint16_t bid[PIECES];
	struct msghdr msg;

	/* What comes after the pieces: chunks of the connection's own. */
	struct uring_chunk *first, *last;
	size_t kept; /* bytes in them */
	bool slow;   /* the first one is being sent */
};

struct uring_server {
	struct engine_ring er; /* first: what both engines share */
	struct uring_bufs bufs;
	unsigned free_bufs; /* the kernel's */
	uint32_t *refs; /* pieces in each buffer; its lowest bit: the kernel has it too */
	bool one_shot_recv;
	bool quiet_sends; /* a send that went well posts no completion */
	bool urgent;	  /* there is work once the sends just queued have ended */
	struct uring_conn *conns, *flying;
	struct uring_conn *dirty, **dirty_end;
	struct uring_conn *starved, **starved_end;
};

/* NULL: out of memory. */
struct uring_conn *uring_conn_new(struct uring_server *s, int fd);
/* Closes it and lets go of its pieces. */
void uring_conn_free(struct uring_server *s, struct uring_conn *c);

/* A receive brought bytes: keep them as a piece, or apart when pieces are full or older
 * bytes are kept apart. */
void uring_received(struct uring_server *s, struct uring_conn *c,
		    const struct uring_cqe *cqe);
/* The pieces of C are being sent. */
void uring_flying(struct uring_server *s, struct uring_conn *c);
/* All sends of pieces have ended and all completions are read: let go of what was sent,
 * keep the rest apart. */
void uring_land(struct uring_server *s);
/* A send of the first chunk ended with RES. */
void uring_slow_sent(struct uring_conn *c, int res);

/* Lists, in the order they came: to be looked at in this turn; waiting for a buffer. */
void uring_dirty(struct uring_server *s, struct uring_conn *c);
struct uring_conn *uring_undirty(struct uring_server *s);
void uring_starve(struct uring_server *s, struct uring_conn *c);
struct uring_conn *uring_unstarve(struct uring_server *s);

#endif
