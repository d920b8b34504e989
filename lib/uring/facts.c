/* Facts about who asks: small files of /proc and system calls, never a guess. */
#include "gate.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SPARE_FDS 3 /* a question's pipe, and a ring */
#define MAX_GROUPS 65536

void uring_facts_init(struct uring_facts *f)
{
	memset(f, 0, sizeof(*f));
	f->disabled = f->in_group = f->cap_sys_admin = f->cap_ipc_lock = -1;
	f->group = f->gid = f->memlock = f->nofile = -1;
	f->spare_fd = f->filter = f->configured = f->in_kernel = -1;
}

/* The whole of a small file without the blanks around it; NULL: it cannot be read. */
static char *small(const char *path, char *buf, size_t size)
{
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (n < 0)
		return NULL;
	buf[n] = '\0';
	return str_trim(buf);
}

static bool own_caps(uint64_t *caps)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) < 0)
		return false;
	*caps = (uint64_t)d[1].effective << 32 | d[0].effective;
	return true;
}

static int own_group(gid_t want)
{
	CLEANUP_FREE gid_t *v = calloc(MAX_GROUPS, sizeof(*v));
	int n = v ? getgroups(MAX_GROUPS, v) : -1, i;

	if (getegid() == want)
		return 1;
	for (i = 0; i < n; i++)
		if (v[i] == want)
			return 1;
	return n < 0 ? -1 : 0;
}

static int64_t own_limit(int which)
{
	struct rlimit l;

	if (getrlimit(which, &l) < 0)
		return -1;
	return l.rlim_cur == RLIM_INFINITY || l.rlim_cur > INT64_MAX
		       ? INT64_MAX
		       : (int64_t)l.rlim_cur;
}

static void set_caps(struct uring_facts *f, uint64_t caps)
{
	f->cap_sys_admin = caps >> CAP_SYS_ADMIN & 1;
	f->cap_ipc_lock = caps >> CAP_IPC_LOCK & 1;
}

void uring_facts_of(struct uring_facts *f, const struct uring_as *as)
{
	uint64_t caps;
	size_t i;

	if (!as) {
		if (own_caps(&caps))
			set_caps(f, caps && proc_in_first_user(0) == 1 ? caps : 0);
		f->gid = getegid();
		f->in_group = f->group < 0 ? 0 : own_group((gid_t)f->group);
		f->memlock = own_limit(RLIMIT_MEMLOCK);
		f->nofile = own_limit(RLIMIT_NOFILE);
		return;
	}
	set_caps(f, as->caps); /* those that count on this host */
	f->gid = as->gid;
	f->in_group = f->group >= 0 && as->gid == (gid_t)f->group;
	for (i = 0; i < as->n_groups && f->group >= 0; i++)
		if (as->groups[i] == (gid_t)f->group)
			f->in_group = 1;
	f->memlock = as->memlock > INT64_MAX ? INT64_MAX : (int64_t)as->memlock;
	f->nofile = as->nofile > INT64_MAX ? INT64_MAX : (int64_t)as->nofile;
}

static int spare_fd(void)
{
	int fd[SPARE_FDS], i, n = 0, r = 1;

	for (i = 0; i < SPARE_FDS && r == 1; i++) {
		fd[n] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd[n] >= 0)
			n++;
		else
			r = errno == EMFILE ? 0 : -1;
	}
	while (n)
		close(fd[--n]);
	return r;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* QEMU's user mode makes up /proc/self/exe, but not the same below task/; gVisor calls
 * itself a kernel that was built on one certain day; others change the release that uname
 * gives and forget the file. */
static void emulator(struct uring_facts *f)
{
	char path[64], exe[512], buf[256], *release;
	struct utsname u;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/task/%d/exe", (int)getpid());
	n = readlink(path, exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	if (uname(&u) < 0)
		return;
	release = small("/proc/sys/kernel/osrelease", buf, sizeof(buf));
	if (str_has_prefix(base_name(exe), "qemu-"))
		snprintf(f->emulator, sizeof(f->emulator), "%.40s", base_name(exe));
	else if (strcmp(u.version, "#1 SMP Sun Jan 10 15:06:54 PST 2016") == 0 ||
		 str_has_suffix(u.release, "-gvisor"))
		snprintf(f->emulator, sizeof(f->emulator), "gVisor");
	/* personality(2) makes a 2.6 of every kernel. */
	else if (release && strcmp(release, u.release) != 0 &&
		 !str_has_prefix(u.release, "2.6."))
		snprintf(f->emulator, sizeof(f->emulator), "a layer that claims %.30s",
			 u.release);
}

void uring_facts_look(struct uring_facts *f)
{
	emulator(f);
	f->spare_fd = spare_fd();
}

struct uring_facts uring_facts_here(void)
{
	char buf[32], *text;
	struct uring_facts f;
	int64_t v;

	uring_facts_init(&f);
	text = small("/proc/sys/kernel/io_uring_disabled", buf, sizeof(buf));
	if (text && str_to_i64(text, 0, 2, &v) == 0)
		f.disabled = (int)v;
	else if (!text && access("/proc/sys/kernel/osrelease", F_OK) == 0 &&
		 access("/proc/sys/kernel/io_uring_disabled", F_OK) < 0 &&
		 errno == ENOENT)
		f.disabled = URING_NO_SWITCH;
	text = f.disabled > 0 ? small("/proc/sys/kernel/io_uring_group", buf, sizeof(buf))
			      : NULL;
	if (text && str_to_i64(text, -1, UINT32_MAX, &v) == 0)
		f.group = v;
	uring_facts_of(&f, NULL);
	uring_facts_look(&f);
	return f;
}
