#include "fuzz.h"

#include "parse/ini.h"

#include <string.h>

const char *const fuzz_seeds[] = {
	"[main]\nsummary=Servers\ninclude=base\n\n[sysctl]\n# "
	"why\nnet.core.somaxconn=>1024\n",
	"; c\n[a]\nb = \"c d\"\ne='f'\n",
	"[sysctl]\nvm.swappiness=10\nfs.aio-max-nr = >1048576\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	struct err e = { "" };
	struct ini ini = { NULL, 0, NULL, 0 };
	size_t i;

	if (ini_parse(&ini, "fuzz", data, len, &e) < 0)
		return e.msg[0] ? NULL : "refused without a reason";
	for (i = 0; i < ini.n; i++)
		if (!ini.v[i].section || !ini.v[i].key || !ini.v[i].value ||
		    !ini.v[i].line)
			return "an entry with a hole";
	ini_clear(&ini);
	return NULL;
}
