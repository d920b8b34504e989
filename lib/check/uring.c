/* Does this host offer io_uring, and if not, who says so? */
#include "base/cleanup.h"
#include "boot/boot.h"
#include "check/check.h"
#include "check/subject.h"
#include "host/host.h"
#include "profile/profile.h"
#include "uring/gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the profile makes of `uring.available`. */
static enum profile_uring wish(const struct check_on *on)
{
	return on->profile ? on->profile->uring : PROFILE_URING_LEVEL;
}

static struct uring_facts facts_of(const struct host *h)
{
	const char *live = h->sysctl[TUNABLE_IO_URING_DISABLED].live;
	const struct kernel_config *config = host_config(h, NULL);
	struct uring_facts f = { -1, -1 };
	int64_t v;

	if (live && str_to_i64(live, 0, 2, &v) == 0)
		f.disabled = (int)v;
	/* A configuration that does not know the option is an older kernel's, not one that
	 * was built without it. */
	if (config && (config->io_uring == KCONFIG_ON || config->io_uring == KCONFIG_OFF))
		f.configured = config->io_uring == KCONFIG_ON;
	return f;
}

/* The first closed gate is the cause; those behind it are named too. */
static int say_denied(const struct host *h, const struct uring_verdict *v,
		      struct finding *f)
{
	struct uring_facts facts = facts_of(h);
	struct uring_gate gates[URING_GATES];
	CLEANUP(cleanup_str) struct str behind = STR_INIT;
	const struct uring_gate *first = NULL;
	int err, i;

	uring_gates(&h->uring, &facts, gates);
	for (i = 0; i < URING_GATES; i++) {
		if (gates[i].state != URING_GATE_CLOSED)
			continue;
		if (first)
			str_addf(&behind, "; behind it also closed: %s", gates[i].name);
		else
			first = &gates[i];
	}
	err = finding_found(f, CHECK_FAIL, "denied: %s", v->text);
	if (!err && first)
		err = finding_text(&f->evidence, "%s%s", first->evidence,
				   str_text(&behind));
	return err ? err
		   : finding_advise(f, "a ring can be made", "io_uring",
				    "programs fall back to epoll or fail to start",
				    first ? first->opens : NULL);
}

static int judge_live(const struct check_on *on, struct finding *f)
{
	const struct host *h = on->host;
	struct uring_facts facts = facts_of(h);
	struct uring_verdict v = uring_verdict(&h->uring, &facts);
	enum uring_level level = uring_level(&h->uring), least = URING_EARLY;
	bool none = wish(on) == PROFILE_URING_NONE;
	int err = none ? 0 : check_subject_uring(on, v.available, f);

	if (err)
		return err < 0 ? err : 0;
	if (!h->uring.asked)
		return finding_found(f, CHECK_UNKNOWN, "%s", v.text);
	if (!v.available && none)
		return finding_found(f, CHECK_PASS, "denied: %s", v.text);
	if (!v.available)
		return say_denied(h, &v, f);
	if (on->profile && wish(on) == PROFILE_URING_LEVEL)
		least = on->profile->level;
	err = finding_found(f, none || level < least ? CHECK_FAIL : CHECK_PASS,
			    "available, level %s", uring_level_name(level));
	if (err || f->status == CHECK_PASS)
		return err;
	if (none)
		return finding_advise(f, "no io_uring", "the profile",
				      "this host is meant not to offer it",
				      "uringprep apply lockdown");
	err = finding_text(&f->want, "level %s", uring_level_name(least));
	return err ? err
		   : finding_advise(
			     f, NULL, "the profile",
			     "the operations the profile counts on are not all there",
			     "a newer kernel, or stay on epoll");
}

/* A tree of files: what the default entry's kernel was built with. */
static int judge_config(const struct check_on *on, struct finding *f)
{
	const struct boot *b = on->boot;
	const char *release =
		b->default_index >= 0 ? b->v[b->default_index].release : NULL;
	const struct kernel_config *config =
		release ? host_config(on->host, release) : NULL;
	bool none = wish(on) == PROFILE_URING_NONE;
	const char *disabled = on->host->sysctl[TUNABLE_IO_URING_DISABLED].boot_value;
	int err;

	if (!config || config->io_uring == KCONFIG_UNKNOWN)
		return finding_found(f, CHECK_UNKNOWN,
				     "no configuration of the default entry's "
				     "kernel%s%s was found",
				     release ? " " : "", release ? release : "");
	err = finding_text(&f->evidence, "inferred from %s, not asked", config->path);
	if (err)
		return err;
	if (config->io_uring == KCONFIG_ON && !(disabled && strcmp(disabled, "2") == 0)) {
		err = finding_found(f, none ? CHECK_FAIL : CHECK_PASS,
				    "%s is built with it (inferred)", release);
		return err || !none ? err
				    : finding_advise(f, "no io_uring", "the profile",
						     "this host is meant not to offer it",
						     "uringprep apply lockdown");
	}
	err = finding_found(
		f, none ? CHECK_PASS : CHECK_FAIL, "%s %s (inferred)", release,
		config->io_uring == KCONFIG_ON	  ? "will deny it: io_uring_disabled is 2"
		: config->io_uring == KCONFIG_OFF ? "is built without it"
						  : "does not know it");
	return err || none
		       ? err
		       : finding_advise(f, "a kernel with CONFIG_IO_URING", "io_uring",
					"programs fall back to epoll or fail to start",
					"make an entry with such a kernel the default: "
					"uringprep boot list");
}

