#include "host/record.h"

#include "base/str.h"
#include "host/facts.h"
#include "host/facts_schema.h"
#include "host/forecast.h"
#include "host/host.h"
#include "host/uring_facts.h"
#include "uring/names.h"

#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h" /* behind json.h: what an older one lacks */

/* json-c fails only when memory runs out: noted here, asked once at the end. */
struct out {
	json_object *o;
	bool oom;
};

static void put(struct out *out, const char *key, json_object *v)
{
	out->oom |= !v || !out->o;
	if (out->o)
		json_object_object_add(out->o, key, v);
	else
		json_object_put(v);
}

static void text(struct out *out, const char *key, const char *value)
{
	if (value)
		put(out, key, json_object_new_string(value));
}

static void number(struct out *out, const char *key, int64_t value)
{
	put(out, key, json_object_new_int64(value));
}

/* Leaves out what is not known. */
static void known(struct out *out, const char *key, int64_t value)
{
	if (value >= 0)
		number(out, key, value);
}

static void yes(struct out *out, const char *key, bool value)
{
	put(out, key, json_object_new_boolean(value));
}

static struct out section(struct out *parent, const char *key)
{
	struct out s = { json_object_new_object(), false };

	put(parent, key, s.o);
	return s;
}

static void boot_id(struct out *s, const struct host *h)
{
	char *id;

	if (host_boot_id(h, &id) == -ENOMEM)
		s->oom = true;
	text(s, "boot_id", id);
	free(id);
}

static void kernel(struct out *all, const struct host *h)
{
	struct out s = section(all, "kernel");
	const struct kernel_config *c = host_config(h, NULL);

	text(&s, "release", h->kernel.release);
	text(&s, "version", h->kernel.version);
	text(&s, "cmdline", h->kernel.cmdline);
	boot_id(&s, h);
	if (c) {
		text(&s, "config_path", c->path);
		text(&s, "config_io_uring", facts_kconfig[c->io_uring]);
	} else if (s.o) {
		json_object_object_add(s.o, "config_path", NULL);
	}
	all->oom |= s.oom;
}

static void scope(struct out *all, const struct host *h)
{
	struct out s = section(all, "scope");

	text(&s, "kind", scope_kind_name(h->scope.kind));
	text(&s, "engine", h->scope.engine);
	text(&s, "evidence", h->scope.evidence);
	text(&s, "note", h->scope.note);
	yes(&s, "user_namespace", h->scope.user_namespace);
	all->oom |= s.oom;
}

static void subject(struct out *all, const struct host *h)
{
	const struct host_subject *who = &h->subject;
	struct out s;

	if (who->kind == SUBJECT_SELF)
		return;
	s = section(all, "subject");
	text(&s, "kind", facts_subject[who->kind]);
	text(&s, "name", who->name);
	text(&s, "filter", facts_filter[who->filter]);
	text(&s, "filter_why", who->filter_why);
	text(&s, "not_asked", who->not_asked);
	if (who->same[SUBJECT_NET] >= 0)
		yes(&s, "same_network", who->same[SUBJECT_NET]);
	known(&s, "seccomp_mode", who->seccomp);
	known(&s, "rings", who->rings);
	known(&s, "locked_kib", who->locked_kib);
	all->oom |= s.oom;
}

/* 64 digits at most, none in front that is zero but the last. */
static void bits(struct out *s, const char *key, const uint64_t v[4])
{
	char digits[65];
	size_t n;

	snprintf(digits, sizeof(digits),
		 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64, v[3], v[2],
		 v[1], v[0]);
	n = strspn(digits, "0");
	text(s, key, digits + (n < 64 ? n : 63));
}

/* What follows from the rest: not read back, but there for who compares. */
static void gates(struct out *s, const struct host *h)
{
	struct uring_gate v[URING_GATES];
	json_object *list = json_object_new_array();
	size_t i;

	uring_gates(&h->uring, &h->uring_facts, v);
	put(s, "gates", list);
	for (i = 0; i < URING_GATES && list; i++) {
		struct out one = { json_object_new_object(), false };

		text(&one, "name", v[i].name);
		text(&one, "state", uring_gate_state_name(v[i].state));
		s->oom |= one.oom || !one.o;
		json_object_array_add(list, one.o);
	}
}

