#include "host/unit.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "os/root.h"
#include "os/run.h"
#include "parse/accounts.h"
#include "parse/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 3000
#define MAX_ANSWER (1024 * 1024)
#define MAX_DATABASE (16 * 1024 * 1024)

/* systemd takes a free one of 61184 to 65519 for DynamicUser= (systemd.exec(5)). */
#define DYNAMIC_USER 61184

static const char properties[] =
	"Id,LoadState,ActiveState,MainPID,User,Group,SupplementaryGroups,"
	"LimitMEMLOCK,LimitMEMLOCKSoft,LimitNOFILE,LimitNOFILESoft,SystemCallFilter,"
	"SystemCallErrorNumber,CapabilityBoundingSet,AmbientCapabilities,"
	"NoNewPrivileges,DynamicUser,PrivateUsers,PrivateNetwork,FragmentPath,"
	"SystemCallArchitectures,RestrictAddressFamilies,RestrictNamespaces,"
	"MemoryDenyWriteExecute,RestrictRealtime,RestrictSUIDSGID,"
	"ProtectKernelTunables,ProtectKernelModules,ProtectKernelLogs,ProtectClock,"
	"ProtectHostname,PrivateDevices,LockPersonality";

/* Those that systemd makes seccomp filters of, which let io_uring's calls pass. */
static const char *const filter_settings[] = {
	"SystemCallArchitectures", "RestrictAddressFamilies",
	"RestrictNamespaces",	   "MemoryDenyWriteExecute",
	"RestrictRealtime",	   "RestrictSUIDSGID",
	"ProtectKernelTunables",   "ProtectKernelModules",
	"ProtectKernelLogs",	   "ProtectClock",
	"ProtectHostname",	   "PrivateDevices",
	"LockPersonality",
};

/* What systemctl said, as fresh texts. */
struct shown {
	const char *text;
	bool oom;
};

static char *get(struct shown *s, const char *key)
{
	return unit_property(s->text, key, &s->oom);
}

static bool get_yes(struct shown *s, const char *key)
{
	CLEANUP_FREE char *value = get(s, key);

	return str_eq(value, "yes");
}

/* The number of a user or group, by name or number: 1, 0: nobody knows it, -ENOMEM. GID:
 * of a user, its own group. */
static int look_up(const char *file, const char *name, uint32_t *id, uint32_t *gid)
{
	int found = file ? accounts_number(file, name, id, gid) : 0;
	uint64_t v;

	if (found || str_to_u64(name, 0, UINT32_MAX, &v) < 0)
		return found;
	*id = (uint32_t)v;
	return 1;
}

