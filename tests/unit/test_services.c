/* Who keeps an old backlog or limit: what the kernel and systemd say, understood.
 *
 *   test_services show UNIT TEXT    a report as apply gives it, of a plan whose drop-in for
 *                                   UNIT is TEXT; for a test with a real systemd */
#include "unit.h"

#include "cmd/services.h"

#include "base/str.h"
#include "change/plan.h"
#include "host/host.h"
#include "host/unit_limits.h"
#include "os/proc.h"
#include "os/root.h"
#include "parse/process.h"
#include "parse/sockdiag.h"
#include "parse/unit_of.h"

#include <errno.h>
#include <sys/socket.h>

/* Linux 6.18's answers, little endian, to requests with number 1: of 127.0.0.1:8080 with a
 * backlog of 128 and one connection that waits; [::1]:8081 with 4096; /tmp/u.sock with 5;
 * and a SOCK_SEQPACKET socket named "\0a\0b" with 4096. */
static const char v4[] = "7c000000140002000100000071250000020a00001f9000007f0000010000000"
			 "0000000000000000000"
			 "000000000000000000000000000000000000003e00000000000000000000000"
			 "100000080000000000000"
			 "0050da1d00050008000000000008000f00000000000c0015000100000000000"
			 "0000600160052000000";
static const char v6[] = "840000001400020001000000712500000a0a00001f910000000000000000000"
			 "0000000000000000100"
			 "000000000000000000000000000000000000003f00000000000000000000000"
			 "000000000100000000000"
			 "0052da1d00050008000000000005000b000100000008000f00000000000c001"
			 "500010000000000000006"
			 "00160012000000";
static const char unix_two[] = "4400000014000200010000007125000001010a0053da1d00400000000"
			       "0000000100000002f746d702f"
			       "752e736f636b000c000400000000000500000005000600000000003c0"
			       "000001400020001000000712500"
			       "0001050a0054da1d00410000000000000008000000006100620c00040"
			       "000000000001000000500060000"
			       "000000";
static const char done[] = "1400000003000200010000007125000000000000";
/* NLMSG_ERROR with -ENOENT, made up after netlink(7). */
static const char no_such[] =
	"24000000020000000100000071250000feffffff4c00000014000103010000000000"
	"0000";

static size_t bytes(const char *hex, char *out)
{
	size_t n = strlen(hex) / 2, i;
	unsigned v;

	for (i = 0; i < n; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
		out[i] = (char)v;
	}
	return n;
}

static int parse(struct sock_listeners *l, const char *hex, uint32_t seq)
{
	char buf[512];

	return sockdiag_parse(l, buf, bytes(hex, buf), seq);
}

static void listeners_are_read(void **state UNUSED)
{
	struct sock_listeners l = { NULL, 0, 0 };

	assert_int_equal(parse(&l, v4, 1), 0);
	assert_int_equal(parse(&l, v6, 1), 0);
	assert_int_equal(parse(&l, unix_two, 1), 0);
	assert_int_equal(parse(&l, v4, 1), 0); /* once more, as a dump may */
	assert_int_equal(parse(&l, done, 1), 1);
	assert_int_equal(l.n, 5);
	sockdiag_settle(&l);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[0].protocol, "tcp");
	assert_string_equal(l.v[0].address, "127.0.0.1:8080");
	assert_int_equal(l.v[0].backlog, 128);
	assert_int_equal(l.v[0].queued, 1);
	assert_int_equal(l.v[0].inode, 0x1dda50);
	assert_string_equal(l.v[1].address, "[::1]:8081");
	assert_int_equal(l.v[1].backlog, 4096);
	assert_string_equal(l.v[2].protocol, "unix");
	assert_string_equal(l.v[2].address, "/tmp/u.sock");
	assert_int_equal(l.v[2].backlog, 5);
	assert_string_equal(l.v[3].protocol, "unix-seqpacket");
	assert_string_equal(l.v[3].address, "@a@b");
	assert_int_equal(l.v[3].backlog, 4096);
	sockdiag_clear(&l);
}

static void errors_and_strangers(void **state UNUSED)
{
	struct sock_listeners l = { NULL, 0, 0 };

	assert_int_equal(parse(&l, no_such, 1), -ENOENT);
	/* Another request's answer is not ours. */
	assert_int_equal(parse(&l, no_such, 2), 0);
	assert_int_equal(parse(&l, v4, 2), 0);
	assert_int_equal(parse(&l, "", 1), 0);
	assert_int_equal(l.n, 0);
}

