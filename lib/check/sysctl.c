#include "base/cleanup.h"
#include "check/check.h"
#include "host/host.h"
#include "host/sysctl.h"
#include "profile/profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int files(const struct check_on *on, struct finding *f)
{
	const struct strv *bad = &on->host->sysctl_bad;
	const struct strv *unread = &on->host->sysctl_unread;
	int err;

	if (!bad->n && unread->n)
		return finding_found(f, CHECK_UNKNOWN, "%s%s", unread->v[0],
				     unread->n > 1 ? ", and more files" : "");
	if (!bad->n)
		return finding_found(f, CHECK_PASS, "every line is understood");
	err = finding_found(f, CHECK_FAIL, "%s%s", bad->v[0],
			    bad->n > 1 ? " and more files" : "");
	return err ? err
		   : finding_advise(f, "key = value", "sysctl.d(5)",
				    "a line that is no assignment is skipped at boot, "
				    "with only a "
				    "line in the journal",
				    "mend or remove that line");
}

const struct check check_sysctl_files = {
	.id = "sysctl.files",
	.title = "sysctl.d files",
	.needs = HOST_SYSCTL,
	.run = files,
};

/* What is known of a key: live, else what it will be at boot. */
static const char *value_of(const struct sysctl_fact *s)
{
	return s->live ? s->live : s->boot_value;
}

static const struct setting *wanted(const struct check_on *on, size_t k)
{
	return on->profile ? profile_setting(on->profile, k) : NULL;
}

static int set_evidence(const struct check_on *on, size_t k, struct finding *f)
{
	struct tunable_use use = { TUNABLE_UNKNOWN, NULL };
	int err = tunables[k].use ? tunables[k].use(on->host, &use) : 0;

	if (!err && use.text)
		err = finding_text(&f->evidence, "%s", use.text);
	free(use.text);
	return err;
}

/* Compare with what the profile asks for. */
static int against_profile(const struct check_on *on, const struct setting *s,
			   uint64_t have, struct finding *f)
{
	CLEANUP_FREE char *want = setting_text(s);
	struct tunable_value value = { 1, { have } };
	bool ok = setting_is_met(s, &value);
	int err = finding_found(f, ok ? CHECK_PASS : CHECK_FAIL, "%" PRIu64, have);

	if (!err)
		err = finding_text(&f->want, "%s", want ? want : "");
	if (!err)
		err = finding_text(&f->want_by, "profile %s (%s)", on->profile->name,
				   s->where);
	if (err || ok)
		return err;
	err = finding_text(&f->why, "%s", s->tunable->what);
	return err ? err : finding_text(&f->fix, "uringprep apply %s", on->profile->name);
}

/* The value of key K as a number. 1: *HAVE is set; 0: the finding says why not. */
static int have_value(const struct check_on *on, size_t k, uint64_t *have,
		      struct finding *f, int *err)
{
	const struct sysctl_fact *s = &on->host->sysctl[k];
	const char *text = value_of(s);

	if (!text && !on->host->live && on->host->sysctl_unread.n)
		*err = finding_found(f, CHECK_UNKNOWN, "%s",
				     on->host->sysctl_unread.v[0]);
	else if (!text && !on->host->live)
		*err = finding_found(
			f, CHECK_SKIP,
			"no file sets it; the value is the kernel's own (%s)",
			tunables[k].default_is);
	else if (!text)
		*err = finding_found(f, CHECK_UNKNOWN, "%s cannot be read: %s",
				     tunables[k].key, host_sysctl_why(s->live_error));
	else if (str_to_u64(text, 0, UINT64_MAX, have) < 0)
		*err = finding_found(f, CHECK_UNKNOWN, "\"%s\" is not a number", text);
	else
		return 1;
	return 0;
}

static int aio(const struct check_on *on, struct finding *f)
{
	const struct setting *s = wanted(on, TUNABLE_AIO_MAX_NR);
	int64_t nr = on->host->use.aio_nr;
	uint64_t have;
	int err = 0;

	if (!have_value(on, TUNABLE_AIO_MAX_NR, &have, f, &err))
		return err;
	err = set_evidence(on, TUNABLE_AIO_MAX_NR, f);
	if (err || s)
		return err ? err : against_profile(on, s, have, f);
	err = finding_found(
		f, nr > 0 && (uint64_t)nr >= have - have / 5 ? CHECK_FAIL : CHECK_PASS,
		"%" PRIu64, have);
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "a fifth of it free", "libaio programs",
		"io_setup() fails with EAGAIN above it (io_uring does not use it)",
		"uringprep apply storage");
}

const struct check check_sysctl_aio_max_nr = {
	.id = "sysctl.aio_max_nr",
	.title = "libaio requests",
	.needs = HOST_SYSCTL,
	.run = aio,
};

static int somaxconn(const struct check_on *on, struct finding *f)
{
	const struct setting *s = wanted(on, TUNABLE_SOMAXCONN);
	uint64_t have;
	int err = 0;

	if (!have_value(on, TUNABLE_SOMAXCONN, &have, f, &err))
		return err;
	err = set_evidence(on, TUNABLE_SOMAXCONN, f);
	if (err || s)
		return err ? err : against_profile(on, s, have, f);
	err = finding_found(f,
			    have < 4096 && on->host->use.listen_overflows > 0
				    ? CHECK_FAIL
				    : CHECK_PASS,
			    "%" PRIu64, have);
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "at least 4096", "ListenOverflows",
		"accept queues have overflowed since boot: connections were dropped",
		"uringprep apply server, then restart the servers");
}

const struct check check_sysctl_somaxconn = {
	.id = "sysctl.somaxconn",
	.title = "accept queue",
	.needs = HOST_SYSCTL,
	.run = somaxconn,
};

static int swappiness(const struct check_on *on, struct finding *f)
{
	const struct setting *s = wanted(on, TUNABLE_SWAPPINESS);
	uint64_t have;
	int err = 0;

	if (!have_value(on, TUNABLE_SWAPPINESS, &have, f, &err))
		return err;
	err = set_evidence(on, TUNABLE_SWAPPINESS, f);
	if (err || s)
		return err ? err : against_profile(on, s, have, f);
	err = finding_found(
		f, have > 60 && on->host->use.swap_devices != 0 ? CHECK_FAIL : CHECK_PASS,
		"%" PRIu64, have);
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(f, "at most 60", "the kernel's default",
			      "idle servers are swapped out before file cache is dropped",
			      "uringprep apply server");
}

const struct check check_sysctl_swappiness = {
	.id = "sysctl.swappiness",
	.title = "swapping",
	.needs = HOST_SYSCTL,
	.run = swappiness,
};
