#include "parse/unit_of.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "parse/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_unit(const char *name)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount",
					     ".swap" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_has_suffix(name, kinds[i]) && strlen(name) > strlen(kinds[i]))
			return true;
	return false;
}

/* "user@1000.service" */
static bool is_manager(const char *name, uint32_t *uid)
{
	char number[16];
	size_t n;
	uint64_t v;

	if (!str_has_prefix(name, "user@"))
		return false;
	name += strlen("user@");
	n = strspn(name, "0123456789");
	if (n >= sizeof(number) || strcmp(name + n, ".service") != 0)
		return false;
	memcpy(number, name, n);
	number[n] = '\0';
	if (str_to_u64(number, 0, UINT32_MAX, &v) < 0)
		return false;
	*uid = (uint32_t)v;
	return true;
}

/* Slices are passed through; the first unit below is the one. A name that is neither (a
 * container's) ends the search, for units below it are another systemd's. */
int unit_of_cgroup(const char *path, struct unit_of *out)
{
	CLEANUP(cleanup_strv) struct strv parts = { NULL, 0 };
	size_t i;

	*out = (struct unit_of){ NULL, false, 0 };
	if (strv_split(&parts, path, "/") < 0)
		return -ENOMEM;
	for (i = 0; i < parts.n; i++) {
		/* systemd puts '_' before a name that the kernel could take for its own. */
		const char *name = parts.v[i] + (parts.v[i][0] == '_');

		if (str_has_suffix(name, ".slice"))
			continue;
		if (!is_unit(name))
			break;
		if (!out->of_user && is_manager(name, &out->uid) && i + 1 < parts.n) {
			out->of_user = true;
			continue;
		}
		out->name = strdup(name);
		return out->name ? 0 : -ENOMEM;
	}
	out->of_user = false;
	return 0;
}

static bool is_at(const char *line, size_t n, const char *before, const char *address,
		  const char *behind)
{
	size_t b = strlen(before), a = strlen(address);

	return n == b + a + strlen(behind) && strncmp(line, before, b) == 0 &&
	       strncmp(line + b, address, a) == 0 &&
	       strncmp(line + b + a, behind, n - b - a) == 0;
}

/* "Listen=[::]:22 (Stream)"; systemd 219 prints "ListenStream=[::]:22". */
static bool listens(const char *block, const char *end, const char *protocol,
		    const char *address)
{
	bool packets = strcmp(protocol, "unix-seqpacket") == 0;
	const char *before = packets ? "ListenSequentialPacket=" : "ListenStream=";
	const char *behind = packets ? " (SequentialPacket)" : " (Stream)";
	const char *line;
	size_t n;

	while ((line = str_line(&block, end, &n)))
		if (is_at(line, n, "Listen=", address, behind) ||
		    is_at(line, n, before, address, ""))
			return true;
	return false;
}

static int read_socket(const char *block, struct unit_socket *out)
{
	bool oom = false;
	CLEANUP_FREE char *backlog = unit_property(block, "Backlog", &oom);
	CLEANUP_FREE char *accept = unit_property(block, "Accept", &oom);
	CLEANUP_FREE char *state = unit_property(block, "SubState", &oom);
	CLEANUP_FREE char *service = unit_property(block, "Triggers", &oom);

	out->name = unit_property(block, "Id", &oom);
	out->has_backlog =
		backlog && str_to_u64(backlog, 0, UINT32_MAX, &out->backlog) == 0;
	out->busy = str_eq(state, "running");
	if (service && *service && !strchr(service, ' ') && !str_eq(accept, "yes"))
		out->service = TAKE_PTR(service);
	if (!oom)
		return 0;
	unit_socket_clear(out);
	return -ENOMEM;
}

int unit_of_socket(const char *shown, const char *protocol, const char *address,
		   struct unit_socket *out)
{
	const char *at = shown, *end;

	*out = (struct unit_socket){ NULL, NULL, false, 0, false };
	for (; *at; at = end + strspn(end, "\n")) {
		CLEANUP_FREE char *block = NULL;

		end = strstr(at, "\n\n");
		end = end ? end : at + strlen(at);
		if (!listens(at, end, protocol, address))
			continue;
		block = strndup(at, (size_t)(end - at));
		return block ? read_socket(block, out) : -ENOMEM;
	}
	return 0;
}

void unit_socket_clear(struct unit_socket *u)
{
	free(u->name);
	free(u->service);
	*u = (struct unit_socket){ NULL, NULL, false, 0, false };
}
