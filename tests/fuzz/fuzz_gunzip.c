#include "fuzz.h"

#include "parse/gunzip.h"

#include <stdlib.h>

/* "CONFIG_IO_URING=y\n" as gzip -n makes it; the driver's seeds end at a NUL, so the
 * header's zeros and the trailer are put back here. */
const char *const fuzz_seeds[] = {
	"\163\366\367\163\363\164\217\367\364\217\017\015\362\364\163\267\255\344\002",
	"\003",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	static const char head[] = "\037\213\010\000\000\000\000\000\000\003";
	size_t total = sizeof(head) - 1 + len, out_len = 0, i;
	char *packed = malloc(total + 1), *out = NULL;

	if (!packed)
		return "out of memory";
	for (i = 0; i < total; i++)
		packed[i] = i < sizeof(head) - 1 ? head[i] : data[i - (sizeof(head) - 1)];
	if (gunzip(packed, total, 4096, &out, &out_len) >= 0) {
		if (out_len > 4096 || !out || out[out_len] != '\0')
			return "longer than was allowed, or not ended";
		free(out);
	}
	free(packed);
	return NULL;
}
