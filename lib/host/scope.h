/* scope: where we are: what belongs to a host cannot be judged, nor set, in a container. */
#ifndef HOST_SCOPE_H
#define HOST_SCOPE_H

#include "base/str.h"
#include "host/tunables.h"

#include <stdbool.h>

struct host;

enum scope_kind {
	SCOPE_UNKNOWN,	 /* nothing here tells */
	SCOPE_HOST,	 /* the machine's own system (or a virtual machine's) */
	SCOPE_CONTAINER, /* also a sandbox with processes of its own */
	SCOPE_BUILD,	 /* a container in which an image is built */
	SCOPE_FILES, /* a tree, a chroot, --offline: root_not_live_reason says which */
};

struct host_scope {
	enum scope_kind kind;
	/* Owned; NULL: none, or it cannot be told. */
	char *engine;	     /* what made the container: "podman", "docker", ... */
	char *evidence;	     /* "/run/.containerenv" */
	char *note;	     /* what else is odd: "in a network namespace of its own" */
	bool user_namespace; /* not the machine's first: capabilities count for less */
};

/* The group HOST_SCOPE. 0 or -ENOMEM. */
int host_read_scope(struct host *h);
void host_scope_clear(struct host_scope *s);

const char *scope_kind_name(enum scope_kind kind); /* "host", "container", ... */

/* Whose container a process in CGROUP (a path) is in: "docker"; NULL: in none that we know.
 * Static. */
const char *host_scope_engine(const char *cgroup);

bool host_in_container(const struct host *h); /* or in an image build */

/* Is tunable K somebody else's to set, seen from here? Then WHY says it in words (static).
 * Needs HOST_SCOPE and HOST_SYSCTL. */
bool host_only_elsewhere(const struct host *h, enum tunable_index k, const char **why);

/* The same of any sysctl; READ_ONLY: it cannot be written here. */
bool host_key_elsewhere(const struct host *h, const char *path, bool read_only,
			const char **why);

/* A line for people: "this container (podman, from /run/.containerenv)". */
char *host_scope_text(const struct host *h);

#endif
