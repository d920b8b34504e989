#include "os/sockdiag.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ROOM (64 * 1024) /* the kernel makes no longer datagram of a dump */
#define ANSWER_S 5
#define SEQ 1
#define STATE_LISTEN 10

struct request {
	struct nlmsghdr head;
	union {
		struct inet_diag_req_v2 inet;
		struct unix_diag_req unix_;
	} u;
};

static void make_request(int family, struct request *r)
{
	size_t len = family == AF_UNIX ? sizeof(r->u.unix_) : sizeof(r->u.inet);

	memset(r, 0, sizeof(*r));
	r->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(len);
	r->head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	r->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	r->head.nlmsg_seq = SEQ;
	if (family == AF_UNIX) {
		r->u.unix_.sdiag_family = AF_UNIX;
		r->u.unix_.udiag_states = 1U << STATE_LISTEN;
		r->u.unix_.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN;
	} else {
		r->u.inet.sdiag_family = (uint8_t)family;
		r->u.inet.sdiag_protocol = IPPROTO_TCP;
		r->u.inet.idiag_states = 1U << STATE_LISTEN;
	}
}

/* One datagram, of the kernel's; its length. */
static ssize_t receive(int fd, char *buf)
{
	struct sockaddr_nl from;
	socklen_t size;
	ssize_t n;

	do {
		size = sizeof(from);
		n = recvfrom(fd, buf, ROOM, MSG_TRUNC, (struct sockaddr *)&from, &size);
	} while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid));
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return n > ROOM ? -EMSGSIZE : n;
}

static int ask(int family, struct sock_listeners *out)
{
	const struct timeval limit = { ANSWER_S, 0 };
	CLEANUP_FREE char *buf = malloc(ROOM);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	CLEANUP_CLOSE int fd = -1;
	struct request r;
	int said = 0;

	if (!buf)
		return -ENOMEM;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return -errno;
	make_request(family, &r);
	if (sendto(fd, &r, r.head.nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	while (!said) {
		ssize_t n = receive(fd, buf);

		said = n < 0 ? (int)n : sockdiag_parse(out, buf, (size_t)n, SEQ);
	}
	return said < 0 ? said : 0;
}

int sockdiag_listening(int family, struct sock_listeners *out, struct err *e)
{
	const char *what = family == AF_UNIX ? "unix" : "tcp";
	int err = ask(family, out);

	switch (err) {
	case 0:
		return 0;
	case -ENOMEM:
		return err_set(e, err, "out of memory");
	case -ENOENT:
	case -EPROTONOSUPPORT:
		return err_set(e, err,
			       "this kernel cannot be asked for listening %s sockets: it "
			       "has no %s_diag, or may not load it",
			       what, what);
	default:
		return err_set(e, err, "asking for listening %s sockets: %s", what,
			       strerror(-err));
	}
}
