/* Does this host offer io_uring, and if not, who says so? */
#include "base/cleanup.h"
#include "boot/boot.h"
#include "check/check.h"
#include "check/subject.h"
#include "host/host.h"
#include "host/sysctl.h"
#include "profile/profile.h"
#include "uring/gate.h"
#include "uring/need.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the profile makes of `uring.available`. */
static enum profile_uring wish(const struct check_on *on)
{
	return on->profile ? on->profile->uring : PROFILE_URING_LEVEL;
}

/* What to do about each closed gate: "a command (elsewhere: the same); behind it, ...". */
static int advise_gates(const struct uring_answers *a, const struct uring_facts *facts,
			struct finding *f)
{
	struct uring_change changes[URING_GATES];
	CLEANUP(cleanup_str) struct str fix = STR_INIT;
	size_t n = uring_changes(a, facts, changes), i;

	for (i = 0; i < n; i++)
		str_addf(&fix, "%s%s%s%s%s", i ? "; and then: " : "", changes[i].command,
			 changes[i].elsewhere[0] ? " (" : "", changes[i].elsewhere,
			 changes[i].elsewhere[0] ? ")" : "");
	return finding_advise(f, "a ring can be made", "io_uring",
			      "programs fall back to epoll or fail to start",
			      n ? str_text(&fix) : NULL);
}

/* The first closed gate is the cause; those behind it are named too. */
static int say_denied(const struct host *h, const struct uring_verdict *v,
		      struct finding *f)
{
	struct uring_gate gates[URING_GATES];
	CLEANUP(cleanup_str) struct str all = STR_INIT;
	size_t i;
	int err = finding_found(f, CHECK_FAIL, "%s", v->who);

	uring_gates(&h->uring, &h->uring_facts, gates);
	str_add(&all, v->text);
	for (i = 0; i < v->n_behind; i++)
		str_addf(&all, "; behind it also closed: %s (%s)",
			 gates[v->behind[i]].name, gates[v->behind[i]].evidence);
	for (i = 0; i < URING_GATES; i++)
		if (gates[i].suspected && i != v->gate)
			str_addf(&all, "; or it is %s (%s)", gates[i].name,
				 gates[i].evidence);
	if (!err)
		err = finding_text(&f->evidence, "%s", str_text(&all));
	return err ? err : advise_gates(&h->uring, &h->uring_facts, f);
}

static int judge_live(const struct check_on *on, struct finding *f)
{
	const struct host *h = on->host;
	struct uring_verdict v = uring_verdict(&h->uring, &h->uring_facts);
	bool none = wish(on) == PROFILE_URING_NONE;
	int err = none ? 0 : check_subject_uring(on, v.available, f);

	if (err)
		return err < 0 ? err : 0;
	if (!h->uring.asked)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     h->subject.not_asked ? h->subject.not_asked
							  : v.text);
	if (!v.available && none)
		return finding_found(f, CHECK_PASS, "denied: %s", v.text);
	if (!v.available) {
		err = say_denied(h, &v, f);
		return err || v.n_behind ? err : check_subject_mend(on, f);
	}
	err = finding_found(f, none ? CHECK_FAIL : CHECK_PASS, "available, level %s",
			    uring_level_name(uring_level(&h->uring)));
	return err || !none ? err
			    : finding_advise(f, "no io_uring", "the profile",
					     "this host is meant not to offer it",
					     "uringprep apply lockdown");
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
	.needs = HOST_URING | HOST_SYSCTL | HOST_CONFIG | HOST_BOOT,
	.required = true,
	.run = available,
};

/* What a level is made of, for people. */
static const char *level_words(enum uring_level level)
{
	static const char *const words[] = {
		"none",
		"early: a ring works",
		"network: accept, recv, send and fast poll (5.7)",
		"modern: multishot accept and buffer rings (5.19)",
		"full: multishot recv, SINGLE_ISSUER and DEFER_TASKRUN (6.1)",
	};

	return words[level];
}

static int level(const struct check_on *on, struct finding *f)
{
	const struct host *h = on->host;
	bool asked = on->profile && wish(on) == PROFILE_URING_LEVEL;
	enum uring_level have = uring_level(&h->uring),
			 least = asked ? on->profile->level : URING_NETWORK;
	int err;

	f->required = asked;
	if (wish(on) == PROFILE_URING_NONE)
		return finding_found(f, CHECK_SKIP, "the profile wants no io_uring");
	if (!h->uring.asked)
		return finding_found(f, CHECK_UNKNOWN, "the kernel was not asked");
	if (!uring_verdict(&h->uring, &h->uring_facts).available)
		return finding_found(f, CHECK_SKIP,
				     "no ring can be made: see uring.available");
	if (uring_level_is_least(&h->uring))
		return finding_found(f, have < least ? CHECK_UNKNOWN : CHECK_PASS,
				     "at least %s: more could not be asked",
				     uring_level_name(have));
	err = finding_found(f, have < least ? CHECK_FAIL : CHECK_PASS, "%s",
			    level_words(have));
	if (!err && f->status == CHECK_FAIL)
		err = finding_text(&f->want, "level %s", uring_level_name(least));
	return err || f->status == CHECK_PASS
		       ? err
		       : finding_advise(
				 f, NULL, asked ? "the profile" : "servers",
				 "operations that are counted on are not all there",
				 "a newer kernel, or stay on epoll");
}

