#include "profile/foresee.h"

#include "base/str.h"
#include "change/plan.h"
#include "host/host.h"

#include <string.h>

int profile_foresee(const struct host *h, size_t k, const char *value, struct plan *out)
{
	const struct sysctl_fact *f = &h->sysctl[k];
	const char *name = f->boot_by ? strrchr(f->boot_by, '/') + 1 : "";
	const char *own = strrchr(HOST_OWN_SYSCTL, '/') + 1;

	if (f->boot_by && strcmp(name, own) > 0 && !str_has_prefix(name, own) &&
	    !str_eq(f->boot_value, value))
		return plan_warn(
			out,
			"%s: %s sets %s and is read after our file: it will win at "
			"the next boot",
			tunables[k].key, f->boot_by, f->boot_value);
	if (f->all_by && str_has_prefix(f->all_by, "/etc/sysctl.conf:") &&
	    !str_eq(f->all_value, value))
		return plan_warn(out,
				 "%s: %s sets %s: it wins when somebody runs `sysctl "
				 "--system`, not at boot",
				 tunables[k].key, f->all_by, f->all_value);
	return 0;
}
