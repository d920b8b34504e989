#include "profile/foresee.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/plan.h"
#include "host/forecast.h"
#include "host/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int profile_may_write(const struct host *h, struct err *e)
{
	if (!h->sysctl_sources.own_masked)
		return 0;
	return err_set(e, -EEXIST,
		       HOST_OWN_SYSCTL ": is a link to /dev/null: somebody has switched "
				       "our file off: remove that link first");
}

static int warn_set(const struct forecast *f, const char *key, const char *value,
		    struct plan *out)
{
	switch (f->through) {
	case FORECAST_TUNED:
		return plan_warn(
			out,
			"%s: tuned sets %s (%s) after systemd-sysctl: it will win "
			"at the next boot: set it in tuned's profile",
			key, f->value, f->by);
	case FORECAST_REAPPLY:
		return plan_warn(
			out,
			"%s: tuned applies %s (%s) behind its own: it will win at "
			"the next boot: change or remove that line",
			key, f->value, f->by);
	case FORECAST_KERNEL:
		return plan_warn(out,
				 "%s: a later line of sysctl.d takes ours back: %s (%s) "
				 "will win at the next boot: remove that line",
				 key, f->value, f->by);
	default:
		return plan_warn(out,
				 "%s: %s sets %s and is read after our file: it will win "
				 "at the next boot, not %s: change or remove that line",
				 key, f->by, f->value, value);
	}
}

/* What is said of every key is said once. */
static int warn_unknown(const struct host *h, const char *key, const char *why,
			struct plan *out)
{
	const char *all = h->sysctl_sources.boot_unclear;
	CLEANUP_FREE char *text = str_format(
		"%s%swhat holds after the next boot cannot be told: %s",
		str_eq(why, all) ? "" : key, str_eq(why, all) ? "" : ": ", why);

	if (!text)
		return -ENOMEM;
	return strv_has(&out->warnings, text) ? 0 : plan_warn(out, "%s", text);
}

static int warn_boot(const struct host *h, const struct forecast *f, const char *key,
		     const char *value, struct plan *out)
{
	switch (f->how) {
	case FORECAST_UNKNOWN:
		return warn_unknown(h, key, f->why, out);
	case FORECAST_UNSET:
		return plan_warn(out,
				 "%s: %s takes our line back: at the next boot it is the "
				 "kernel's own: remove that line",
				 key, f->by ? f->by : "a later file");
	case FORECAST_SET:
		break;
	}
	return sysctl_value_eq(f->value, value) ? 0 : warn_set(f, key, value, out);
}

int profile_foresee(const struct host *h, size_t k, const char *value, struct plan *out)
{
	const struct forecast_own own = { value };
	CLEANUP(forecast_clear) struct forecast boot = { .value = NULL };
	CLEANUP(forecast_clear) struct forecast all = { .value = NULL };
	const char *key = tunables[k].key;
	int err = host_forecast_boot(h, key, &own, &boot);

	if (!err)
		err = host_forecast_system(h, key, &own, &all);
	if (!err)
		err = plan_predict(out, key, boot.value, boot.why ? boot.why : boot.by);
	if (!err && !out->boot_id)
		err = host_boot_id(h, &out->boot_id);
	if (!err)
		err = warn_boot(h, &boot, key, value, out);
	if (err || all.how != FORECAST_SET || sysctl_value_eq(all.value, value) ||
	    str_eq(all.by, boot.by))
		return err;
	return plan_warn(out,
			 "%s: %s sets %s: it wins when somebody runs `sysctl --system`, "
			 "not at boot",
			 key, all.by, all.value);
}
