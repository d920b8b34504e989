#include "host/facts.h"

#include "host/facts_schema.h"
#include "uring/names.h"

#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const facts_kconfig[] = { "unknown", "absent", "off", "on" };
const char *const facts_filter[] = { "open", "closed", "unknown" };
const char *const facts_subject[] = { "self", "pid", "unit" };

static json_object *get(const struct host *h, const char *section, const char *key)
{
	json_object *s = NULL, *v = NULL;

	if (!json_object_object_get_ex(h->recorded, section, &s) ||
	    !json_object_is_type(s, json_type_object))
		return NULL;
	return json_object_object_get_ex(s, key, &v) ? v : NULL;
}

const char *facts_text(const struct host *h, const char *section, const char *key)
{
	json_object *v = get(h, section, key);

	return v && json_object_is_type(v, json_type_string) ? json_object_get_string(v)
							     : NULL;
}

int64_t facts_i64(const struct host *h, const char *section, const char *key,
		  int64_t none)
{
	json_object *v = get(h, section, key);

	return v && json_object_is_type(v, json_type_int) ? json_object_get_int64(v)
							  : none;
}

bool facts_bool(const struct host *h, const char *section, const char *key)
{
	json_object *v = get(h, section, key);

	return v && json_object_get_boolean(v);
}

/* The place of a recorded word in NAMES, NONE where it was not recorded. */
static int word(const struct host *h, const char *section, const char *key,
		const char *const *names, size_t n, int none)
{
	const char *text = facts_text(h, section, key);
	size_t i;

	for (i = 0; text && i < n; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return none;
}

/* OUT stays zero where it was not recorded. */
static void bits(json_object *o, const char *key, uint64_t out[4])
{
	json_object *v = NULL;

	if (json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_string))
		str_to_bits(json_object_get_string(v), out);
}

static void facts_set(const struct host *h, enum uring_kind kind, struct uring_set *out)
{
	json_object *o = get(h, "uring", uring_kind_key(kind)), *v = NULL;

	if (!o || !json_object_is_type(o, json_type_object))
		return;
	bits(o, "have", out->have);
	bits(o, "asked", out->asked);
	if (json_object_object_get_ex(o, "source", &v))
		out->source = (enum uring_source)json_object_get_int(v);
	if (json_object_object_get_ex(o, "error", &v))
		out->error = json_object_get_int(v);
}

void facts_uring(const struct host *h, struct uring_answers *out)
{
	int kind;

	memset(out, 0, sizeof(*out));
	out->asked = facts_i64(h, "uring", "setup_null", 1) != 1;
	out->killed = facts_bool(h, "uring", "killed");
	out->answered = (int)facts_i64(h, "uring", "answered", 3);
	out->setup_null = (int)facts_i64(h, "uring", "setup_null", 0);
	out->enter_bad = (int)facts_i64(h, "uring", "enter_bad", -EBADF);
	out->register_bad = (int)facts_i64(h, "uring", "register_bad", -EBADF);
	out->seccomp_mode = (int)facts_i64(h, "uring", "seccomp_mode", 0);
	out->setup_real = (int)facts_i64(h, "uring", "setup_real", 0);
	out->setup_one = (int)facts_i64(h, "uring", "setup_one", 0);
	for (kind = 0; kind < URING_KINDS; kind++)
		facts_set(h, (enum uring_kind)kind, &out->set[kind]);
}

/* A limit; a recorded -1 is "unlimited". */
static uint64_t limit(const struct host *h, const char *key)
{
	return (uint64_t)facts_i64(h, "limits", key, -1);
}

void facts_limits(const struct host *h, struct host_limits *l)
{
	l->known = facts_i64(h, "limits", "nofile_soft", -2) != -2 &&
		   facts_i64(h, "limits", "memlock_soft", -2) != -2;
	l->lock_exempt = facts_bool(h, "limits", "lock_exempt");
	l->memlock_soft = limit(h, "memlock_soft");
	l->memlock_hard = limit(h, "memlock_hard");
	l->nofile_soft = limit(h, "nofile_soft");
	l->nofile_hard = limit(h, "nofile_hard");
	if (get(h, "limits", "rings_charged"))
		l->ring.charged = facts_bool(h, "limits", "rings_charged");
	l->ring.header = (int)facts_i64(h, "limits", "ring_header_bytes", -1);
	l->ring.rounded = facts_bool(h, "limits", "ring_parts_rounded");
	l->ring.held = facts_i64(h, "limits", "held_bytes", -1);
}

