/* deny: seccomp filters that answer io_uring's system calls. */
#ifndef TESTS_DENY_H
#define TESTS_DENY_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#define DENY_KILL (-1)

static inline int deny_install(struct sock_filter *code, unsigned short n)
{
	struct sock_fprog prog = { n, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return -errno;
	return 0;
}

/* From now on, in this process and its children: setup, enter and register (ONLY_SETUP:
 * setup) fail with ANSWER, or kill who calls (DENY_KILL). 0 or -errno. */
static inline int deny_io_uring(int answer, int only_setup)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 425, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, only_setup ? 425 : 427, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, answer == DENY_KILL
						  ? SECCOMP_RET_KILL
						  : SECCOMP_RET_ERRNO | (unsigned)answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return deny_install(code, sizeof(code) / sizeof(code[0]));
}

/* Every system call with a number above NR fails with ENOSYS, as in a kernel that has no
 * more. */
static inline int deny_above(unsigned nr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return deny_install(code, sizeof(code) / sizeof(code[0]));
}

/* Nothing is denied, but a filter is loaded. */
static inline int deny_nothing(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return deny_install(code, sizeof(code) / sizeof(code[0]));
}

#endif
