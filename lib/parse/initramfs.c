#include "parse/initramfs.h"

#include <string.h>

const char *initramfs_kind(const void *head, size_t len)
{
	/* init/initramfs.c takes cpio's "newc" forms alone; lib/decompress.c the rest. */
	static const struct {
		const char *kind, *magic;
		size_t len;
	} all[] = {
		{ "cpio", "070701", 6 },
		{ "cpio", "070702", 6 },
		{ "gzip", "\x1f\x8b", 2 },
		{ "gzip", "\x1f\x9e", 2 },
		{ "bzip2", "BZh", 3 },
		{ "lzma", "\x5d\x00\x00", 3 },
		{ "xz",
		  "\xfd"
		  "7zXZ",
		  6 },
		{ "lzo", "\x89LZO", 4 },
		{ "lz4", "\x02\x21\x4c\x18", 4 },
		{ "zstd", "\x28\xb5\x2f\xfd", 4 },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (len >= all[i].len && memcmp(head, all[i].magic, all[i].len) == 0)
			return all[i].kind;
	return NULL;
}
