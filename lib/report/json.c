/* The tree as it is. */
#include "report/internal.h"

#include "base/compat.h"

#include <errno.h>

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	const char *text = json_object_to_json_string_ext(
		r->root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				 JSON_C_TO_STRING_NOSLASHESCAPE);

	(void)look;
	if (!text)
		return err_set(e, -ENOMEM, "out of memory");
	str_add(out, text);
	str_addc(out, '\n');
	return 0;
}

const struct renderer renderer_json = { .name = "json",
					.failures = true,
					.render = render };