static void uring(struct out *all, const struct host *h)
{
	const struct uring_answers *a = &h->uring;
	struct out s;
	size_t i;
	int kind;

	if (!a->asked)
		return;
	s = section(all, "uring");
	number(&s, "setup_null", a->setup_null);
	number(&s, "enter_bad", a->enter_bad);
	number(&s, "register_bad", a->register_bad);
	number(&s, "answered", a->answered);
	yes(&s, "killed", a->killed);
	number(&s, "seccomp_mode", a->seccomp_mode);
	number(&s, "setup_real", a->setup_real);
	number(&s, "setup_one", a->setup_one);
	for (i = 0; i < uring_fact_keys_n; i++) {
		const struct uring_fact_key *k = &uring_fact_keys[i];
		const char *at = (const char *)&h->uring_facts + k->offset;

		if (!k->size)
			known(&s, k->key, *(const int *)(const void *)at);
		else if (*at)
			text(&s, k->key, at);
	}
	for (kind = 0; kind < URING_KINDS; kind++) {
		const struct uring_set *one = &a->set[kind];
		struct out o = section(&s, uring_kind_key((enum uring_kind)kind));

		bits(&o, "have", one->have);
		bits(&o, "asked", one->asked);
		number(&o, "source", one->source);
		number(&o, "error", one->error);
		s.oom |= o.oom;
	}
	gates(&s, h);
	all->oom |= s.oom;
}

/* -1 is unlimited, as 2^63 and more, which JSON readers do not keep, might as well be. */
static void limit(struct out *s, const char *key, uint64_t value)
{
	number(s, key, value > INT64_MAX ? -1 : (int64_t)value);
}

static void limits(struct out *all, const struct host *h)
{
	const struct host_limits *l = &h->limits;
	struct out s;

	if (!l->known)
		return;
	s = section(all, "limits");
	yes(&s, "lock_exempt", l->lock_exempt);
	limit(&s, "memlock_soft", l->memlock_soft);
	limit(&s, "memlock_hard", l->memlock_hard);
	limit(&s, "nofile_soft", l->nofile_soft);
	limit(&s, "nofile_hard", l->nofile_hard);
	if (l->ring.charged >= 0)
		yes(&s, "rings_charged", l->ring.charged);
	known(&s, "ring_header_bytes", l->ring.header);
	yes(&s, "ring_parts_rounded", l->ring.rounded);
	known(&s, "held_bytes", l->ring.held);
	all->oom |= s.oom;
}

static void values(struct out *all, const struct host *h)
{
	struct out s = section(all, "sysctl"), w = section(all, "sysctl_write"), use;
	size_t k;

	for (k = 0; k < TUNABLE_COUNT; k++) {
		const struct sysctl_fact *f = &h->sysctl[k];

		if (f->live)
			text(&s, tunables[k].key, f->live);
		else if (f->live_error < 0)
			number(&s, tunables[k].key, f->live_error);
		if (f->instead)
			text(&s, tunables[k].instead, f->instead);
		number(&w, tunables[k].key, f->write_error);
	}
	use = section(all, "use");
	for (k = 0; k < host_use_keys_n; k++)
		known(&use, host_use_keys[k].name,
		      *(const int64_t *)(const void *)((const char *)&h->use +
						       host_use_keys[k].offset));
	all->oom |= s.oom || w.oom || use.oom;
}

static void machine(struct out *all, const struct host *h)
{
	struct out s = section(all, "crash"), boot = section(all, "boot");

	known(&s, "panic_on_oops", h->crash.panic_on_oops);
	known(&s, "softlockup_panic", h->crash.softlockup_panic);
	known(&s, "hung_task_panic", h->crash.hung_task_panic);
	known(&s, "kdump_loaded", h->crash.kdump_loaded);
	text(&s, "watchdog", h->crash.watchdog);
	known(&boot, "free_bytes", host_boot_free(h));
	all->oom |= s.oom || boot.oom;
}

int host_recording(const struct host *h, char **out, struct err *e)
{
	struct out all = { json_object_new_object(), false };
	const char *json;

	*out = NULL;
	text(&all, "schema", FACTS_SCHEMA);
	text(&all, "tool", VERSION);
	kernel(&all, h);
	scope(&all, h);
	subject(&all, h);
	uring(&all, h);
	limits(&all, h);
	values(&all, h);
	machine(&all, h);
	json = all.oom ? NULL
		       : json_object_to_json_string_ext(
				 all.o, JSON_C_TO_STRING_PRETTY |
						JSON_C_TO_STRING_SPACED |
						JSON_C_TO_STRING_NOSLASHESCAPE);
	if (json)
		*out = str_format("%s\n", json);
	json_object_put(all.o);
	return *out ? 0 : err_set(e, -ENOMEM, "out of memory");
}
