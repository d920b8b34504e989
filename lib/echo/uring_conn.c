#include "uring_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_HAS_IT 1u
#define PIECE 2u

struct uring_conn *uring_conn_new(struct uring_server *s, int fd)
{
	struct uring_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	c->next = s->conns;
	c->at = &s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	return c;
}

/* One user of a buffer less; the last one gives it back. */
static void let_go(struct uring_server *s, unsigned bid, uint32_t what)
{
	s->refs[bid] -= what;
	if (s->refs[bid])
		return;
	uring_bufs_give(&s->bufs, bid);
	uring_bufs_publish(&s->bufs);
	s->free_bufs++;
}

void uring_conn_free(struct uring_server *s, struct uring_conn *c)
{
	unsigned i;

	if (c->broken)
		s->er.run->counters.dropped++;
	if (s->bufs.ring)
		for (i = 0; i < c->n; i++)
			let_go(s, c->bid[i], PIECE);
	while (c->first) {
		struct uring_chunk *k = c->first;

		c->first = k->next;
		free(k);
	}
	s->er.run->counters.calls++;
	close(c->fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	free(c);
}

/* Copy to the connection's own chunks. */
static void keep(struct uring_server *s, struct uring_conn *c, const char *data,
		 size_t len)
{
	while (len) {
		struct uring_chunk *k = c->last;
		size_t room = k ? CHUNK - k->to : 0, n = len < room ? len : room;

		if (!room) {
			k = malloc(sizeof(*k));
			if (!k) {
				c->broken = true; /* better no echo than a wrong one */
				return;
			}
			k->next = NULL;
			k->from = k->to = 0;
			if (c->last)
				c->last->next = k;
			else
				c->first = k;
			c->last = k;
			continue;
		}
		memcpy(k->data + k->to, data, n);
		k->to += (uint32_t)n;
		data += n;
		len -= n;
		c->kept += n;
		s->er.run->counters.copied += n;
	}
	if (c->kept > s->er.run->counters.kept_max)
		s->er.run->counters.kept_max = c->kept;
}

/* True when the bytes follow the last piece in memory and were added to it. */
static bool grow_piece(struct uring_conn *c, const char *data, size_t len, unsigned bid)
{
	struct iovec *last = &c->piece[c->n - 1];

	if (c->n == c->flying || c->bid[c->n - 1] != bid ||
	    (char *)last->iov_base + last->iov_len != data)
		return false;
	last->iov_len += len;
	return true;
}

void uring_received(struct uring_server *s, struct uring_conn *c,
		    const struct uring_cqe *cqe)
{
	size_t len = cqe->res > 0 ? (size_t)cqe->res : 0;
	unsigned bid;
	bool more;
	char *data = uring_bufs_take(&s->bufs, cqe, &bid, &more);

	s->refs[bid] |= KERNEL_HAS_IT;
	if (c->broken || !len) {
		;
	} else if (c->first || (c->n == PIECES && !grow_piece(c, data, len, bid))) {
		keep(s, c, data, len);
	} else if (c->n < PIECES && (!c->n || !grow_piece(c, data, len, bid))) {
		c->piece[c->n].iov_base = data;
		c->piece[c->n].iov_len = len;
		c->bid[c->n++] = (uint16_t)bid;
		s->refs[bid] += PIECE;
	}
	if (!more) {
		s->free_bufs--;
		let_go(s, bid, KERNEL_HAS_IT);
	}
	uring_dirty(s, c);
}

void uring_flying(struct uring_server *s, struct uring_conn *c)
{
	c->fly_next = s->flying;
	s->flying = c;
}

/* Bytes of the pieces that were sent; < 0: the connection is broken. */
static ssize_t sent_bytes(const struct uring_conn *c)
{
	ssize_t all = 0;
	unsigned i;

	if (c->sent == -EAGAIN || c->sent == -EINTR || c->sent == -ECANCELED)
		return 0;
	if (c->sent != SENT_ALL)
		return c->sent;
	for (i = 0; i < c->flying; i++)
		all += (ssize_t)c->piece[i].iov_len;
	return all;
}

/* What was not sent goes before what was kept since: chunks hold later bytes. */
static void keep_unsent(struct uring_server *s, struct uring_conn *c, size_t sent)
{
	struct uring_chunk *first = c->first, *last = c->last;
	unsigned i;

	c->first = c->last = NULL;
	for (i = 0; i < c->n; i++) {
		size_t len = c->piece[i].iov_len, skip = sent < len ? sent : len;

		sent -= skip;
		keep(s, c, (char *)c->piece[i].iov_base + skip, len - skip);
	}
	if (c->last) {
		c->last->next = first;
		c->last = first ? last : c->last;
	} else {
		c->first = first;
		c->last = last;
	}
}

static void land(struct uring_server *s, struct uring_conn *c)
{
	ssize_t sent = sent_bytes(c);
	size_t all = 0;
	unsigned i, done = c->flying;

	for (i = 0; i < c->flying; i++)
		all += c->piece[i].iov_len;
	c->flying = 0;
	if (sent < 0) {
		c->broken = true;
		done = c->n;
	} else if ((size_t)sent < all) {
		keep_unsent(s, c, (size_t)sent);
		done = c->n;
	}
	for (i = 0; i < done; i++)
		let_go(s, c->bid[i], PIECE);
	c->n -= done;
	memmove(c->piece, c->piece + done, c->n * sizeof(c->piece[0]));
	memmove(c->bid, c->bid + done, c->n * sizeof(c->bid[0]));
	if (c->n || c->first || c->broken || c->eof)
		uring_dirty(s, c);
}

void uring_land(struct uring_server *s)
{
	struct uring_conn *still = NULL, *c = s->flying, *next;

	for (; c; c = next) {
		next = c->fly_next;
		if (c->sent == SENT_PENDING) {
			c->fly_next = still;
			still = c;
		} else {
			land(s, c);
		}
	}
	s->flying = still;
}

void uring_slow_sent(struct uring_conn *c, int res)
{
	struct uring_chunk *k = c->first;

	c->slow = false;
	if (res == -EAGAIN || res == -EINTR)
		return;
	if (res < 0) {
		c->broken = true;
		return;
	}
	k->from += (uint32_t)res;
	c->kept -= (size_t)res;
	if (k->from < k->to)
		return;
	c->first = k->next;
	if (!c->first)
		c->last = NULL;
	free(k);
}

void uring_dirty(struct uring_server *s, struct uring_conn *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	c->dirty_next = NULL;
	if (!s->dirty)
		s->dirty_end = &s->dirty;
	*s->dirty_end = c;
	s->dirty_end = &c->dirty_next;
}

struct uring_conn *uring_undirty(struct uring_server *s)
{
	struct uring_conn *c = s->dirty;

	if (c) {
		s->dirty = c->dirty_next;
		c->dirty = false;
	}
	return c;
}

void uring_starve(struct uring_server *s, struct uring_conn *c)
{
	c->starved = true;
	c->starve_next = NULL;
	if (!s->starved)
		s->starved_end = &s->starved;
	*s->starved_end = c;
	s->starved_end = &c->starve_next;
}

struct uring_conn *uring_unstarve(struct uring_server *s)
{
	struct uring_conn *c = s->starved;

	s->starved = c->starve_next;
	c->starved = false;
	return c;
}
