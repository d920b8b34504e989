#include "host/uring_facts.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "host/subject.h"
#include "host/forecast.h"
#include "os/root.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_KALLSYMS (64 * 1024 * 1024)

#define NUMBER(field)                                                                    \
	{                                                                                \
#field, offsetof(struct uring_facts, field), 0                           \
	}
#define TEXT(field)                                                                      \
	{                                                                                \
#field, offsetof(struct uring_facts, field),                             \
			sizeof(((struct uring_facts *)NULL)->field)                      \
	}

const struct uring_fact_key uring_fact_keys[] = {
	NUMBER(in_group), NUMBER(cap_sys_admin), NUMBER(cap_ipc_lock), NUMBER(spare_fd),
	NUMBER(filter),	  NUMBER(in_kernel),	 TEXT(in_kernel_by),   TEXT(emulator),
	TEXT(lsm),	  TEXT(lsm_label),	 TEXT(filter_why),
};
const size_t uring_fact_keys_n = ARRAY_SIZE(uring_fact_keys);

static void recorded_keys(const struct host *h, struct uring_facts *f)
{
	size_t i;

	for (i = 0; i < uring_fact_keys_n; i++) {
		const struct uring_fact_key *k = &uring_fact_keys[i];
		char *at = (char *)f + k->offset;
		const char *text;

		if (!k->size) {
			*(int *)(void *)at = (int)facts_i64(h, "uring", k->key, -1);
			continue;
		}
		text = facts_text(h, "uring", k->key);
		snprintf(at, k->size, "%s", text ? text : "");
	}
}

/* A live sysctl that is a number; -1: unknown, URING_NO_SWITCH: there is none. */
static int64_t sysctl_number(const struct host *h, enum tunable_index k, int64_t min,
			     int64_t max)
{
	CLEANUP_FREE char *own = NULL;
	const char *text = h->sysctl[k].live;
	int err = h->sysctl[k].live_error;
	int64_t v;

	if (!(h->have & HOST_SYSCTL)) {
		err = host_key_live(h, tunables[k].key, &own);
		text = own;
	}
	if (err < 0)
		return err == -ENOENT ? URING_NO_SWITCH : -1;
	return str_to_i64(text, min, max, &v) == 0 ? v : -1;
}

/* -1 stands for unlimited there. */
static int64_t recorded_limit(const struct host *h, const char *key)
{
	int64_t v = facts_i64(h, "limits", key, -2);

	return v == -1 ? INT64_MAX : v < 0 ? -1 : v;
}

static void recorded_limits(const struct host *h, struct uring_facts *f)
{
	f->memlock = recorded_limit(h, "memlock_soft");
	f->nofile = recorded_limit(h, "nofile_soft");
	if (f->cap_ipc_lock < 0 && f->nofile >= 0)
		f->cap_ipc_lock = facts_bool(h, "limits", "lock_exempt");
}

static int configuration(struct host *h, struct uring_facts *f, struct err *e)
{
	const struct kernel_config *c;
	int err = host_need(h, HOST_CONFIG, e);

	c = err < 0 ? NULL : host_config(h, NULL);
	if (!c || c->io_uring == KCONFIG_UNKNOWN)
		return err;
	snprintf(f->config, sizeof(f->config), "%s", c->path);
	/* A configuration that does not know the option is an older kernel's, not one that
	 * was built without it. */
	if (c->io_uring != KCONFIG_ABSENT) {
		f->configured = c->io_uring == KCONFIG_ON;
		return err;
	}
	f->in_kernel = 0;
	snprintf(f->in_kernel_by, sizeof(f->in_kernel_by),
		 "%.80s knows no CONFIG_IO_URING", c->path);
	return err;
}

/* The system calls themselves have symbols also where they are left out; the function that
 * closes a ring has not. Ten megabytes and 50 ms: the last resort. */
