/* The kernel besides what can be asked of it: what is known of its release, whether it
 * still gets fixes, whether it comes back from a panic. */
#include "base/cleanup.h"
#include "boot/boot.h"
#include "check/check.h"
#include "check/kernel_bugs.h"
#include "host/host.h"
#include "parse/cmdline.h"
#include "parse/release.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The kernel in question: the running one; of a tree, the default entry's. */
static const char *release_of(const struct check_on *on)
{
	const struct boot *b = on->boot;

	if (on->host->kernel.release)
		return on->host->kernel.release;
	return b->default_index >= 0 ? b->v[b->default_index].release : NULL;
}

/* Known bugs. */

/* Has it no io_uring at all? What was asked tells, else the configuration. */
static bool lacks_uring(const struct check_on *on, const char *release)
{
	const struct host *h = on->host;
	const struct kernel_config *c = host_config(h, release);

	if (h->live && h->uring.asked)
		return h->uring.setup_null == -ENOSYS;
	return c && (c->io_uring == KCONFIG_OFF || c->io_uring == KCONFIG_ABSENT);
}

/* It answers more than mainline of that number could: its number is but a name. */
static bool outdoes_its_number(const struct host *h, const struct release *r)
{
	enum uring_level level = h->live ? uring_level(&h->uring) : URING_NONE;

	return (level >= URING_NETWORK && release_compare(r, 5, 7, 0) < 0) ||
	       (level >= URING_MODERN && release_compare(r, 5, 19, 0) < 0) ||
	       (level >= URING_FULL && release_compare(r, 6, 1, 0) < 0);
}

static bool is_in_range(const struct kernel_bug *b, const struct release *r)
{
	struct release last = *r;

	/* A vendor's .0 is no patch level: any of that line may be in it. */
	if (r->vendor && !r->patch)
		last.patch = KERNEL_BUGS_ANY;
	if (b->fine_in_el && b->fine_in_el == r->el)
		return false;
	return release_compare(&last, b->from[0], b->from[1], b->from[2]) >= 0 &&
	       release_compare(r, b->to[0], b->to[1], b->to[2]) <= 0;
}

/* The bugs of R: their effects into FOUND, where they stand into EVIDENCE. How many. */
static size_t collect(const struct release *r, struct str *found, struct str *evidence)
{
	size_t i, n = 0;

	for (i = 0; i < kernel_bugs_n; i++) {
		const struct kernel_bug *b = &kernel_bugs[i];

		if (!is_in_range(b, r))
			continue;
		str_addf(found, "%s%s", n ? "; " : "", b->effect);
		str_addf(evidence, "%s%s (%s; mended in: %s)", n ? "; " : "", b->link,
			 b->when, b->mended);
		n++;
	}
	return n;
}

static int known_bugs(const struct check_on *on, struct finding *f)
{
	CLEANUP(cleanup_str) struct str found = STR_INIT, evidence = STR_INIT;
	const char *release = release_of(on);
	struct release r;
	int err;

	if (!release || !release_parse(&r, release))
		return finding_found(f, CHECK_UNKNOWN,
				     "which kernel will boot is not known");
	if (lacks_uring(on, release) && on->host->live)
		return finding_found(f, CHECK_SKIP,
				     "no ring can be made: see uring.available");
	if (lacks_uring(on, release))
		return finding_found(f, CHECK_SKIP, "%s has no io_uring", release);
	/* What Debian built it from; else the release is all there is. */
	if (on->host->kernel.version)
		release_of_debian(&r, on->host->kernel.version);
	if (outdoes_its_number(on->host, &r))
		r.vendor = true;
	if (!collect(&r, &found, &evidence))
		return finding_found(f, CHECK_PASS,
				     "none of %u.%u.%u is listed (as of %s)", r.major,
				     r.minor, r.patch, KERNEL_BUGS_AS_OF);
	err = finding_text(&f->evidence, "%s", str_text(&evidence));
	if (!err && r.vendor)
		return finding_found(
			f, CHECK_UNKNOWN,
			"in range by its number, may be fixed by backport: %s",
			str_text(&found));
	if (!err)
		err = finding_found(f, CHECK_FAIL, "%u.%u.%u: %s", r.major, r.minor,
				    r.patch, str_text(&found));
	return err ? err
		   : finding_advise(
			     f, "a release without these bugs", "those who reported them",
			     "programs that use io_uring in that way misbehave",
			     "a newer kernel of this line, or one of a later line");
}

const struct check check_kernel_known_bugs = {
	.id = "kernel.known_bugs",
	.title = "known io_uring bugs",
	.needs = HOST_CONFIG | HOST_URING | HOST_BOOT,
	.run = known_bugs,
};

/* Does it still get fixes? Only where that is known not to be so. */

