/* deps: what programs that use io_uring find besides the kernel: which distribution, which
 * C library, which liburing. All of it is files, but for the C library of a running
 * system that this program itself was loaded with. */
#ifndef HOST_DEPS_H
#define HOST_DEPS_H

struct host;

struct host_deps {
	/* "glibc" or "musl"; literal; NULL: none was found. */
	const char *libc;
	char *libc_version;  /* NULL: it does not say, or cannot be read */
	char *libc_path;     /* NULL: this program's own */
	int libc_error;	     /* why it cannot be read */
	char *liburing_path; /* with its links followed; NULL: none was found */
	char *liburing_version;
};

int host_read_distro(struct host *h); /* 0 or -ENOMEM */
int host_read_deps(struct host *h);   /* likewise */
void host_deps_clear(struct host_deps *d);

#endif
