#include "host/scope.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/proc.h"
#include "os/root.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of the machine's first namespaces: fixed since Linux 3.8 (cgroup: 4.6; all
 * in linux/nsfs.h since 6.18). Those of net and mnt were not fixed before 6.18. */
static const struct {
	const char *kind;
	uint64_t first;
} firsts[] = {
	{ "pid", 0xEFFFFFFC }, { "user", PROC_FIRST_USER }, { "uts", 0xEFFFFFFE },
	{ "ipc", 0xEFFFFFFF }, { "cgroup", 0xEFFFFFFB },
};

enum { NS_PID, NS_USER, NS_ALL = ARRAY_SIZE(firsts) };

/* Files alone prove nothing: an image that was booted as a machine keeps its /.dockerenv.
 * They are looked at where the process numbers are our own, or two other namespaces: one
 * alone is what `unshare` or a service's PrivateIPC= makes. */
static const struct {
	const char *file, *engine;
	enum scope_kind kind;
} marks[] = {
	{ "/run/.containerenv", "podman", SCOPE_CONTAINER },
	{ "/.dockerenv", "docker", SCOPE_CONTAINER },
	{ "/kaniko/executor", "kaniko", SCOPE_BUILD },
	{ "/run/secrets/kubernetes.io", "kubernetes", SCOPE_CONTAINER },
	{ "/var/run/secrets/kubernetes.io", "kubernetes", SCOPE_CONTAINER },
};

/* Words in a cgroup's path or a mount's source, and whose they are. */
static const struct {
	const char *file, *word, *engine;
	enum scope_kind kind;
} words[] = {
	{ "cgroup", "/kubepods", "kubernetes", SCOPE_CONTAINER },
	{ "cgroup", "/libpod-", "podman", SCOPE_CONTAINER },
	{ "cgroup", "/docker/", "docker", SCOPE_CONTAINER },
	{ "cgroup", "/docker-", "docker", SCOPE_CONTAINER },
	{ "cgroup", "/lxc/", "lxc", SCOPE_CONTAINER },
	{ "cgroup", "/lxc.payload", "lxc", SCOPE_CONTAINER },
	{ "mountinfo", "/buildkit/executor/", "buildkit", SCOPE_BUILD },
};

const char *host_scope_engine(const char *cgroup)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].file, "cgroup") == 0 && strstr(cgroup, words[i].word))
			return words[i].engine;
	return NULL;
}

static int say(struct host_scope *s, enum scope_kind kind, const char *engine,
	       const char *evidence)
{
	s->kind = kind;
	s->engine = engine ? strdup(engine) : NULL;
	s->evidence = strdup(evidence);
	return (engine && !s->engine) || !s->evidence ? -ENOMEM : 1;
}

/* "engine="buildah-1.33.7"" of /run/.containerenv, which is empty for most containers. */
static int containerenv(struct host_scope *s, const char *text)
{
	const char *engine = strstr(text, "engine=\"");
	char word[32];

	if (!engine || sscanf(engine, "engine=\"%31[a-z]", word) != 1)
		return 0;
	return say(s, strcmp(word, "buildah") == 0 ? SCOPE_BUILD : SCOPE_CONTAINER, word,
		   "/run/.containerenv");
}

/* What a manager wrote for those inside (systemd's container interface): one word. */
static int manager_word(const struct root *r, struct host_scope *s)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *env = NULL;
	char word[32];
	const char *at;
	size_t len;

	if (root_read(r, "/run/systemd/container", 4096, &text, NULL) == 0 &&
	    sscanf(text, "%31[A-Za-z0-9._-]", word) == 1)
		return say(s, SCOPE_CONTAINER, word, "/run/systemd/container");
	if (root_read(r, "/proc/1/environ", 1 << 20, &env, &len) < 0)
		return 0;
	for (at = env; at < env + len; at += strlen(at) + 1)
		if (sscanf(at, "container=%31[A-Za-z0-9._-]", word) == 1)
			return say(s, SCOPE_CONTAINER, word, "container= of process 1");
	return 0;
}

/* 1: found, 0: no mark of any, -ENOMEM. The more exact ones first. */
static int find_mark(const struct root *r, struct host_scope *s)
{
	CLEANUP_FREE char *env = NULL;
	char evidence[64];
	size_t i;
	int err = 0;

	if (root_read(r, "/run/.containerenv", 65536, &env, NULL) == 0)
		err = containerenv(s, env);
	for (i = 0; !err && i < ARRAY_SIZE(words); i++) {
		CLEANUP_FREE char *text = NULL;

		snprintf(evidence, sizeof(evidence), "/proc/self/%s", words[i].file);
		if (proc_read(0, words[i].file, &text) == 0 &&
		    strstr(text, words[i].word))
			err = say(s, words[i].kind, words[i].engine, evidence);
	}
	if (!err)
		err = manager_word(r, s);
	for (i = 0; !err && i < ARRAY_SIZE(marks); i++)
		if (root_exists(r, marks[i].file))
			err = say(s, marks[i].kind, marks[i].engine, marks[i].file);
	return err;
}

