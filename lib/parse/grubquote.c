#include "parse/grubquote.h"

#include <errno.h>

/* Between double quotes GRUB takes a backslash only before $ " \ and a line end; in single
 * quotes nothing at all, so a ' could not be written there. */
int grub_quote(struct str *out, const char *text, struct err *e)
{
	const char *c;

	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			return err_set(e, -EINVAL, "\"%s\": holds control characters",
				       text);
	str_addc(out, '"');
	for (c = text; *c; c++) {
		if (*c == '$' || *c == '"' || *c == '\\')
			str_addc(out, '\\');
		str_addc(out, *c);
	}
	str_addc(out, '"');
	return out->oom ? err_set(e, -ENOMEM, "out of memory") : 0;
}

void grub_escape_title(struct str *out, const char *title)
{
	for (; *title; title++) {
		if (*title == '>')
			str_addc(out, '>');
		str_addc(out, *title);
	}
}