/* KEY of SECTION as a fresh copy in *OUT; 0 or -ENOMEM. */
static int copy(const struct host *h, const char *section, const char *key, char **out)
{
	const char *text = facts_text(h, section, key);

	free(*out);
	*out = text ? strdup(text) : NULL;
	return text && !*out ? -ENOMEM : 0;
}

static int facts_who(struct host *h)
{
	struct host_subject *s = &h->subject;
	int err;

	s->kind = (enum subject_kind)word(h, "subject", "kind", facts_subject,
					  SUBJECT_UNIT + 1, SUBJECT_SELF);
	if (s->kind == SUBJECT_SELF)
		return 0;
	s->filter = (enum subject_filter)word(h, "subject", "filter", facts_filter,
					      SUBJECT_FILTER_UNKNOWN + 1,
					      SUBJECT_FILTER_UNKNOWN);
	s->same[SUBJECT_NET] = get(h, "subject", "same_network")
				       ? facts_bool(h, "subject", "same_network")
				       : -1;
	s->same[SUBJECT_MNT] = s->same[SUBJECT_USER] = s->same[SUBJECT_PIDS] = -1;
	s->seccomp = (int)facts_i64(h, "subject", "seccomp_mode", -1);
	s->no_new_privs = -1;
	s->rings = (int)facts_i64(h, "subject", "rings", -1);
	s->locked_kib = facts_i64(h, "subject", "locked_kib", -1);
	err = copy(h, "subject", "name", &s->name);
	if (!err)
		err = copy(h, "subject", "filter_why", &s->filter_why);
	if (!err)
		err = copy(h, "subject", "not_asked", &s->not_asked);
	if (!err && !s->name)
		s->name = strdup("a subject without a name");
	if (!err && !s->filter_why)
		s->filter_why = strdup("its seccomp filter was not recorded");
	return err || !s->name || !s->filter_why ? -ENOMEM : 0;
}

int facts_scope(struct host *h)
{
	struct host_scope *s = &h->scope;
	const char *kind = facts_text(h, "scope", "kind");
	int k, err;

	s->kind = SCOPE_HOST;
	for (k = SCOPE_UNKNOWN; k <= SCOPE_FILES; k++)
		if (kind && strcmp(kind, scope_kind_name((enum scope_kind)k)) == 0)
			s->kind = (enum scope_kind)k;
	s->user_namespace = facts_bool(h, "scope", "user_namespace");
	err = copy(h, "scope", "engine", &s->engine);
	if (!err)
		err = copy(h, "scope", "evidence", &s->evidence);
	if (!err)
		err = copy(h, "scope", "note", &s->note);
	return err ? err : facts_who(h);
}

int facts_sysctl_error(const struct host *h, const char *key)
{
	return (int)facts_i64(h, "sysctl", key, -ENOMSG);
}

bool facts_config(const struct host *h, const char **path, enum kconfig *io_uring)
{
	json_object *kernel = NULL, *o = NULL, *v = NULL;

	*path = NULL;
	*io_uring = KCONFIG_UNKNOWN;
	if (!json_object_object_get_ex(h->recorded, "kernel", &kernel) ||
	    !json_object_is_type(kernel, json_type_object) ||
	    !json_object_object_get_ex(kernel, "config_path", &v))
		return false;
	if (!v)
		return true;
	*path = json_object_get_string(v);
	if (json_object_object_get_ex(kernel, "config_io_uring", &o))
		*io_uring =
			(enum kconfig)word(h, "kernel", "config_io_uring", facts_kconfig,
					   KCONFIG_ON + 1, KCONFIG_UNKNOWN);
	return true;
}

int host_record(struct host *h, const char *name, const char *json, struct err *e)
{
	struct err why = { "" };
	json_object *o = NULL;
	int err = facts_parse(&o, json, &why);

	if (err < 0)
		return err_set(e, err, "--facts %s: %s", name, why.msg);
	h->recorded = o;
	h->live = true;
	return 0;
}
