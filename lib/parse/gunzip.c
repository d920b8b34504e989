#include "parse/gunzip.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

/* Unpack until TEXT is longer than MAX: Z_OK then, Z_STREAM_END at the end, else why not. */
static int unpack(const char *packed, size_t len, size_t max, struct str *text)
{
	unsigned char buf[16384];
	z_stream z;
	int r;

	memset(&z, 0, sizeof(z));
	z.next_in = (Bytef *)(void *)packed;
	z.avail_in = (uInt)len;
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return Z_MEM_ERROR;
	do {
		z.next_out = buf;
		z.avail_out = sizeof(buf);
		r = inflate(&z, Z_NO_FLUSH);
		if (r == Z_OK || r == Z_STREAM_END)
			str_addn(text, buf, sizeof(buf) - z.avail_out);
	} while (r == Z_OK && text->len <= max && !text->oom);
	inflateEnd(&z);
	return text->oom ? Z_MEM_ERROR : r;
}

/* TEXT becomes the answer, unless there is an ERROR. */
static int give(int error, struct str *text, char **out, size_t *out_len)
{
	if (error) {
		str_clear(text);
		return error;
	}
	*out_len = text->len;
	*out = str_take(text);
	return *out ? 0 : -ENOMEM;
}

int gunzip(const char *packed, size_t len, size_t max, char **out, size_t *out_len)
{
	struct str text = STR_INIT;
	int r = unpack(packed, len, max, &text), error = 0;

	if (r == Z_MEM_ERROR)
		error = -ENOMEM;
	else if (text.len > max)
		error = -EFBIG;
	else if (r != Z_STREAM_END)
		error = -EINVAL;
	return give(error, &text, out, out_len);
}

int gunzip_start(const char *packed, size_t len, size_t want, char **out, size_t *out_len)
{
	struct str text = STR_INIT;
	int r = unpack(packed, len, want - 1, &text), error = 0;

	if (r == Z_MEM_ERROR)
		error = -ENOMEM;
	else if (r != Z_OK && r != Z_STREAM_END)
		error = -EINVAL;
	return give(error, &text, out, out_len);
}
