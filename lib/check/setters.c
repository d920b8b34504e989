/* Who sets our keys: which file wins, who else sets them, and may we? */
#include "base/cleanup.h"
#include "check/check.h"
#include "host/host.h"
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is judged must not depend on what happens to be read: these keys are those that
 * checks look at, and what a profile of ours or tuned's sets. */
static bool in_question(const struct check_on *on, size_t k)
{
	const struct tuned_line *tuned = &on->host->managers.tuned_sets[k];

	return (on->profile && profile_setting(on->profile, k)) || tuned->value ||
	       k < TUNABLE_CHECKED;
}

static void add_part(struct str *s, const char *part)
{
	str_add(s, s->len ? "; " : "");
	str_add(s, part);
}

/* By what a key may differ from its value at boot. */
enum { DIFFERS_ALL = 1, DIFFERS_NOW = 2 };

/* What is now is what tuned sets, and will set again at the next boot. */
static bool is_tuneds(const struct host *h, size_t k)
{
	const char *value = h->managers.tuned_sets[k].value;

	if (!value || !h->sysctl[k].live)
		return false;
	return sysctl_value_eq(value + strspn(value, "<>"), h->sysctl[k].live);
}

static unsigned differs(const struct host *h, size_t k)
{
	const struct sysctl_fact *f = &h->sysctl[k];
	unsigned all = f->all_value && !sysctl_value_eq(f->all_value, f->boot_value);
	unsigned now = f->live && f->boot_value &&
		       !sysctl_value_eq(f->live, f->boot_value) && !is_tuneds(h, k);

	return all * DIFFERS_ALL + now * DIFFERS_NOW;
}

/* What it comes to at boot, after `sysctl --system`, and now, where these differ. */
static void say_values(const struct host *h, size_t k, struct str *out)
{
	const struct sysctl_fact *f = &h->sysctl[k];
	unsigned how = differs(h, k);

	str_addf(out, "%s%s: ", out->len ? "; " : "", tunables[k].key);
	if (f->boot_value)
		str_addf(out, "%s at boot (%s)", f->boot_value, f->boot_by);
	else
		str_add(out, "set by no file at boot");
	if (how & DIFFERS_ALL)
		str_addf(out, ", %s after sysctl --system (%s)", f->all_value, f->all_by);
	if (how & DIFFERS_NOW)
		str_addf(out, ", %s now", f->live);
}

static void list_setters(const struct sysctl_fact *f, const char *key, struct str *out)
{
	size_t i;

	for (i = 0; i < f->setters.n; i++) {
		const struct sysctl_setter *s = &f->setters.v[i];

		str_addf(out, "%s%s:%u: ", out->len ? "; " : "", s->path, s->line);
		str_addf(out, s->value ? "%s = %s" : "-%s", s->glob ? s->glob : key,
			 s->value);
	}
}

static int advise_order(struct finding *f, unsigned how)
{
	if (how & DIFFERS_ALL)
		return finding_advise(
			f, "one value, whoever loads the files", "sysctl.d(5), sysctl(8)",
			"systemd-sysctl knows /etc/sysctl.conf only by a link from "
			"sysctl.d, sysctl --system reads it last: the value depends on "
			"who came last",
			"keep one of these lines and remove the others, then run: "
			"sysctl --system");
	return finding_advise(f, "now what it will be after a boot", "sysctl.d(5)",
			      "it was set at run time, or the file came later: the next "
			      "boot changes it",
			      "change that line, or run: sysctl --system");
}

static int precedence(const struct check_on *on, struct finding *f)
{
	CLEANUP(cleanup_str) struct str found = STR_INIT;
	CLEANUP(cleanup_str) struct str lines = STR_INIT;
	const struct host *h = on->host;
	unsigned how = 0;
	size_t k, set = 0;
	int err;

	for (k = 0; k < TUNABLE_COUNT; k++) {
		const struct sysctl_fact *one = &h->sysctl[k];

		if (!in_question(on, k))
			continue;
		set += one->setters.n > 0;
		if (!differs(h, k))
			continue;
		how |= differs(h, k);
		say_values(h, k, &found);
		list_setters(one, tunables[k].key, &lines);
	}
	if (found.oom || lines.oom)
		return -ENOMEM;
	if (!how && h->sysctl_unread.n)
		return finding_found(f, CHECK_UNKNOWN, "%s", h->sysctl_unread.v[0]);
	if (!how)
		return finding_found(
			f, CHECK_PASS, "%s",
			!set	  ? "no file sets one of these keys"
			: h->live ? "boot, sysctl --system and what is set now agree"
				  : "boot and sysctl --system agree");
	err = finding_found(f, CHECK_FAIL, "%s", found.s);
	if (!err)
		err = finding_text(&f->evidence, "in load order: %s", str_text(&lines));
	return err ? err : advise_order(f, how);
}

const struct check check_sysctl_precedence = {
	.id = "sysctl.precedence",
	.title = "which file wins",
	.needs = HOST_SYSCTL,
	.run = precedence,
};

/* Does tuned's line take the place of what a file of the administrator's says? Its re-apply
 * gives those back. */
static bool overrides(const struct host *h, size_t k)
{
	const struct tuned_line *l = &h->managers.tuned_sets[k];
	const struct sysctl_fact *f = &h->sysctl[k];
	uint64_t want, have;
	char rule;

	if (!l->value || !f->boot_value || h->managers.tuned_reapplies ||
	    !(str_has_prefix(f->boot_by, "/etc/") || str_has_prefix(f->boot_by, "/run/")))
		return false;
	rule = *l->value == '>' || *l->value == '<' ? *l->value : '\0';
	if (!rule || str_to_u64(l->value + 1, 0, UINT64_MAX, &want) < 0 ||
	    str_to_u64(f->boot_value, 0, UINT64_MAX, &have) < 0)
		return !sysctl_value_eq(l->value, f->boot_value);
	return rule == '>' ? have < want : have > want;
}