static int support(const struct check_on *on, struct finding *f)
{
	const char *release = release_of(on);
	struct release r;
	int err;

	if (!release || !release_parse(&r, release))
		return finding_found(f, CHECK_UNKNOWN,
				     "which kernel will boot is not known");
	if (r.el == 7 && r.elrepo) {
		err = finding_found(f, CHECK_FAIL,
				    "%s: ELRepo's EL7 kernels got no fixes since 2024",
				    release);
		return err ? err
			   : finding_advise(
				     f, "a kernel that gets security fixes", "io_uring",
				     "only ELRepo's archive still has them; its last are "
				     "kernel-lt 5.4.278 (no network operations for "
				     "io_uring) and kernel-ml 6.9.7",
				     "move to a later system; until then keep io_uring "
				     "from those who do not need it");
	}
	if (r.el != 7 || r.major > 3)
		return finding_found(f, CHECK_PASS,
				     "not among those listed here as ended (EL7's)");
	err = finding_found(f, CHECK_FAIL, "%s: EL7 ended in 2024", release);
	return err ? err
		   : finding_advise(
			     f, "a kernel that gets security fixes", "io_uring",
			     "EL7's own kernel never had io_uring; kernels that have it "
			     "(ELRepo's archive: 5.4.278, 6.9.7) got no fixes since 2024",
			     "stay on epoll here, or move to a later system (EL9.3 or "
			     "later, Debian 12)");
}

const struct check check_kernel_support = {
	.id = "kernel.support",
	.title = "fixes for this kernel",
	.needs = HOST_KERNEL | HOST_BOOT,
	.run = support,
};

/* Does a host that nobody sits at come back from a panic? */

/* What else bears on it. */
static int panic_evidence(const struct host_crash *c, struct finding *f)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	const struct {
		const char *name;
		int64_t value;
	} all[] = {
		{ "kernel.panic_on_oops", c->panic_on_oops },
		{ "kernel.softlockup_panic", c->softlockup_panic },
		{ "kernel.hung_task_panic", c->hung_task_panic },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].value >= 0)
			str_addf(&text, "%s%s is %" PRId64, text.len ? ", " : "",
				 all[i].name, all[i].value);
	if (c->runtime_watchdog)
		str_addf(&text, "%sRuntimeWatchdogSec=%s in %s", text.len ? ", " : "",
			 c->runtime_watchdog, c->runtime_watchdog_by);
	return text.len ? finding_text(&f->evidence, "%s", text.s) : 0;
}

/* Seconds, as the sysctl has it or will have it, else the kernel's argument panic=. 1: it
 * is known; WHERE lent, or NULL. */
static int panic_timeout(const struct check_on *on, int64_t *seconds, const char **where)
{
	const struct sysctl_fact *s = &on->host->sysctl[TUNABLE_PANIC];
	const struct boot *b = on->boot;
	const char *args = b->default_index >= 0 ? b->v[b->default_index].args : NULL;
	const char *value = s->live ? s->live : on->host->live ? NULL : s->boot_value;
	CLEANUP_FREE char *arg = NULL;
	int err;

	*where = s->live ? NULL : s->boot_by;
	if (!value && !on->host->live && args) {
		err = cmdline_get(args, "panic", &arg);
		if (err < 0)
			return err;
		value = arg;
		*where = "the default entry's panic=";
	}
	return value && str_to_i64(value, INT32_MIN, INT32_MAX, seconds) == 0;
}

static int panic_stays_dead(struct finding *f)
{
	int err = finding_found(f, CHECK_FAIL,
				"no: kernel.panic is 0, no kdump, no watchdog runs");

	return err ? err
		   : finding_advise(
			     f, "a reboot after a panic", "hosts that nobody sits at",
			     "it stays dead until somebody presses a button; a trial of "
			     "another kernel could not come back either",
			     "kernel.panic = 10 in a file of /etc/sysctl.d, and panic=10 "
			     "on the kernel's command line for panics before that is "
			     "read");
}

static int panic_reboots(const struct check_on *on, struct finding *f)
{
	const struct host_crash *c = &on->host->crash;
	const char *where;
	int64_t seconds;
	int known = panic_timeout(on, &seconds, &where), err;

	if (known < 0)
		return known;
	err = panic_evidence(c, f);
	if (err)
		return err;
	if (!known && !on->host->live)
		return finding_found(f, CHECK_SKIP,
				     "no file sets kernel.panic; the value is the "
				     "kernel's own");
	if (!known)
		return finding_found(f, CHECK_UNKNOWN, "kernel.panic cannot be read");
	if (seconds < 0)
		return finding_found(f, CHECK_PASS, "yes, at once%s%s", where ? ": " : "",
				     where ? where : "");
	if (seconds)
		return finding_found(f, CHECK_PASS, "yes, after %" PRId64 " s%s%s",
				     seconds, where ? ": " : "", where ? where : "");
	if (c->kdump_loaded == 1)
		return finding_found(f, CHECK_PASS, "yes: kdump is loaded");
	if (c->watchdog)
		return finding_found(f, CHECK_PASS, "yes: the watchdog %s runs",
				     c->watchdog);
	if (!on->host->live)
		return finding_found(f, CHECK_UNKNOWN,
				     "%s sets kernel.panic to 0; kdump and watchdogs are "
				     "the running system's",
				     where);
	return panic_stays_dead(f);
}

const struct check check_kernel_panic_reboots = {
	.id = "kernel.panic_reboots",
	.title = "reboot after a panic",
	.needs = HOST_CRASH | HOST_SYSCTL | HOST_KERNEL | HOST_BOOT,
	.run = panic_reboots,
};
