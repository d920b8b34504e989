#include "parse/sockdiag.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define STATE_LISTEN 10 /* TCP_LISTEN of the kernel's, for AF_UNIX, too */

/* A row for OUT; ADDRESS becomes its own. */
static int add(struct sock_listeners *out, const struct sock_listener *l, char *address)
{
	struct sock_listener *more;

	if (address && out->n == out->room) {
		size_t room = out->room ? out->room * 2 : 64;

		more = realloc(out->v, room * sizeof(*more));
		if (more) {
			out->v = more;
			out->room = room;
		}
	}
	if (!address || out->n == out->room) {
		free(address);
		return -ENOMEM;
	}
	out->v[out->n] = *l;
	out->v[out->n++].address = address;
	return 0;
}

static uint64_t cookie(const uint32_t half[2])
{
	return (uint64_t)half[1] << 32 | half[0];
}

/* "[::1]:80"; a socket that is bound to a device has its number: "[::]%2:80". */
static char *inet_address(const struct inet_diag_msg *m)
{
	const char *before = m->idiag_family == AF_INET6 ? "[" : "";
	const char *behind = m->idiag_family == AF_INET6 ? "]" : "";
	unsigned port = ntohs(m->id.idiag_sport);
	char host[INET6_ADDRSTRLEN];

	if (!inet_ntop(m->idiag_family, m->id.idiag_src, host, sizeof(host)))
		return NULL;
	if (m->id.idiag_if)
		return str_format("%s%s%s%%%u:%u", before, host, behind, m->id.idiag_if,
				  port);
	return str_format("%s%s%s:%u", before, host, behind, port);
}

static int inet_message(struct sock_listeners *out, const char *data, size_t len)
{
	struct sock_listener l = { .protocol = "tcp" };
	struct inet_diag_msg m;

	if (len < sizeof(m))
		return -EBADMSG;
	memcpy(&m, data, sizeof(m));
	if (m.idiag_state != STATE_LISTEN)
		return 0;
	l.inode = m.idiag_inode;
	l.cookie = cookie(m.id.idiag_cookie);
	l.backlog = m.idiag_wqueue;
	l.queued = m.idiag_rqueue;
	return add(out, &l, inet_address(&m));
}

/* A path ends at its NUL; an abstract name begins with one and may have more: '@', as ss
 * shows them. */
static char *unix_address(const char *name, size_t len)
{
	char *text = malloc(len + 1);
	size_t i;

	if (!text)
		return NULL;
	if (len && *name)
		len = strnlen(name, len);
	for (i = 0; i < len; i++)
		text[i] = name[i];
	for (i = 0; i < len; i++)
		if (!text[i])
			text[i] = '@';
	text[len] = '\0';
	return text;
}

/* The attribute TYPE of those at DATA; NULL: there is none. */
static const char *attribute(const char *data, size_t len, uint16_t type, size_t *size)
{
	struct nlattr a;
	size_t step;

	while (len >= sizeof(a)) {
		memcpy(&a, data, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > len)
			return NULL;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*size = a.nla_len - sizeof(a);
			return data + sizeof(a);
		}
		step = (size_t)NLA_ALIGN(a.nla_len);
		if (step >= len)
			return NULL;
		data += step;
		len -= step;
	}
	return NULL;
}

static int unix_message(struct sock_listeners *out, const char *data, size_t len)
{
	struct sock_listener l = { .protocol = "unix" };
	struct unix_diag_rqlen queue;
	const char *name, *lengths;
	struct unix_diag_msg m;
	size_t name_len = 0, size;

	if (len < sizeof(m))
		return -EBADMSG;
	memcpy(&m, data, sizeof(m));
	if (m.udiag_state != STATE_LISTEN)
		return 0;
	data += sizeof(m);
	len -= sizeof(m);
	lengths = attribute(data, len, UNIX_DIAG_RQLEN, &size);
	if (!lengths || size < sizeof(queue))
		return -EBADMSG;
	memcpy(&queue, lengths, sizeof(queue));
	name = attribute(data, len, UNIX_DIAG_NAME, &name_len);
	if (m.udiag_type == SOCK_SEQPACKET)
		l.protocol = "unix-seqpacket";
	l.inode = m.udiag_ino;
	l.cookie = cookie(m.udiag_cookie);
	l.backlog = queue.udiag_wqueue;
	l.queued = queue.udiag_rqueue;
	return add(out, &l, unix_address(name, name_len));
}

static int message(struct sock_listeners *out, const char *data, size_t len)
{
	if (!len)
		return -EBADMSG;
	switch (*data) {
	case AF_INET:
	case AF_INET6:
		return inet_message(out, data, len);
	case AF_UNIX:
		return unix_message(out, data, len);
	}
	return 0;
}

/* The number that an error, and newer kernels' end of a dump, begins with. */
static int32_t status(const char *data, size_t len)
{
	int32_t code = 0;

	if (len >= sizeof(code))
		memcpy(&code, data, sizeof(code));
	return code < 0 && code > -4096 ? code : 0;
}

int sockdiag_parse(struct sock_listeners *out, const void *data, size_t len, uint32_t seq)
{
	const char *at = data;
	struct nlmsghdr h;
	size_t step;
	int err;

	for (; len >= sizeof(h); at += step, len -= step) {
		const char *body = at + sizeof(h);

		memcpy(&h, at, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			return -EBADMSG;
		step = (size_t)NLMSG_ALIGN(h.nlmsg_len);
		step = step < len ? step : len;
		if (h.nlmsg_seq != seq)
			continue;
		h.nlmsg_len -= (uint32_t)sizeof(h);
		err = 0;
		if (h.nlmsg_type == NLMSG_DONE || h.nlmsg_type == NLMSG_ERROR) {
			err = status(body, h.nlmsg_len);
			return err ? err : 1;
		}
		if (h.nlmsg_type == SOCK_DIAG_BY_FAMILY)
			err = message(out, body, h.nlmsg_len);
		if (err)
			return err;
	}
	return len ? -EBADMSG : 0;
}

static int by_cookie(const void *a, const void *b)
{
	const struct sock_listener *x = a, *y = b;

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

void sockdiag_settle(struct sock_listeners *l)
{
	size_t i, kept = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_cookie);
	for (i = 0; i < l->n; i++) {
		if (kept && l->v[kept - 1].cookie == l->v[i].cookie)
			free(l->v[i].address);
		else
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
}

void sockdiag_clear(struct sock_listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].address);
	free(l->v);
	*l = (struct sock_listeners){ NULL };
}