/* Cut anywhere but between two messages, it is no answer. */
static void cut_answers_are_refused(void **state UNUSED)
{
	const char *const all[] = { v4, v6, unix_two };
	char buf[512];
	size_t i, k, n;

	for (i = 0; i < 3; i++) {
		n = bytes(all[i], buf);
		for (k = 1; k < n; k++) {
			struct sock_listeners l = { NULL, 0, 0 };

			assert_int_equal(sockdiag_parse(&l, buf, k, 1),
					 i == 2 && k == 0x44 ? 0 : -EBADMSG);
			sockdiag_clear(&l);
		}
	}
}

/* Attributes of length 0, or longer than the message, or none. */
static void odd_attributes(void **state UNUSED)
{
	static const unsigned char lengths[] = { 0, 3, 4, 0x2c, 0xff };
	struct sock_listeners l = { NULL, 0, 0 };
	char buf[512];
	size_t n, i;

	n = bytes(unix_two, buf);
	for (i = 0; i < sizeof(lengths); i++) {
		buf[32] = (char)lengths[i]; /* of the name of the first */
		/* One that is 4 is a name of no bytes; what follows it is a strange
		 * attribute and hides the lengths. */
		assert_int_equal(sockdiag_parse(&l, buf, n, 1), -EBADMSG);
	}
	sockdiag_clear(&l);
}

static void units_of_cgroups(void **state UNUSED)
{
	static const struct {
		const char *path, *unit;
		int user; /* -1: the system's */
	} rows[] = {
		{ "/system.slice/nginx.service", "nginx.service", -1 },
		{ "/system.slice/system-getty.slice/getty@tty1.service",
		  "getty@tty1.service", -1 },
		{ "/system.slice/docker.service/worker", "docker.service", -1 },
		{ "/system.slice/docker-4f.scope", "docker-4f.scope", -1 },
		{ "/system.slice/_cpu.service", "cpu.service", -1 },
		{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", -1 },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service",
		  "a.service", 1000 },
		{ "/user.slice/user-1000.slice/user@1000.service", "user@1000.service",
		  -1 },
		{ "/kubepods.slice/kubepods-burstable.slice/cri-containerd-1f.scope",
		  "cri-containerd-1f.scope", -1 },
		/* Another systemd's, inside. */
		{ "/lxc.payload.c1/system.slice/nginx.service", NULL, -1 },
		{ "/docker/4f", NULL, -1 },
		{ "/..", NULL, -1 },
		{ "/.service", NULL, -1 },
		{ "", NULL, -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unit_of u;

		assert_int_equal(unit_of_cgroup(rows[i].path, &u), 0);
		if (rows[i].unit)
			assert_string_equal(u.name, rows[i].unit);
		else
			assert_null(u.name);
		assert_int_equal(u.of_user, rows[i].user >= 0);
		if (u.of_user)
			assert_int_equal(u.uid, rows[i].user);
		free(u.name);
	}
}

/* Linux 3.10 and systemd 219 (EL7): version 1; a hybrid; version 2. */
static void cgroups_are_read(void **state UNUSED)
{
	static const char *const texts[] = {
		"10:memory:/system.slice\n1:name=systemd:/system.slice/a.service\n",
		"9:name=systemd:/system.slice/a.service\n0::/\n",
		"0::/system.slice/a.service\n",
		"1:name=systemd:/\n0::/system.slice/a.service",
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		char *path = proc_cgroup(texts[i]);

		assert_non_null(path);
		assert_string_equal(path, "/system.slice/a.service");
		free(path);
	}
	assert_null(proc_cgroup("1:name=systemd:/\n0::/\n"));
	assert_null(proc_cgroup(""));
}

/* As systemd 252 prints them, shortened. */
static const char sockets[] =
	"Backlog=2147483647\nAccept=no\nListen=/run/systemd/journal/stdout (Stream)\n"
	"Id=systemd-journald.socket\nTriggers=systemd-journald.service\nSubState="
	"running\n"
	"\n"
	"Backlog=128\nAccept=yes\nListen=127.0.0.1:53 (Datagram)\n"
	"Id=names.socket\nTriggers=\nSubState=listening\n"
	"\n"
	"Backlog=4096\nAccept=no\nListen=127.0.0.1:53 (Stream)\nListen=/run/a b "
	"(Stream)\n"
	"Listen=@q (SequentialPacket)\nId=foo.socket\nTriggers=foo.service\n"
	"SubState=listening\n";

static void socket_units_are_found(void **state UNUSED)
{
	struct unit_socket u;

	assert_int_equal(
		unit_of_socket(sockets, "unix", "/run/systemd/journal/stdout", &u), 0);
	assert_string_equal(u.name, "systemd-journald.socket");
	assert_string_equal(u.service, "systemd-journald.service");
	assert_true(u.busy);
	unit_socket_clear(&u);
	assert_int_equal(unit_of_socket(sockets, "tcp", "127.0.0.1:53", &u), 0);
	assert_string_equal(u.name, "foo.socket");
	assert_true(u.has_backlog);
	assert_int_equal(u.backlog, 4096);
	assert_false(u.busy);
	unit_socket_clear(&u);
	assert_int_equal(unit_of_socket(sockets, "unix", "/run/a b", &u), 0);
	assert_string_equal(u.name, "foo.socket");
	unit_socket_clear(&u);
	assert_int_equal(unit_of_socket(sockets, "unix-seqpacket", "@q", &u), 0);
	assert_string_equal(u.name, "foo.socket");
	unit_socket_clear(&u);
	assert_int_equal(unit_of_socket(sockets, "unix", "@q", &u), 0);
	assert_null(u.name);
	/* systemd 219 prints the kind in front. */
	assert_int_equal(unit_of_socket("Id=sshd.socket\nAccept=yes\nTriggers=\n"
					"ListenStream=[::]:22\n",
					"tcp", "[::]:22", &u),
			 0);
	assert_string_equal(u.name, "sshd.socket");
	assert_null(u.service);
	assert_false(u.has_backlog);
	unit_socket_clear(&u);
}

static void units_of_dropins(void **state UNUSED)
{
	static const char *const none[] = {
		"/etc/systemd/system/.d/99-uringprep.conf",
		"/etc/systemd/system/a.service.d/sub/x.conf",
		"/etc/systemd/system/a.service",
		"/etc/systemd/system/a.service.d/README",
		"/etc/sysctl.d/99-uringprep.conf",
		"/etc",
	};
	char *unit = host_unit_of_dropin(
		"/etc/systemd/system/web@a\\x2db.service.d/99-uringprep.conf");
	size_t i;

	assert_non_null(unit);
	assert_string_equal(unit, "web@a\\x2db.service");
	free(unit);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_null(host_unit_of_dropin(none[i]));
}

/* Our own socket, seen in our own descriptors, and we among the processes. */
static void sockets_of_ours(void **state UNUSED)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool found = false;
	uint64_t *inodes;
	struct stat st;
	pid_t *pids;
	size_t n, i;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(proc_sockets(0, &inodes, &n), 0);
	for (i = 0; i < n; i++)
		found |= inodes[i] == st.st_ino;
	assert_true(found);
	free(inodes);
	close(fd);
	assert_int_equal(proc_list(&pids, &n), 0);
	for (i = 0, found = false; i < n; i++) {
		found |= pids[i] == getpid();
		assert_true(!i || pids[i - 1] < pids[i]);
	}
	assert_true(found);
	free(pids);
	assert_true(proc_sockets(INT32_MAX, &inodes, &n) < 0);
}

