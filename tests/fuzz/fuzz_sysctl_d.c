#include "fuzz.h"

#include "parse/sysctl_d.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"# c\nnet.core.somaxconn = 4096\nvm/swappiness=1\n",
	"-net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.eth0/1.rp_filter\n",
	"; c\nkernel.core_pattern=|/usr/lib/systemd/systemd-coredump %P %u\n\nbroken "
	"line\n",
	"net.{core,ipv4.{a,b}}.s[a-o]*=1\n{{,{,=*\n",
	"quiet sysctl.vm.swappiness=7 sysctl/a/b=\"1 2\" -- sysctl.c=3",
	"/a.b/c=1\n//x..y=0x10\na/../b = 1\t 020\n-/.=\n",
	"",
	NULL,
};

/* The key by which people call a path leads to that path. */
static const char *key_of(const char *path)
{
	char *key = sysctl_key(path), *again = key ? sysctl_path(key) : NULL;
	bool same = again && strcmp(again, path) == 0;

	free(key);
	free(again);
	return same ? NULL : "a path's key leads to another path";
}

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
		if (key_of(f.v[i].path))
			return key_of(f.v[i].path);
		if (!sysctl_value_eq(f.v[i].value, f.v[i].value))
			return "a value is another than itself";
		if (!f.v[i].glob && !sysctl_line_is_for(&f.v[i], f.v[i].path, true))
			return "a line is not for its own path";
		sysctl_line_is_for(&f.v[i], "net/core/somaxconn", true);
		if (*f.v[i].path == '/' || strstr(f.v[i].path, "//"))
			return "needless slashes are left";
	}
	sysctl_file_clear(&f);
	if (sysctl_cmdline_parse(&f, data) < 0)
		return "refused: only lack of memory may be";
	for (i = 0; i < f.n; i++)
		if (!f.v[i].value || !*f.v[i].value || f.v[i].line != i + 1)
			return "an argument without a value";
	sysctl_file_clear(&f);
	return NULL;
}
