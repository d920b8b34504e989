/* tuned's profiles: read, merged and made into one of ours, which must load. The includes
 * of the input are looked for where no file is. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "host/host.h"
#include "os/root.h"
#include "profile/tuned.h"

#include <errno.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"[main]\nsummary=Servers # why\ninclude=base, -own; more\n\n[variables]\n"
	"a=10\nb=${a}\n[sysctl]\nvm.swappiness=${a}\nnet.core.somaxconn=>\"1024\"\n"
	"net/core/somaxconn = <1\n",
	"[sysctl.arm]\ntype=sysctl\nuname_regex=aarch64\nfs.aio-max-nr=1\n[x]\n"
	"type=sysctl\nenabled=0\npriority=-1\nkernel.panic=1\n",
	"[sysctl]\nreplace=1\ndrop=a,b ; c\nkernel.panic=\n 10\n\n 5\nvm.swappiness=\"1\n"
	"script_pre=x\n",
	"; c\n [a]\n  b = ${f:exec:id} "
	"\\${x}\nkernel.io_uring_disabled=0\n[DEFAULT]\nz=1\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	static struct root *none;
	static struct host *h;
	CLEANUP(cleanup_tuned) struct tuned_profile p = { 0 };
	CLEANUP(cleanup_tuned_import) struct tuned_import found = { 0 };
	struct err e = { "" };
	size_t i;
	int err;

	(void)len;
	if (!none && (root_open_none(&none, &e) < 0 || host_new(&h, none, &e) < 0))
		return "no host to try on";
	if (tuned_add_text(&p, none, "web", "/x/tuned.conf", data, &e) < 0)
		return e.msg[0] ? NULL : "refused without a reason";
	if (tuned_merge(&p) < 0)
		return "cannot be merged";
	err = tuned_import(&found, h, &p, "web", &e);
	if (err == -EPROTO)
		return "made a profile that does not load";
	if (err < 0 || found.n != p.n)
		return "a line without a row";
	for (i = 0; i < p.n; i++)
		if (p.v[i].fate != TUNED_STANDS && p.v[i].by >= p.n)
			return "a line that is covered by none";
	return NULL;
}