/* *OTHERS: bit I: namespace I is not the machine's first. False: /proc does not say. */
static bool read_namespaces(unsigned *others)
{
	uint64_t number;
	size_t i;

	*others = 0;
	for (i = 0; i < NS_ALL; i++) {
		int err = proc_namespace(0, firsts[i].kind, &number);

		if (!err && number != firsts[i].first)
			*others |= 1U << i;
		else if (err && i <= NS_USER)
			return false;
	}
	return true;
}

/* Is the network namespace another than the first process's? Only root may look. */
static bool other_network(void)
{
	uint64_t ours, first;

	return proc_namespace(0, "net", &ours) == 0 &&
	       proc_namespace(1, "net", &first) == 0 && ours != first;
}

static int add_note(struct host_scope *s, unsigned others)
{
	const char *note = NULL;

	if (others >> NS_USER & 1)
		note = "in a user namespace: capabilities do not count outside it";
	else if (s->kind == SCOPE_HOST && other_network())
		note = "in a network namespace of its own";
	s->note = note ? strdup(note) : NULL;
	return note && !s->note ? -ENOMEM : 0;
}

int host_read_scope(struct host *h)
{
	struct host_scope *s = &h->scope;
	unsigned others;
	bool known;
	int err = 0;

	if (!root_is_live(h->root)) {
		s->kind = SCOPE_FILES;
		return 0;
	}
	known = read_namespaces(&others);
	s->user_namespace = others >> NS_USER & 1;
	s->kind = known ? SCOPE_HOST : SCOPE_UNKNOWN;
	if (!known || others >> NS_PID & 1 || (others & (others - 1)) != 0)
		err = find_mark(h->root, s);
	if (!err && known && others >> NS_PID & 1)
		err = say(s, SCOPE_CONTAINER, NULL,
			  "its pid namespace, not the machine's first");
	if (err >= 0)
		err = add_note(s, others);
	return err < 0 ? err : 0;
}

void host_scope_clear(struct host_scope *s)
{
	free(s->engine);
	free(s->evidence);
	free(s->note);
	memset(s, 0, sizeof(*s));
}

const char *scope_kind_name(enum scope_kind kind)
{
	static const char *const names[] = { "unknown", "host", "container",
					     "image_build", "files" };

	return names[kind];
}

bool host_in_container(const struct host *h)
{
	return h->scope.kind == SCOPE_CONTAINER || h->scope.kind == SCOPE_BUILD;
}

bool host_key_elsewhere(const struct host *h, const char *path, bool read_only,
			const char **why)
{
	if (!host_in_container(h))
		return false;
	/* net.core.somaxconn and most of net.ipv4 are each network namespace's own; what is
	 * not so is missing from another namespace's /proc/sys/net. */
	if (!str_has_prefix(path, "net/") && !str_has_prefix(path, "net.")) {
		*why = "only the host can set it: it is one value for all containers";
		return true;
	}
	if (read_only) {
		*why = "only the host can set it: /proc/sys is read-only here (docker "
		       "and podman take --sysctl)";
		return true;
	}
	return false;
}

bool host_only_elsewhere(const struct host *h, enum tunable_index k, const char **why)
{
	return host_key_elsewhere(h, tunables[k].key, h->sysctl[k].write_error == -EROFS,
				  why);
}

char *host_scope_text(const struct host *h)
{
	const struct host_scope *s = &h->scope;
	const char *note = s->note ? s->note : "", *comma = s->note ? ", " : "";

	switch (s->kind) {
	case SCOPE_HOST:
		return str_format("%s system%s%s",
				  h->recorded ? "the recorded" : "this running", comma,
				  note);
	case SCOPE_CONTAINER:
	case SCOPE_BUILD:
		return str_format("%s %s (%s, from %s)%s%s",
				  h->recorded ? "the recorded" : "this",
				  s->kind == SCOPE_BUILD ? "image build" : "container",
				  s->engine ? s->engine : "of a kind that cannot be told",
				  s->evidence, comma, note);
	case SCOPE_FILES:
		return str_format("files only: %s", root_not_live_reason(h->root));
	default:
		return str_format("this running system; whether it is a container "
				  "cannot be told: no /proc/self/ns");
	}
}
