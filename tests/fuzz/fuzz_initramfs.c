#include "fuzz.h"

#include "parse/initramfs.h"

#include <string.h>

const char *const fuzz_seeds[] = {
	"07070100", "070702AA", "\x1f\x8b\x08", "\x28\xb5\x2f\xfd\x04", "BZh9", "", NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	size_t n = len < INITRAMFS_HEAD ? len : INITRAMFS_HEAD;
	const char *kind = initramfs_kind(data, len);

	/* What it is shows in its head alone. */
	return kind == initramfs_kind(data, n) ? NULL : "bytes after the head count";
}