static int available(const struct check_on *on, struct finding *f)
{
	if (wish(on) == PROFILE_URING_ANY)
		f->required = false;
	return on->host->live ? judge_live(on, f) : judge_config(on, f);
}

const struct check check_uring_available = {
	.id = "uring.available",
	.title = "io_uring",
	.needs = HOST_URING | HOST_SYSCTL | HOST_KERNEL | HOST_BOOT,
	.required = true,
	.run = available,
};

static int disabled(const struct check_on *on, struct finding *f)
{
	const struct sysctl_fact *s = &on->host->sysctl[TUNABLE_IO_URING_DISABLED];
	const struct sysctl_fact *g = &on->host->sysctl[TUNABLE_IO_URING_GROUP];
	const char *value = s->live ? s->live : s->boot_value;
	bool none = wish(on) == PROFILE_URING_NONE, good;
	int err;

	if (!value && on->host->live && s->live_error == -ENOENT)
		return finding_found(f, CHECK_PASS, "this kernel has no such switch");
	if (!value && on->host->live)
		return finding_found(f, CHECK_UNKNOWN, "cannot be read: %s",
				     strerror(-s->live_error));
	if (!value)
		return finding_found(f, CHECK_SKIP,
				     "no file sets it; the kernel's own is 0 "
				     "(some vendors': 1 or 2)");
	good = strcmp(value, none ? "2" : "0") == 0;
	err = finding_found(f, good ? CHECK_PASS : CHECK_FAIL, "%s%s%s%s", value,
			    s->boot_by ? ", set by " : "", s->boot_by ? s->boot_by : "",
			    strcmp(value, "1") == 0 && g->live ? ", with a group" : "");
	if (err || good)
		return err;
	if (none)
		return finding_advise(f, "2", "the profile",
				      "0 and 1 leave io_uring to some",
				      "uringprep apply lockdown");
	return finding_advise(
		f, "0", "io_uring",
		"1: only CAP_SYS_ADMIN and members of kernel.io_uring_group may "
		"make rings; 2: nobody",
		"if your policy allows: 1 with a group for the service (narrower "
		"than 0); a vendor's setting is a security decision");
}

const struct check check_uring_disabled = {
	.id = "uring.disabled",
	.title = "kernel.io_uring_disabled",
	.needs = HOST_SYSCTL,
	.run = disabled,
};

static int config(const struct check_on *on, struct finding *f)
{
	const struct host *h = on->host;
	const char *release = h->kernel.release;
	const struct kernel_config *c;
	int err;

	if (!release && on->boot->default_index >= 0)
		release = on->boot->v[on->boot->default_index].release;
	if (!release)
		return finding_found(f, CHECK_UNKNOWN,
				     "which kernel will boot is not known");
	c = host_config(h, release);
	if (!c || c->io_uring == KCONFIG_UNKNOWN)
		return finding_found(f, CHECK_UNKNOWN,
				     "no /proc/config.gz, /boot/config-%s or "
				     "/lib/modules/%s/config",
				     release, release);
	err = finding_text(&f->evidence, "%s", c->path);
	if (err)
		return err;
	if (c->io_uring == KCONFIG_ON)
		return finding_found(f, CHECK_PASS, "CONFIG_IO_URING=y");
	err = finding_found(f, CHECK_FAIL, "CONFIG_IO_URING is %s in %s",
			    c->io_uring == KCONFIG_OFF ? "not set" : "not known",
			    release);
	if (err)
		return err;
	return finding_advise(
		f, "CONFIG_IO_URING=y", "io_uring",
		"a kernel built without it answers ENOSYS",
		"another kernel: uringprep boot list shows what is installed");
}

const struct check check_kernel_config = {
	.id = "kernel.config",
	.title = "CONFIG_IO_URING",
	.needs = HOST_KERNEL | HOST_BOOT,
	.run = config,
};
