/* unit: cmocka with what it wants included first, and scratch folders. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

/* A new folder; the caller's to remove and free. */
static UNUSED char *scratch_new(void)
{
	char *dir = strdup("/tmp/uringprep-unit.XXXXXX");

	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static int scratch_drop(const char *path, const struct stat *st UNUSED, int type UNUSED,
			struct FTW *ftw UNUSED)
{
	return remove(path);
}

static UNUSED void scratch_free(char *dir)
{
	assert_int_equal(nftw(dir, scratch_drop, 16, FTW_DEPTH | FTW_PHYS), 0);
	free(dir);
}

/* DIR/PATH; valid until the next call. */
static UNUSED const char *in(const char *dir, const char *path)
{
	static char full[4096];

	snprintf(full, sizeof(full), "%s%s", dir, path);
	return full;
}

static UNUSED void put_file(const char *dir, const char *path, const char *text)
{
	FILE *f = fopen(in(dir, path), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

#endif
