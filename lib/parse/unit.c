#include "parse/unit.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH 8 /* of groups in groups */

char *unit_property(const char *text, const char *key, bool *oom)
{
	const char *cur = text, *end = text + strlen(text), *line;
	size_t n, k = strlen(key);

	while ((line = str_line(&cur, end, &n)))
		if (n > k && memcmp(line, key, k) == 0 && line[k] == '=') {
			char *value = strndup(line + k + 1, n - k - 1);

			*oom |= !value;
			return value;
		}
	return NULL;
}

/* The next word of *P, up to blanks; its length, 0 at the end. */
static size_t next_word(const char **p, const char **word)
{
	*p += strspn(*p, " \t\n");
	*word = *p;
	*p += strcspn(*p, " \t\n");
	return (size_t)(*p - *word);
}

static bool is_word(const char *word, size_t n, const char *name)
{
	return strlen(name) == n && strncmp(word, name, n) == 0;
}

uint64_t unit_caps(const char *words)
{
	/* linux/capability.h, in the order of the numbers. */
	static const char *const names[] = {
		"chown",
		"dac_override",
		"dac_read_search",
		"fowner",
		"fsetid",
		"kill",
		"setgid",
		"setuid",
		"setpcap",
		"linux_immutable",
		"net_bind_service",
		"net_broadcast",
		"net_admin",
		"net_raw",
		"ipc_lock",
		"ipc_owner",
		"sys_module",
		"sys_rawio",
		"sys_chroot",
		"sys_ptrace",
		"sys_pacct",
		"sys_admin",
		"sys_boot",
		"sys_nice",
		"sys_resource",
		"sys_time",
		"sys_tty_config",
		"mknod",
		"lease",
		"audit_write",
		"audit_control",
		"setfcap",
		"mac_override",
		"mac_admin",
		"syslog",
		"wake_alarm",
		"block_suspend",
		"audit_read",
		"perfmon",
		"bpf",
		"checkpoint_restore",
	};
	const char *word;
	uint64_t caps = 0;
	size_t n, i;

	while ((n = next_word(&words, &word)))
		for (i = 0; n > 4 && i < ARRAY_SIZE(names); i++)
			if (strncmp(word, "cap_", 4) == 0 &&
			    is_word(word + 4, n - 4, names[i]))
				caps |= 1ULL << i;
	return caps;
}

int unit_limit(const char *value, uint64_t *out)
{
	if (strcmp(value, "infinity") == 0) {
		*out = UINT64_MAX;
		return 0;
	}
	return str_to_u64(value, 0, UINT64_MAX, out) < 0 ? -EBADMSG : 0;
}

static unsigned call_bit(const char *word, size_t n)
{
	static const char *const calls[] = { "io_uring_setup", "io_uring_enter",
					     "io_uring_register" };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (is_word(word, n, calls[i]))
			return 1U << i;
	return 0;
}

#define ALL_CALLS 7U

/* Which calls are in group WORD: its lines follow its name, indented, up to the next line
 * that is not. False: it is not explained. */
static bool group_calls(const char *groups, const char *word, size_t n, int depth,
			unsigned *calls)
{
	const char *cur = groups, *end = groups + strlen(groups), *line, *p, *member;
	bool inside = false, known = false;
	size_t len, m;

	while ((line = str_line(&cur, end, &len))) {
		if (!len)
			continue;
		if (line[0] != ' ' && line[0] != '\t') {
			inside = len == n && memcmp(line, word, n) == 0;
			known |= inside;
			continue;
		}
		p = line;
		m = next_word(&p, &member);
		if (!inside || !m || *member == '#' || member >= line + len)
			continue;
		*calls |= call_bit(member, m);
		if (*member == '@' &&
		    (!depth || !group_calls(groups, member, m, depth - 1, calls)))
			return false;
	}
	return known;
}

int unit_filter_groups(const char *value, struct strv *groups)
{
	const char *p = value + (*value == '~'), *word;
	size_t n;
	int err = 0;

	while (!err && (n = next_word(&p, &word)))
		if (*word == '@')
			err = strv_addf(groups, "%.*s", (int)strcspn(word, " \t\n:"),
					word);
	return err;
}

struct unit_filter unit_filter_judge(const char *value, const char *groups)
{
	bool denies = *value == '~';
	unsigned named = 0, answered = 0;
	struct unit_filter f = { false, 0, 0 };
	const char *p = value + denies, *word;
	size_t n, name;

	f.none = !p[strspn(p, " \t\n")];
	while ((n = next_word(&p, &word))) {
		unsigned calls = 0;

		/* "call:EPERM" is denied with that answer, in either kind of list. */
		name = strcspn(word, ":");
		name = name < n ? name : n;
		if (*word != '@')
			calls = call_bit(word, name);
		else if (!group_calls(groups, word, name, MAX_DEPTH, &calls))
			f.unknown = ALL_CALLS;
		named |= calls;
		if (name < n)
			answered |= calls;
	}
	if (f.none)
		return f;
	f.denied = denies ? named : (~named & ALL_CALLS) | answered;
	/* What is named is known, whatever else a group may hold; in a list of what is
	 * allowed, so is a call that is answered. */
	f.unknown &= denies ? ~f.denied : ~(named | answered);
	f.denied &= ~f.unknown;
	return f;
}