const struct check check_uring_level = {
	.id = "uring.level",
	.title = "what io_uring offers",
	.needs = HOST_URING | HOST_SYSCTL | HOST_KERNEL,
	.run = level,
	.live = true,
};

/* The words of [require] needs=. */
static int required(const struct check_on *on, struct finding *f)
{
	const struct host *h = on->host;
	const char *doubt = host_subject_doubt(&h->subject);
	size_t n = on->profile ? on->profile->n_needs : 0, i;
	CLEANUP(cleanup_str) struct str missing = STR_INIT, unknown = STR_INIT;
	int err;

	if (!n)
		return finding_found(f, CHECK_SKIP,
				     "no profile was asked for that names anything");
	if (h->uring.asked && !uring_verdict(&h->uring, &h->uring_facts).available)
		return finding_found(f, CHECK_SKIP,
				     "no ring can be made: see uring.available");
	for (i = 0; i < n; i++) {
		const char *word = on->profile->needs[i].word;
		struct uring_need need;
		enum uring_met met = uring_need_parse(word, &need, NULL) < 0
					     ? URING_MET_UNKNOWN
					     : uring_need_met(&h->uring, &need);

		if (met == URING_MISSING)
			str_addf(&missing, "%s%s", missing.len ? ", " : "", word);
		else if (met == URING_MET_UNKNOWN)
			str_addf(&unknown, "%s%s", unknown.len ? ", " : "", word);
	}
	if (missing.oom || unknown.oom)
		return -ENOMEM;
	if (missing.len) {
		err = finding_found(f, CHECK_FAIL, "missing: %s", missing.s);
		return err ? err
			   : finding_advise(f, NULL, on->profile->needs[0].where,
					    "what was written for it fails with EINVAL",
					    "a newer kernel: uringprep probe names the "
					    "release each came in");
	}
	if (unknown.len)
		return finding_found(f, CHECK_UNKNOWN, "cannot tell: %s", unknown.s);
	if (doubt)
		return finding_found(f, CHECK_UNKNOWN, "%s", doubt);
	return finding_found(f, CHECK_PASS, "all %zu of the profile are here", n);
}

const struct check check_uring_required = {
	.id = "uring.required",
	.title = "what the profile names of io_uring",
	.needs = HOST_URING, /* whole where a profile names something (job/judge) */
	.required = true,
	.run = required,
	.live = true,
};

static int disabled(const struct check_on *on, struct finding *f)
{
	const struct sysctl_fact *s = &on->host->sysctl[TUNABLE_IO_URING_DISABLED];
	const struct sysctl_fact *g = &on->host->sysctl[TUNABLE_IO_URING_GROUP];
	const char *value = s->live ? s->live : s->boot_value;
	bool none = wish(on) == PROFILE_URING_NONE, grouped, good;
	int err;

	if (!value && on->host->live && s->live_error == -ENOENT)
		return finding_found(f, CHECK_PASS, "this kernel has no such switch");
	if (!value && on->host->live)
		return finding_found(f, CHECK_UNKNOWN, "cannot be read: %s",
				     host_sysctl_why(s->live_error));
	if (!value)
		return finding_found(f, CHECK_SKIP,
				     "no file sets it; the kernel's own is 0 "
				     "(some vendors': 1 or 2)");
	/* 1 with a group is narrower than 0, and meant. */
	grouped = strcmp(value, "1") == 0 && g->live && g->live[0] != '-';
	good = strcmp(value, none ? "2" : "0") == 0 || (grouped && !none);
	err = finding_found(f, good ? CHECK_PASS : CHECK_FAIL, "%s%s%s%s", value,
			    s->boot_by ? ", set by " : "", s->boot_by ? s->boot_by : "",
			    grouped ? ", with a group" : "");
	if (err || good)
		return err;
	if (none)
		return finding_advise(f, "2", "the profile",
				      "0 and 1 leave io_uring to some",
				      "uringprep apply lockdown");
	return finding_advise(
		f, "1 with a group, or 0", "io_uring",
		"1: only CAP_SYS_ADMIN and members of kernel.io_uring_group may "
		"make rings; 2: nobody",
		"sysctl -w kernel.io_uring_disabled=1 kernel.io_uring_group=GID, where "
		"your policy allows it: a vendor's setting is a security decision");
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

	if (h->live && uring_level(&h->uring) != URING_NONE)
		return finding_found(f, CHECK_PASS, "built in: a ring was made");
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
	.needs = HOST_CONFIG | HOST_URING | HOST_BOOT,
	.run = config,
};
