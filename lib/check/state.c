#include "check/check.h"
#include "host/host.h"

#include <errno.h>
#include <string.h>

static int usable(const struct check_on *on, struct finding *f)
{
	const struct host_state *s = &on->host->state;
	int err;

	if (s->var_unmounted) {
		err = finding_found(f, CHECK_FAIL,
				    "/etc/fstab has a /var that is not mounted");
		return err ? err
			   : finding_advise(
				     f, "/var mounted", "uringprep",
				     "a journal written now would be hidden later, and "
				     "nothing could be undone",
				     "mount /var");
	}
	if (s->error == -EACCES)
		return finding_found(f, CHECK_UNKNOWN, "cannot tell without root");
	if (!s->error)
		return finding_found(f, CHECK_PASS, "/var/lib/uringprep %s",
				     s->missing ? "can be made" : "can be written");
	err = finding_found(f, CHECK_FAIL, "/var/lib/uringprep: %s", strerror(-s->error));
	return err ? err
		   : finding_advise(f, "a folder that can be written", "uringprep",
				    "originals are kept there before anything is changed",
				    s->error == -EROFS ? "mount it read-write"
						       : "make it a folder of root's");
}

const struct check check_state_usable = {
	.id = "state.usable",
	.title = "journal folder",
	.needs = HOST_STATE,
	.required = true,
	.run = usable,
};
