/* err: one sentence about what went wrong, on the caller's stack. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char msg[1024];
};

/* Store "path: what: reason" and return R, so that a caller writes
 * `return err_set(e, -errno, ...)`. E may be NULL. errno is kept. */
int err_set(struct err *e, int r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Prepend "FMT: " to what E already says, and return R. */
int err_wrap(struct err *e, int r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
