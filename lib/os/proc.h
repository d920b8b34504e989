/* proc: running processes, as /proc of this system shows them. PID 0: this process. */
#ifndef OS_PROC_H
#define OS_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The whole of /proc/PID/FILE, NUL terminated; the caller's to free. -ENOENT or -ESRCH: no
 * such process, -EACCES, -EPERM: not ours to read. */
int proc_read(pid_t pid, const char *file, char **out);

/* The kernel's name of the boot that we run in; the caller's to free. -ENOENT: no /proc. */
int proc_boot_id(char **out);

/* The number of a namespace ("net", "user"). */
int proc_namespace(pid_t pid, const char *kind, uint64_t *out);

/* The number of the machine's first user namespace: fixed since Linux 3.8. */
#define PROC_FIRST_USER 0xEFFFFFFD
/* Is PID in it, where capabilities are what the kernel asks for? 1, 0, -1 not known. */
int proc_in_first_user(pid_t pid);

/* How many rings of io_uring PID holds by a descriptor (one that is only registered or
 * mapped is not seen), or -errno. */
int proc_rings(pid_t pid);
/* The inodes of the sockets that PID holds by a descriptor; the caller's to free. */
int proc_sockets(pid_t pid, uint64_t **out, size_t *n);
/* Every process there is, in the order of their numbers; the caller's to free. */
int proc_list(pid_t **out, size_t *n);

#endif
