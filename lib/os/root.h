/* root: the one door to files of the target, be it the live / or a tree (--root DIR).
 *
 * Every path is absolute *inside* the root: links, absolute ones and ".." included, are
 * followed inside it, component by component (openat2's RESOLVE_IN_ROOT came with 5.6). */
#ifndef OS_ROOT_H
#define OS_ROOT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct root;

/* DIR NULL or "/" is the running system, unless OFFLINE, ANA_INSTALL_PATH (an Anaconda
 * installer) or a readable /proc/1/root that is another directory say otherwise. */
int root_open(struct root **out, const char *dir, bool offline, struct err *e);
/* No files at all: each is -ENOENT, and nothing can be written. For a recorded host, which
 * the files of this one would say nothing of. */
int root_open_none(struct root **out, struct err *e);
bool root_is_none(const struct root *r);
void root_free(struct root *r);
bool root_is_live(const struct root *r);
/* Why / is not taken as live ("--root DIR", "--offline", ...); NULL when it is. Lent. */
const char *root_not_live_reason(const struct root *r);
/* What to write before a path in a message: "" for /, else the tree's own path. */
const char *root_prefix(const struct root *r);

/* Reading. No message: the caller knows whether a missing file matters. */

/* The whole of a regular file, NUL terminated besides; the caller's to free. -EFBIG when
 * longer than MAX, -EISDIR and -EINVAL when not a regular file. LEN may be NULL. One read
 * where it fits 4 KiB (some /proc/sys handlers allocate what is asked for). */
int root_read(const struct root *r, const char *path, size_t max, char **out,
	      size_t *len);
/* The first bytes of a regular file: how many there were, at most SIZE. */
int root_read_head(const struct root *r, const char *path, void *buf, size_t size);
/* Where NEEDLE first stands in a regular file: SIZE - 1 bytes from there on (fewer at its
 * end), then a NUL. How many; -ENODATA: nowhere. For files too large to keep. */
int root_search(const struct root *r, const char *path, const char *needle, char *out,
		size_t size);
/* Names in a folder, sorted bytewise, without . and .. */
int root_list(const struct root *r, const char *path, struct strv *names);
/* stat(2) and lstat(2) inside the root. */
int root_stat(const struct root *r, const char *path, struct stat *st);
int root_lstat(const struct root *r, const char *path, struct stat *st);
/* PATH with every link followed, absolute inside the root; the caller's to free. The last
 * component may be missing (then the path is where it would be made). */
int root_resolve(const struct root *r, const char *path, char **out);
bool root_exists(const struct root *r, const char *path);
/* Is it a link to /dev/null, by which files are switched off (sysctl.d(5))? A tree may
 * have no /dev. */
bool root_is_masked(const struct root *r, const char *path);
/* What is free for users on the file system of a folder, in bytes. */
int root_free_space(const struct root *r, const char *path, uint64_t *bytes);
/* May we write there? 0, or why not (-EACCES, -EROFS). root_access_parent asks it of the
 * nearest folder above PATH that exists. */
int root_access(const struct root *r, const char *path);
int root_access_parent(const struct root *r, const char *path);
/* The folder PATH resolves into, as a descriptor of the caller's (its links followed,
 * nothing swapped in since), and through NAME the last component, lent by RESOLVED. */
int root_parent(const struct root *r, const char *path, struct str *resolved,
		const char **name);

/* Writing: for change/ alone. Each names the path in E. */

/* Write a file anew: temporary beside it, fsync, rename, fsync of the folder. Keeps mode,
 * owner and SELinux label of what it replaces; a new file takes MODE and its folder's
 * label. A symlink is written through, never replaced. Missing folders are made. */
int root_replace(const struct root *r, const char *path, const void *data, size_t len,
		 mode_t mode, struct err *e);
/* Overwrite a whole file in place and fsync it: refused (-EINVAL, -ESTALE) unless it is
 * regular, has one link and holds exactly BEFORE, of the same length. When it fails
 * half-way, BEFORE is written back as far as that goes. */
int root_patch(const struct root *r, const char *path, const void *before,
	       const void *after, size_t len, struct err *e);
/* Remove a file and fsync its folder; one that is not there is no error. */
int root_remove(const struct root *r, const char *path, struct err *e);
/* Remove the temporary that a killed root_replace of PATH left beside it, if any. */
int root_clean(const struct root *r, const char *path, struct err *e);
/* Make durable what is there, or that nothing is. */
int root_sync(const struct root *r, const char *path, struct err *e);
/* Make a folder and what is missing above it, and fsync each parent. */
int root_mkdirs(const struct root *r, const char *path, mode_t mode, struct err *e);
/* The folders that root_replace of PATH would make, topmost first, their links followed,
 * each once, behind those that OUT has. 0 or -errno. */
int root_missing(const struct root *r, const char *path, struct strv *out);
/* Remove a folder when it is empty, and fsync its parent; one that is not there, or holds
 * something, is no error. A link is not followed. */
int root_rmdir(const struct root *r, const char *path, struct err *e);
/* Write a value to a file of /proc/sys: one write, nothing else. Live roots only. */
int root_write_value(const struct root *r, const char *path, const char *text,
		     struct err *e);

#endif
