#include "fuzz.h"

#include "parse/sysctl_d.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"# c\nnet.core.somaxconn = 4096\nvm/swappiness=1\n",
	"-net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.eth0/1.rp_filter\n",
	"; c\nkernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P %u\n\nbroken "
	"line\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	struct sysctl_file f = { NULL, 0, 0 };
	size_t i;

	if (sysctl_d_parse(&f, data, len) < 0)
		return "refused: only lack of memory may be";
	for (i = 0; i < f.n; i++) {
		char *again = sysctl_path(f.v[i].path);

		/* A path in slashes stays what it is. */
		if (!again || (strchr(f.v[i].path, '/') && !strchr(f.v[i].path, '.') &&
			       strcmp(again, f.v[i].path) != 0))
			return "a path is read back as another";
		free(again);
	}
	sysctl_file_clear(&f);
	return NULL;
}
