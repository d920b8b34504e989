#include "fuzz.h"

#include "parse/process.h"
#include "parse/sockdiag.h"
#include "parse/unit_of.h"

#include <stdlib.h>
#include <string.h>

/* Netlink is full of zeros, and the driver's seeds end at one: '0' stands for it. The first
 * are those of tests/unit/test_services.c: two answers of inet_diag, one of unix_diag, an
 * error, the end of a dump; then texts for the other parsers. */
const char *const fuzz_seeds[] = {
	"|000\0240\002000000000\002\01200\037\22000\17700\001000000000000000000000000"
	"00000000>00000000000\001000\2000000000P\332\0350\0050\01000000\0100\01700000"
	"\0140\0250\0010000000\0060\0260R000",
	"\204000\0240\002000000000\012\01200\037\22100000000000000000\001000000000000"
	"00000000\0770000000000000000\020000000R\332\0350\0050\01000000\0050\0130\001"
	"000\0100\01700000\0140\0250\0010000000\0060\0260\022000",
	"D000\0240\002000000000\001\001\0120S\332\0350@0000000\020000/tmp/u.sock0\014"
	"0\00400000\005000\0050\00600000<000\0240\002000000000\001\005\0120T\332\0350"
	"A0000000\0100000a0b\0140\004000000\02000\0050\00600000",
	"$000\00200000000000\376\377\377\377L000\0240\001\003\0010000000",
	"\024000\0030\0020000000000000",
	"0::/user.slice/user@1000.service/app.slice/a.service\n1:name=systemd:/x.scope\n",
	"Id=a.socket\nListen=127.0.0.1:80 (Stream)\nBacklog=128\nTriggers=a.service\n\n"
	"Id=b.socket\nListenStream=127.0.0.1:80\nSubState=running\n",
	"",
	NULL,
};

static const char *texts(const char *data)
{
	char *path = proc_cgroup(data);
	const char *wrong = NULL;
	struct unit_socket s;
	struct unit_of u;

	if (path && strchr(path, '\n'))
		wrong = "a path of two lines";
	free(path);
	if (unit_of_cgroup(data, &u) == 0) {
		if (u.name && strchr(u.name, '/'))
			wrong = "a unit with a slash";
		if (u.of_user && !u.name)
			wrong = "a user's, and none";
		free(u.name);
	}
	if (unit_of_socket(data, "tcp", "127.0.0.1:80", &s) == 0)
		unit_socket_clear(&s);
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct sock_listeners l = { NULL, 0, 0 };
	char *copy = malloc(len ? len : 1);
	const char *wrong = texts(data);
	size_t i;

	if (!copy)
		return "out of memory";
	for (i = 0; i < len; i++)
		copy[i] = data[i] == '0' ? '\0' : data[i];
	if (sockdiag_parse(&l, copy, len, 0) > 1)
		wrong = "an answer of its own making";
	if (l.n > len)
		wrong = "more sockets than bytes";
	sockdiag_settle(&l);
	for (i = 0; i < l.n; i++) {
		if (!l.v[i].address || !l.v[i].protocol)
			wrong = "a socket without a name";
		if (i && l.v[i - 1].cookie >= l.v[i].cookie)
			wrong = "a socket twice";
	}
	sockdiag_clear(&l);
	free(copy);
	return wrong;
}