static int show(const char *unit, const char *text)
{
	char *path = str_format("/etc/systemd/system/%s.d/99-uringprep.conf", unit);
	const struct blob before = { NULL, 0 }, after = { strdup(text), strlen(text) };
	struct ctx c = { .have_report = true };
	struct plan plan;
	char *out = NULL;
	int err;

	plan_init(&plan, "profile");
	err = root_open(&c.root, NULL, false, &c.err);
	if (!err)
		err = host_new(&c.host, c.root, &c.err);
	if (!err)
		err = report_new(&c.report, "apply");
	if (!err)
		err = plan_file(&plan, path, &before, &after, 0644, NULL);
	if (!err) {
		cmd_show_services(&c, &plan);
		err = report_render(c.report, "text", NULL, &out, &c.err);
	}
	fputs(err ? c.err.msg : out, stdout);
	report_free(c.report);
	host_free(c.host);
	root_free(c.root);
	plan_clear(&plan);
	free(after.data);
	free(path);
	free(out);
	return err ? 3 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_are_read),
		cmocka_unit_test(errors_and_strangers),
		cmocka_unit_test(cut_answers_are_refused),
		cmocka_unit_test(odd_attributes),
		cmocka_unit_test(units_of_cgroups),
		cmocka_unit_test(cgroups_are_read),
		cmocka_unit_test(socket_units_are_found),
		cmocka_unit_test(units_of_dropins),
		cmocka_unit_test(sockets_of_ours),
	};

	if (argc == 4 && strcmp(argv[1], "show") == 0)
		return show(argv[2], argv[3]);
	return cmocka_run_group_tests_name("services", tests, NULL, NULL);
}
