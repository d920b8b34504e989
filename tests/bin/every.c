/* every FILE N DO PROGRAM ARG...: run PROGRAM and, at its Nth system call (1: the execve
 * that starts it; its children's count too, as strace -f does), do
 *
 *   KILL HUP INT TERM QUIT    send that signal before the call; "HUP+": again before each
 *                             of the next twenty
 *   EIO ENOSPC EROFS ...      skip the call and let it fail so
 *   short                     halve the length of a read or write: only those count
 *   count                     nothing
 *
 * FILE gets a line: number of calls seen until then, exit code, signal, number (of the
 * kernel's table) of the call acted on (-1: none was). 125:
 * the tracing itself failed; 126: not on this machine's architecture. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define USER(reg) (void *)offsetof(struct user, regs.reg)

static long skip_call(pid_t pid)
{
	return ptrace(PTRACE_POKEUSER, pid, USER(orig_rax), (void *)-1L);
}

static long set_result(pid_t pid, long value)
{
	return ptrace(PTRACE_POKEUSER, pid, USER(rax), (void *)value);
}

static long set_third(pid_t pid, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, pid, USER(rdx), (void *)value);
}
#elif defined(__aarch64__)
static long set_register(pid_t pid, int n, unsigned long value)
{
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)1 /* NT_PRSTATUS */, &v) < 0)
		return -1;
	regs.regs[n] = value;
	return ptrace(PTRACE_SETREGSET, pid, (void *)1, &v);
}

static long skip_call(pid_t pid)
{
	int none = -1;
	struct iovec v = { &none, sizeof(none) };

	return ptrace(PTRACE_SETREGSET, pid, (void *)0x404 /* NT_ARM_SYSTEM_CALL */, &v);
}

static long set_result(pid_t pid, long value)
{
	return set_register(pid, 0, (unsigned long)value);
}

static long set_third(pid_t pid, unsigned long value)
{
	return set_register(pid, 2, value);
}
#else
#define NO_REGISTERS
static long skip_call(pid_t pid)
{
	return -pid;
}

static long set_result(pid_t pid, long value)
{
	return value - pid;
}

static long set_third(pid_t pid, unsigned long value)
{
	return (long)value - pid;
}
#endif

static const struct named {
	const char *name;
	int value;
} signals[] = { { "KILL", SIGKILL }, { "HUP", SIGHUP },	  { "INT", SIGINT },
		{ "TERM", SIGTERM }, { "QUIT", SIGQUIT }, { NULL, 0 } },
  errors[] = { { "EIO", EIO },	     { "ENOSPC", ENOSPC }, { "EROFS", EROFS },
	       { "EACCES", EACCES }, { "EINTR", EINTR },   { "EDQUOT", EDQUOT },
	       { "ENOMEM", ENOMEM }, { NULL, 0 } };

/* 0 when there is none of that name. */
static int named(const struct named *list, const char *name, size_t len)
{
	while (list->name &&
	       (strlen(list->name) != len || strncmp(list->name, name, len)))
		list++;
	return list->value;
}

struct run {
	unsigned long at, calls;
	int signal, error;
	bool half, repeat;
	bool begun;    /* the execve was met */
	bool acted;    /* nothing is left to do: no more stops are needed */
	pid_t failing; /* its call is being skipped */
	long acted_on;
};

static int fail(const char *what)
{
	perror(what);
	exit(125);
}

/* Before a call of PID. */
static void enter(struct run *r, pid_t pid, const struct __ptrace_syscall_info *call)
{
	long nr = (long)call->entry.nr;

	bool sized = nr == SYS_read || nr == SYS_write || nr == SYS_pread64 ||
		     nr == SYS_pwrite64;

	if (!r->begun && nr != SYS_execve)
		return;
	r->begun = true;
	if (r->half && !sized)
		return;
	r->calls++;
	if (!r->at || r->calls < r->at)
		return;
	r->acted = r->calls >= r->at + (r->repeat ? 20 : 0);
	if (r->signal) {
		r->acted_on = r->calls == r->at ? nr : r->acted_on;
		kill(pid, r->signal);
	} else if (r->error) {
		r->acted_on = nr;
		r->acted = false; /* at its end the result is to be set */
		r->failing = pid;
		if (skip_call(pid) < 0)
			fail("skip a call");
	} else if (r->half) {
		r->acted_on = nr;
		if (call->entry.args[2] > 1 &&
		    set_third(pid, call->entry.args[2] / 2) < 0)
			fail("shorten a call");
	}
}

/* PID has stopped. The signal to go on with. */
static int stopped(struct run *r, pid_t pid, int status)
{
	struct __ptrace_syscall_info call;
	int sig = WSTOPSIG(status);

	if (sig == SIGSTOP || status >> 16) /* a new process; fork or exec happened */
		return 0;
	if (sig != (SIGTRAP | 0x80))
		return sig;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(call), &call) <= 0)
		fail("PTRACE_GET_SYSCALL_INFO");
	if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
		enter(r, pid, &call);
	} else if (call.op == PTRACE_SYSCALL_INFO_EXIT && r->failing == pid) {
		if (set_result(pid, -r->error) < 0)
			fail("set a result");
		r->failing = 0;
		r->acted = true;
	}
	return 0;
}

static int trace(struct run *r, pid_t child)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status, end = -1, sig;
	pid_t pid;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options) < 0 ||
	    ptrace(PTRACE_SYSCALL, child, NULL, NULL) < 0)
		fail("trace");
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			end = pid == child ? status : end;
			continue;
		}
		sig = stopped(r, pid, status);
		/* It may be gone by now: then it is the next to be waited for. */
		ptrace(r->acted ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL,
		       (void *)(long)sig);
	}
	return end;
}

int main(int argc, char **argv)
{
	struct run r = { .acted_on = -1 };
	size_t len;
	FILE *out;
	pid_t child;
	int end;

#ifdef NO_REGISTERS
	fputs("every: registers of this architecture are not known\n", stderr);
	return 126;
#endif
	if (argc < 5)
		return 125;
	r.at = strtoul(argv[2], NULL, 10);
	len = strlen(argv[3]);
	r.repeat = len && argv[3][len - 1] == '+';
	len -= r.repeat;
	r.signal = named(signals, argv[3], len);
	r.error = named(errors, argv[3], len);
	r.half = !strcmp(argv[3], "short");
	if (!r.signal && !r.error && !r.half && strcmp(argv[3], "count") != 0)
		return 125;
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(125);
		raise(SIGSTOP);
		execv(argv[4], argv + 4);
		_exit(127);
	}
	end = trace(&r, child);
	out = fopen(argv[1], "w");
	if (!out)
		fail(argv[1]);
	fprintf(out, "%lu %d %d %ld\n", r.calls, WIFEXITED(end) ? WEXITSTATUS(end) : 0,
		WIFSIGNALED(end) ? WTERMSIG(end) : 0, r.acted_on);
	return fclose(out) == EOF ? 125 : 0;
}