/* "tuned (web) sets vm.swappiness=10"; true: it overrides one of them. */
static bool say_tuned(const struct host *h, struct str *found, struct str *lines)
{
	const struct host_managers *m = &h->managers;
	CLEANUP(cleanup_str) struct str s = STR_INIT;
	bool over = false;
	size_t k, n = 0;

	str_addf(&s, "tuned (%s) sets ", m->tuned);
	for (k = 0; k < TUNABLE_COUNT; k++) {
		const struct tuned_line *l = &m->tuned_sets[k];

		if (!l->value)
			continue;
		str_addf(&s, "%s%s=%s", n++ ? ", " : "", tunables[k].key, l->value);
		if (overrides(h, k)) {
			over = true;
			str_addf(&s, " over %s of %s", h->sysctl[k].boot_value,
				 h->sysctl[k].boot_by);
		}
		add_part(lines, l->by);
	}
	str_add(&s, n ? "" : "none of these keys");
	add_part(found, str_text(&s));
	return over;
}

static int managers(const struct check_on *on, struct finding *f)
{
	const struct host_managers *m = &on->host->managers;
	CLEANUP(cleanup_str) struct str found = STR_INIT;
	CLEANUP(cleanup_str) struct str lines = STR_INIT;
	const char *unclear = m->tuned_unclear ? m->tuned_unclear : m->cloud_init_unread;
	bool over = m->tuned && say_tuned(on->host, &found, &lines);
	enum check_status status = over || m->cloud_init_by ? CHECK_FAIL : CHECK_PASS;
	int err;

	if (m->saptune)
		str_addf(&found, "%ssaptune is active (%s)", found.len ? "; " : "",
			 m->saptune);
	if (m->cloud_init_by)
		str_addf(&found, "%scloud-init has to do with sysctl (%s)",
			 found.len ? "; " : "", m->cloud_init_by);
	if (status == CHECK_PASS && (unclear || m->saptune)) {
		status = CHECK_UNKNOWN;
		add_part(&found, unclear ? unclear : "what it sets is not read here");
	}
	if (found.oom || lines.oom)
		return -ENOMEM;
	err = finding_found(f, status, "%s",
			    found.len	    ? found.s
			    : m->cloud_init ? "cloud-init, without a word of sysctl"
					    : "none but sysctl.d");
	if (!err && lines.len)
		err = finding_text(&f->evidence, "%s; reapply_sysctl is %s", lines.s,
				   m->tuned_reapplies ? "on: files of /etc and /run win"
						      : "off");
	if (err || status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "one owner for a key", "who runs last",
		"these run after systemd-sysctl, so its files are not the last word",
		m->tuned     ? "set the key in tuned's profile, or reapply_sysctl = 1 in "
			       "/etc/tuned/tuned-main.conf"
		: m->saptune ? "saptune note verify shows what it sets; override there"
			     : "set the key in one place: there, or in sysctl.d");
}

const struct check check_sysctl_managers = {
	.id = "sysctl.managers",
	.title = "who else sets sysctls",
	.needs = HOST_SYSCTL,
	.run = managers,
};

/* Keys that cannot be written, "a, b"; the last reason, or 1 where one is unknown. */
static int denied(const struct check_on *on, struct str *keys, bool *net, bool *there)
{
	int why = 0;
	size_t k;

	for (k = 0; k < TUNABLE_COUNT; k++) {
		const struct sysctl_fact *s = &on->host->sysctl[k];

		*there |= s->live != NULL;
		if (!s->live || !in_question(on, k) ||
		    (on->profile && !profile_setting(on->profile, k)))
			continue;
		if (s->write_error > 0 && !why)
			why = s->write_error;
		if (s->write_error >= 0)
			continue;
		why = s->write_error;
		*net |= str_has_prefix(tunables[k].key, "net.");
		str_addf(keys, "%s%s", keys->len ? ", " : "", tunables[k].key);
	}
	return why;
}

static int writable(const struct check_on *on, struct finding *f)
{
	CLEANUP(cleanup_str) struct str keys = STR_INIT;
	bool net = false, there = false;
	int why, err;

	why = denied(on, &keys, &net, &there);
	if (keys.oom)
		return -ENOMEM;
	if (!there)
		return finding_found(f, CHECK_UNKNOWN, "no key can be read");
	if (!keys.len)
		return finding_found(f, why ? CHECK_UNKNOWN : CHECK_PASS, "%s",
				     why ? "not root: whether root may is not known"
					 : "every key that is here can be set");
	err = finding_found(f, CHECK_FAIL, "cannot be set from here: %s (%s)", keys.s,
			    strerror(-why));
	return err ? err
		   : finding_advise(
			     f, "/proc/sys can be written", "uringprep apply",
			     "a container sees these keys read-only: they are the host's",
			     net ? "on the host: uringprep apply; keys of net. are each "
				   "network namespace's own: give them when the "
				   "container "
				   "starts (--sysctl KEY=VALUE)"
				 : "on the host: uringprep apply");
}

const struct check check_sysctl_writable = {
	.id = "sysctl.writable",
	.title = "keys can be set",
	.needs = HOST_SYSCTL,
	.live = true,
	.run = writable,
};
