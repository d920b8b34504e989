#include "parse/osrelease.h"

#include "parse/default_grub.h"

#include <errno.h>
#include <stdlib.h>

void osrelease_clear(struct osrelease *o)
{
	free(o->name);
	free(o->id);
	free(o->id_like);
	free(o->version_id);
	free(o->pretty_name);
	*o = (struct osrelease){ NULL };
}

int osrelease_parse(struct osrelease *out, const char *text, size_t len)
{
	struct osrelease o = { NULL };
	const struct {
		const char *key;
		char **value;
	} all[] = {
		{ "NAME", &o.name },
		{ "ID", &o.id },
		{ "ID_LIKE", &o.id_like },
		{ "VERSION_ID", &o.version_id },
		{ "PRETTY_NAME", &o.pretty_name },
	};
	size_t i;

	/* The same subset of shell as /etc/default/grub's. */
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (default_grub_get(text, len, all[i].key, all[i].value) == -ENOMEM) {
			osrelease_clear(&o);
			return -ENOMEM;
		}
	*out = o;
	return 0;
}
