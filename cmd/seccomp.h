/* seccomp: what `probe --write-seccomp` does. */
#ifndef CMD_SECCOMP_H
#define CMD_SECCOMP_H

#include "cmd.h"

/* Write FILE, the runtime profile BASE with io_uring's calls let through, and report what
 * was done and how runtimes are told to use it. An exit code. */
int cmd_write_seccomp(struct ctx *c, const char *file, const char *base);

#endif