static int symbols(const struct host *h, struct uring_facts *f)
{
	static const char name[] = " io_uring_release";
	CLEANUP_FREE char *text = NULL;
	const char *p;
	int err = root_read(h->root, "/proc/kallsyms", MAX_KALLSYMS, &text, NULL);

	if (err < 0)
		return err == -ENOMEM ? err : 0;
	for (p = strstr(text, name); p; p = strstr(p + 1, name))
		if (strchr("\n\t.", p[strlen(name)]))
			break;
	/* Without a single function it is not the list of a kernel's. */
	if (!p && !strstr(text, " T ") && !strstr(text, " t "))
		return 0;
	f->in_kernel = p != NULL;
	snprintf(f->in_kernel_by, sizeof(f->in_kernel_by),
		 "/proc/kallsyms has %sio_uring", p ? "" : "no ");
	return 0;
}

static int security_modules(const struct host *h, struct uring_facts *f)
{
	CLEANUP_FREE char *list = NULL;
	CLEANUP_FREE char *label = NULL;
	int err = root_read(h->root, "/sys/kernel/security/lsm", 4096, &list, NULL);

	if (err == 0)
		snprintf(f->lsm, sizeof(f->lsm), "%s", str_trim(list));
	else if (err == -ENOMEM)
		return err;
	if (h->subject.kind != SUBJECT_SELF)
		return 0; /* its label is known already, or not to be seen */
	err = root_read(h->root, "/proc/self/attr/current", 4096, &label, NULL);
	if (err == 0)
		snprintf(f->lsm_label, sizeof(f->lsm_label), "%s", str_trim(label));
	else if (err == -EINVAL) /* no module answered */
		snprintf(f->lsm_label, sizeof(f->lsm_label), "none");
	return err == -ENOMEM ? err : 0;
}

/* No ring could be made: who was it? */
static int look(struct host *h, struct uring_facts *f, struct err *e)
{
	const struct uring_answers *a = &h->uring;
	bool passed = uring_enter_passed(a);
	int err = 0;

	/* Descriptors that are left here say nothing of another process. */
	if (!h->recorded)
		uring_facts_look(f);
	if (h->subject.kind != SUBJECT_SELF)
		f->spare_fd = -1;
	if (!passed)
		err = configuration(h, f, e);
	if (err < 0 || h->recorded)
		return err;
	if (!passed && !f->emulator[0] && f->disabled < 0 && !f->config[0] &&
	    (a->killed || a->seccomp_mode > 0))
		err = symbols(h, f);
	return err < 0 ? err : security_modules(h, f);
}

/* What is known of the subject, where that is not this process. */
static void of_subject(const struct host_subject *s, struct uring_facts *f)
{
	struct uring_as as;

	if (host_subject_as(s, &as))
		uring_facts_of(f, &as);
	if (s->filter == SUBJECT_FILTER_UNKNOWN)
		f->filter = 2;
	else if (s->filter == SUBJECT_FILTER_CLOSED && s->filter_why)
		snprintf(f->filter_why, sizeof(f->filter_why), "%s", s->filter_why);
	if (s->label)
		snprintf(f->lsm_label, sizeof(f->lsm_label), "%s", s->label);
}

int host_read_uring(struct host *h, enum uring_depth depth, struct err *e)
{
	struct uring_facts *f = &h->uring_facts;
	int err = 0;

	uring_facts_init(f);
	if (h->recorded) {
		facts_uring(h, &h->uring);
		recorded_keys(h, f);
	} else if (h->live) {
		err = host_subject_ask(h, depth, e);
	} else {
		return 0;
	}
	if (err < 0)
		return err;
	f->disabled = (int)sysctl_number(h, TUNABLE_IO_URING_DISABLED, 0, 2);
	if (f->disabled > 0)
		f->group = sysctl_number(h, TUNABLE_IO_URING_GROUP, -1, UINT32_MAX);
	if (f->group < 0)
		f->group = -1;
	if (h->recorded)
		recorded_limits(h, f);
	else if (h->subject.kind == SUBJECT_SELF)
		uring_facts_of(f, NULL);
	else
		of_subject(&h->subject, f);
	return uring_level(&h->uring) == URING_NONE ? look(h, f, e) : 0;
}
