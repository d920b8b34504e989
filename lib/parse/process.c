#include "parse/process.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What follows "KEY:" at the start of a line; NULL: no such line. */
static const char *field(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (text) {
		if (strncmp(text, key, n) == 0 && text[n] == ':')
			return text + n + 1;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

/* The number behind blanks at *P, which moves on; -EBADMSG: there is none on this line. */
static int next_number(const char **p, uint64_t max, uint64_t *out)
{
	CLEANUP_FREE char *word = NULL;
	size_t n;

	*p += strspn(*p, " \t");
	n = strspn(*p, "0123456789");
	if (!n)
		return -EBADMSG;
	word = strndup(*p, n);
	if (!word)
		return -ENOMEM;
	*p += n;
	return str_to_u64(word, 0, max, out) < 0 ? -EBADMSG : 0;
}

/* Number NTH of KEY's line (0: the first). */
static int number(const char *text, const char *key, int nth, uint64_t max, uint64_t *out)
{
	const char *p = field(text, key);
	int err = p ? 0 : -EBADMSG;

	for (; !err && nth >= 0; nth--)
		err = next_number(&p, max, out);
	return err;
}

static int64_t optional(const char *text, const char *key)
{
	uint64_t v;

	return number(text, key, 0, INT32_MAX, &v) < 0 ? -1 : (int64_t)v;
}

static int read_groups(struct proc_status *out, const char *text)
{
	const char *p = field(text, "Groups");
	uint64_t v;

	while (p && next_number(&p, UINT32_MAX, &v) == 0) {
		gid_t *more = realloc(out->groups, (out->n_groups + 1) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		out->groups = more;
		out->groups[out->n_groups++] = (gid_t)v;
	}
	return 0;
}

int proc_status_parse(struct proc_status *out, const char *text)
{
	const char *name = field(text, "Name"), *caps = field(text, "CapEff");
	const char *state = field(text, "State");
	uint64_t uid = 0, gid = 0;
	int err;

	memset(out, 0, sizeof(*out));
	if (!name || !caps || sscanf(name, " %63[^\n]", out->name) != 1)
		return -EBADMSG;
	err = number(text, "Uid", 0, UINT32_MAX, &uid);
	if (!err)
		err = number(text, "Gid", 1, UINT32_MAX, &gid);
	if (!err)
		err = read_groups(out, text);
	if (err) {
		proc_status_clear(out);
		return err;
	}
	state = state ? state + strspn(state, " \t") : "";
	out->ended = *state == 'Z' || *state == 'X';
	out->uid = (uid_t)uid;
	out->gid = (gid_t)gid;
	out->caps = strtoull(caps, NULL, 16);
	out->no_new_privs = (int)optional(text, "NoNewPrivs");
	out->seccomp = (int)optional(text, "Seccomp");
	out->filters = (int)optional(text, "Seccomp_filters");
	out->locked_kib = optional(text, "VmLck");
	out->pinned_kib = optional(text, "VmPin");
	return 0;
}

void proc_status_clear(struct proc_status *s)
{
	free(s->groups);
	s->groups = NULL;
	s->n_groups = 0;
}

static int limit(const char **p, uint64_t *out)
{
	*p += strspn(*p, " \t");
	if (!str_has_prefix(*p, "unlimited"))
		return next_number(p, UINT64_MAX, out);
	*p += strlen("unlimited");
	*out = UINT64_MAX;
	return 0;
}

int proc_limit_parse(const char *text, const char *row, uint64_t *soft, uint64_t *hard)
{
	size_t n = strlen(row);
	const char *p;

	for (p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (strncmp(p, row, n) == 0 && p[n] == ' ')
			break;
	if (!p)
		return -EBADMSG;
	p += n;
	return limit(&p, soft) < 0 || limit(&p, hard) < 0 ? -EBADMSG : 0;
}

char *proc_cgroup(const char *text)
{
	static const char *const marks[] = { "0::", ":name=systemd:" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *at = strstr(text, marks[i]);

		if (!at)
			continue;
		at += strlen(marks[i]);
		if (*at != '\0' && *at != '\n' && strncmp(at, "/\n", 2) != 0 &&
		    strcmp(at, "/") != 0)
			return strndup(at, strcspn(at, "\n"));
	}
	return NULL;
}
