#include "fuzz.h"

#include "parse/osrelease.h"

#include <string.h>

const char *const fuzz_seeds[] = {
	"NAME=\"CentOS Linux\"\nID=\"centos\"\nID_LIKE='rhel fedora'\nVERSION_ID=7\n",
	"# c\nPRETTY_NAME=\"Debian GNU/Linux 12 "
	"(bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
	"NAME=a\\ b\nPRETTY_NAME=\"$x `y` \\\" \\\\\"\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	struct osrelease o;
	const char *wrong = NULL;

	if (osrelease_parse(&o, data, len) < 0)
		return "refused";
	/* No value without its key. */
	if ((o.pretty_name && !memmem(data, len, "PRETTY_NAME=", 12)) ||
	    (o.version_id && !memmem(data, len, "VERSION_ID=", 11)) ||
	    (o.id_like && !memmem(data, len, "ID_LIKE=", 8)))
		wrong = "a value without its key";
	if (o.name && strlen(o.name) > len)
		wrong = "more came out than went in";
	osrelease_clear(&o);
	return wrong;
}
