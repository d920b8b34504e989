/* unit_of: to which unit of systemd's a process or a listening socket belongs. */
#ifndef PARSE_UNIT_OF_H
#define PARSE_UNIT_OF_H

#include <stdbool.h>
#include <stdint.h>

struct unit_of {
	char *name;   /* "nginx.service", "docker-4f.scope"; NULL: in none */
	bool of_user; /* of the systemd of user UID, not of the system's */
	uint32_t uid;
};

/* PATH is a cgroup's, as proc_cgroup gives it. 0 or -ENOMEM. */
int unit_of_cgroup(const char *path, struct unit_of *out);

struct unit_socket {
	char *name;    /* "sshd.socket"; NULL: none listens there */
	char *service; /* what it starts; NULL: not said, or one of many (Accept=yes) */
	bool has_backlog; /* this systemd says what it asks listen() for: */
	uint64_t backlog;
	bool busy; /* its service runs, and systemd would refuse to start the socket */
};

/* What `systemctl show` is to be asked of every socket unit. */
#define UNIT_SOCKET_PROPERTIES "Id,Listen,Backlog,Triggers,Accept,SubState"

/* The one of SHOWN that listens at ADDRESS, which and PROTOCOL are as struct sock_listener
 * has them. 0 or -ENOMEM. */
int unit_of_socket(const char *shown, const char *protocol, const char *address,
		   struct unit_socket *out);
void unit_socket_clear(struct unit_socket *u);

#endif
