/* sockdiag: asks the kernel for the sockets that listen, in this network namespace. */
#ifndef OS_SOCKDIAG_H
#define OS_SOCKDIAG_H

#include "base/err.h"
#include "parse/sockdiag.h"

/* Those of FAMILY (AF_INET, AF_INET6 with TCP, MPTCP among it; AF_UNIX), appended to OUT.
 * 0 or -errno, with a sentence: a kernel without inet_diag or unix_diag, of which some are
 * modules that are loaded by being asked. */
int sockdiag_listening(int family, struct sock_listeners *out, struct err *e);

#endif
