#include "parse/gunzip.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

int gunzip(const char *packed, size_t len, size_t max, char **out, size_t *out_len)
{
	struct str text = STR_INIT;
	unsigned char buf[16384];
	z_stream z;
	int r;

	memset(&z, 0, sizeof(z));
	z.next_in = (Bytef *)(void *)packed;
	z.avail_in = (uInt)len;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	do {
		z.next_out = buf;
		z.avail_out = sizeof(buf);
		r = inflate(&z, Z_NO_FLUSH);
		if (r == Z_OK || r == Z_STREAM_END)
			str_addn(&text, buf, sizeof(buf) - z.avail_out);
	} while (r == Z_OK && text.len <= max && !text.oom);
	inflateEnd(&z);
	if (r != Z_STREAM_END || text.len > max || text.oom) {
		r = text.oom ? -ENOMEM : text.len > max ? -EFBIG : -EINVAL;
		str_clear(&text);
		return r;
	}
	*out_len = text.len;
	*out = str_take(&text);
	return *out ? 0 : -ENOMEM;
}