static int add_group(struct unit_settings *u, gid_t gid)
{
	gid_t *more = realloc(u->groups, (u->n_groups + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	u->groups = more;
	u->groups[u->n_groups++] = gid;
	return 0;
}

static int more_groups(struct unit_settings *u, const char *file, char *names)
{
	char *word, *rest = NULL;
	uint32_t gid;
	int err = 0;

	for (word = strtok_r(names, " ", &rest); word && !err;
	     word = strtok_r(NULL, " ", &rest)) {
		err = look_up(file, word, &gid, NULL);
		if (err == 1)
			err = add_group(u, gid);
	}
	return err;
}

/* /etc/passwd and /etc/group; NULL where one cannot be read. */
struct databases {
	char *passwd, *group;
};

static void cleanup_databases(struct databases *d)
{
	free(d->passwd);
	free(d->group);
}

static int read_databases(struct databases *d, const struct root *r)
{
	int err = root_read(r, "/etc/passwd", MAX_DATABASE, &d->passwd, NULL);

	if (err != -ENOMEM)
		err = root_read(r, "/etc/group", MAX_DATABASE, &d->group, NULL);
	return err == -ENOMEM ? err : 0;
}

/* As systemd.exec(5) has it: a user's own group unless Group= names one. */
static int read_ids(struct unit_settings *u, const struct databases *d, const char *user,
		    const char *group)
{
	uint32_t uid = 0, gid = 0;
	int found = *user ? look_up(d->passwd, user, &uid, &gid) : 1;

	if (found == 1 && *group)
		found = look_up(d->group, group, &gid, NULL);
	u->uid = (uid_t)uid;
	u->gid = (gid_t)gid;
	u->known_user = found == 1;
	if (found)
		return found < 0 ? found : 0;
	u->user_why = str_format("user %s or group %s of %s is not in /etc/passwd or "
				 "/etc/group: the kernel cannot be asked as it",
				 *user ? user : "root", *group ? group : "of the user",
				 u->name);
	return u->user_why ? 0 : -ENOMEM;
}

static int read_user(struct unit_settings *u, const struct root *r, struct shown *s)
{
	CLEANUP(cleanup_databases) struct databases d = { NULL, NULL };
	CLEANUP_FREE char *user = get(s, "User");
	CLEANUP_FREE char *group = get(s, "Group");
	CLEANUP_FREE char *more = get(s, "SupplementaryGroups");
	int err = read_databases(&d, r);

	if (err)
		return err;
	if (get_yes(s, "DynamicUser")) {
		u->uid = u->gid = DYNAMIC_USER;
		u->known_user = true;
	} else {
		err = read_ids(u, &d, user ? user : "", group ? group : "");
		if (!err && user && *user && d.group)
			err = accounts_groups_of(d.group, user, &u->groups, &u->n_groups);
	}
	return err || !more ? err : more_groups(u, d.group, more);
}

static void read_caps(struct unit_settings *u, struct shown *s)
{
	CLEANUP_FREE char *bounding = get(s, "CapabilityBoundingSet");
	CLEANUP_FREE char *ambient = get(s, "AmbientCapabilities");
	const char *words = u->uid == 0 && u->known_user ? bounding : ambient;

	u->caps = u->private_users || !words ? 0 : unit_caps(words);
}

/* Before systemd 231 there is one value, which sets both. */
static bool read_limit(struct shown *s, const char *key, const char *soft_key,
		       uint64_t *soft, uint64_t *hard)
{
	CLEANUP_FREE char *h = get(s, key);
	CLEANUP_FREE char *l = get(s, soft_key);

	return h && unit_limit(h, hard) == 0 && unit_limit(l ? l : h, soft) == 0;
}

/* systemd's own words for the groups that a filter names. */
static int explain(const struct strv *groups, struct str *out)
{
	size_t i;

	for (i = 0; i < groups->n; i++) {
		const char *argv[] = { "systemd-analyze", "syscall-filter", groups->v[i],
				       NULL };
		CLEANUP(cleanup_run_output) struct run_output o = { 0, NULL, NULL };
		int err = run_capture(argv, ANSWER_MS, MAX_ANSWER, &o, NULL);

		if (err == -ENOMEM)
			return err;
		if (!err && o.code == 0)
			str_addf(out, "%s\n", o.out);
	}
	return out->oom ? -ENOMEM : 0;
}

static void name_calls(unsigned calls, struct str *out)
{
	static const char *const names[] = { "setup", "enter", "register" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (calls >> i & 1)
			str_addf(out, "%sio_uring_%s", out->len ? ", " : "", names[i]);
}

/* The first setting that makes a filter; NULL: none does. */
static const char *other_filter(struct shown *s)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(filter_settings); i++) {
		CLEANUP_FREE char *value = get(s, filter_settings[i]);

		if (value && *value && strcmp(value, "no") != 0 &&
		    strcmp(value, "~") != 0)
			return filter_settings[i];
	}
	return NULL;
}

static int filter_open(struct unit_settings *u, bool none, const char *other)
{
	static const char tail[] = "a filter of the program's own would not show";

	u->filter = SUBJECT_FILTER_OPEN;
	if (!none)
		u->filter_why = str_format("SystemCallFilter= of %s lets io_uring's "
					   "calls pass; %s",
					   u->name, tail);
	else if (other)
		u->filter_why = str_format("%s has no SystemCallFilter=, and what %s= "
					   "filters is not io_uring; %s",
					   u->name, other, tail);
	else
		u->filter_why =
			str_format("%s has no SystemCallFilter=; %s", u->name, tail);
	return u->filter_why ? 0 : -ENOMEM;
}

static int read_filter(struct unit_settings *u, struct shown *s)
{
	CLEANUP_FREE char *value = get(s, "SystemCallFilter");
	CLEANUP(cleanup_strv) struct strv groups = { NULL, 0 };
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	CLEANUP(cleanup_str) struct str calls = STR_INIT;
	const char *other = other_filter(s);
	struct unit_filter f = { true, 0, 0 };
	int err = value ? unit_filter_groups(value, &groups) : 0;

	if (!err)
		err = explain(&groups, &text);
	if (err)
		return err;
	f = value ? unit_filter_judge(value, str_text(&text))
		  : (struct unit_filter){ false, 0, 7 };
	u->has_filter = !f.none || other;
	name_calls(f.denied ? f.denied : f.unknown, &calls);
	if (f.denied) {
		u->filter = SUBJECT_FILTER_CLOSED;
		u->filter_why = str_format("SystemCallFilter= of %s denies %s", u->name,
					   str_text(&calls));
	} else if (f.unknown) {
		u->filter = SUBJECT_FILTER_UNKNOWN;
		u->filter_why =
			str_format("whether SystemCallFilter= of %s lets %s pass is not "
				   "known: %s",
				   u->name, str_text(&calls),
				   value ? "systemd-analyze did not explain its groups"
					 : "this systemd does not say");
	} else {
		return filter_open(u, f.none, other);
	}
	return u->filter_why ? 0 : -ENOMEM;
}

static int read_settings(struct unit_settings *u, const struct root *r, struct shown *s,
			 const char *unit, struct err *e)
{
	CLEANUP_FREE char *load = get(s, "LoadState");
	CLEANUP_FREE char *pid = get(s, "MainPID");
	uint64_t number;
	int err;

	u->name = get(s, "Id");
	if (str_eq(load, "not-found"))
		return err_set(e, -ENOENT, "--unit %s: systemd knows no such unit", unit);
	if (load && !str_eq(load, "loaded"))
		return err_set(e, -ENOENT, "--unit %s: cannot be judged: it is %s", unit,
			       load);
	if (!load || !u->name || !pid || str_to_u64(pid, 0, INT32_MAX, &number) < 0)
		return err_set(e, -ENOENT, "--unit %s: runs no program: give a service",
			       unit);
	u->pid = (pid_t)number;
	u->file = get(s, "FragmentPath");
	u->private_users = get_yes(s, "PrivateUsers");
	u->private_network = get_yes(s, "PrivateNetwork");
	u->no_new_privs = get_yes(s, "NoNewPrivileges");
	err = read_user(u, r, s);
	read_caps(u, s);
	u->known_limits = read_limit(s, "LimitMEMLOCK", "LimitMEMLOCKSoft",
				     &u->memlock_soft, &u->memlock_hard) &&
			  read_limit(s, "LimitNOFILE", "LimitNOFILESoft", &u->nofile_soft,
				     &u->nofile_hard);
	if (!err)
		err = read_filter(u, s);
	return err || s->oom ? err_set(e, -ENOMEM, "out of memory") : 0;
}

int unit_settings_read(struct unit_settings *u, const struct root *r, const char *unit,
		       struct err *e)
{
	const char *argv[] = { "systemctl", "show", "--no-pager", "-p",
			       properties,  "--",   unit,	  NULL };
	CLEANUP(cleanup_run_output) struct run_output o = { 0, NULL, NULL };
	struct shown s = { NULL, false };
	int err;

	memset(u, 0, sizeof(*u));
	if (!*unit || strpbrk(unit, "*?["))
		return err_set(e, -EINVAL, "--unit %s: give the name of one unit", unit);
	err = run_capture(argv, ANSWER_MS, MAX_ANSWER, &o, e);
	if (err == -ENOENT)
		return err_set(e, -ENOTCONN,
			       "--unit %s: no systemctl in PATH: no systemd here", unit);
	if (err < 0)
		return err_wrap(e, -ENOTCONN, "--unit %s", unit);
	if (o.code != 0)
		return err_set(e, -ENOTCONN, "--unit %s: systemctl show: %.*s", unit,
			       (int)strcspn(o.err, "\n"),
			       *o.err ? o.err : "failed without a word");
	s.text = o.out;
	err = read_settings(u, r, &s, unit, e);
	if (err < 0)
		unit_settings_clear(u);
	return err;
}

void unit_settings_clear(struct unit_settings *u)
{
	free(u->name);
	free(u->file);
	free(u->user_why);
	free(u->groups);
	free(u->filter_why);
	memset(u, 0, sizeof(*u));
}
