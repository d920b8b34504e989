#include "host/crash.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (256 * 1024)
#define WATCHDOGS "/sys/class/watchdog"

void host_crash_clear(struct host_crash *c)
{
	free(c->watchdog);
	free(c->runtime_watchdog);
	free(c->runtime_watchdog_by);
	c->watchdog = c->runtime_watchdog = c->runtime_watchdog_by = NULL;
}

static int64_t number_in(const struct host *h, const char *path)
{
	CLEANUP_FREE char *text = NULL;
	int64_t v;

	if (root_read(h->root, path, 4096, &text, NULL) < 0 ||
	    str_to_i64(str_trim(text), INT32_MIN, INT32_MAX, &v) < 0)
		return -1;
	return v;
}

/* One line of a file in sysfs; NULL: not there. */
static char *line_in(const struct host *h, const char *name, const char *file)
{
	CLEANUP_FREE char *text = NULL;
	char path[256];

	snprintf(path, sizeof(path), WATCHDOGS "/%s/%s", name, file);
	if (root_read(h->root, path, 4096, &text, NULL) < 0)
		return NULL;
	return strdup(str_trim(text));
}

/* The first that runs. One in software does not count: whether its timer still runs after
 * a panic is not known. */
static int read_watchdog(struct host *h)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	size_t i;

	if (root_list(h->root, WATCHDOGS, &names) == -ENOMEM)
		return -ENOMEM;
	for (i = 0; i < names.n && !h->crash.watchdog; i++) {
		CLEANUP_FREE char *state = line_in(h, names.v[i], "state");
		CLEANUP_FREE char *identity = line_in(h, names.v[i], "identity");

		if (str_eq(state, "active") && identity &&
		    strcmp(identity, "Software Watchdog") != 0)
			h->crash.watchdog = TAKE_PTR(identity);
	}
	return 0;
}

static int read_live(struct host *h)
{
	struct host_crash *c = &h->crash;

	c->panic_on_oops = number_in(h, "/proc/sys/kernel/panic_on_oops");
	c->softlockup_panic = number_in(h, "/proc/sys/kernel/softlockup_panic");
	c->hung_task_panic = number_in(h, "/proc/sys/kernel/hung_task_panic");
	c->kdump_loaded = number_in(h, "/sys/kernel/kexec_crash_loaded");
	return read_watchdog(h);
}

static int read_recorded(struct host *h)
{
	struct host_crash *c = &h->crash;
	const char *text = facts_text(h, "crash", "watchdog");

	c->panic_on_oops = facts_i64(h, "crash", "panic_on_oops", -1);
	c->softlockup_panic = facts_i64(h, "crash", "softlockup_panic", -1);
	c->hung_task_panic = facts_i64(h, "crash", "hung_task_panic", -1);
	c->kdump_loaded = facts_i64(h, "crash", "kdump_loaded", -1);
	if (text && !(c->watchdog = strdup(text)))
		return -ENOMEM;
	return 0;
}

/* The last RuntimeWatchdogSec= of one file of systemd's manager. */
static int read_manager(struct host *h, const char *path)
{
	static const char key[] = "RuntimeWatchdogSec";
	CLEANUP_FREE char *text = NULL;
	const char *cur, *line;
	size_t len, n;

	if (root_read(h->root, path, MAX_FILE, &text, &len) < 0)
		return 0;
	for (cur = text; (line = str_line(&cur, text + len, &n));) {
		CLEANUP_FREE char *copy = strndup(line, n);
		char *p;

		if (!copy)
			return -ENOMEM;
		p = str_trim(copy);
		if (!str_has_prefix(p, key))
			continue;
		p = str_trim(p + strlen(key));
		if (*p != '=')
			continue;
		free(h->crash.runtime_watchdog);
		free(h->crash.runtime_watchdog_by);
		h->crash.runtime_watchdog = strdup(str_trim(p + 1));
		h->crash.runtime_watchdog_by = strdup(path);
		if (!h->crash.runtime_watchdog || !h->crash.runtime_watchdog_by)
			return -ENOMEM;
	}
	return 0;
}

/* The main file, then its drop-ins (systemd-system.conf(5)). */
static int read_systemd(struct host *h)
{
	static const char folder[] = "/etc/systemd/system.conf.d";
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	int err = read_manager(h, "/etc/systemd/system.conf");
	size_t i;

	if (!err && root_list(h->root, folder, &names) == -ENOMEM)
		err = -ENOMEM;
	for (i = 0; i < names.n && !err; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", folder, names.v[i]);
		if (str_has_suffix(path, ".conf"))
			err = read_manager(h, path);
	}
	return err;
}

int host_read_crash(struct host *h)
{
	int err = 0;

	h->crash = (struct host_crash){ -1, -1, -1, -1, NULL, NULL, NULL };
	if (h->recorded)
		err = read_recorded(h);
	else if (h->live)
		err = read_live(h);
	return err ? err : read_systemd(h);
}
