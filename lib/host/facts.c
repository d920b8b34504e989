#include "host/facts.h"

#include "uring/names.h"

#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <string.h>

int host_record(struct host *h, const char *name, const char *json, struct err *e)
{
	json_object *o = json_tokener_parse(json), *v = NULL;

	if (!o || !json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "schema", &v) ||
	    !json_object_is_type(v, json_type_string) ||
	    strcmp(json_object_get_string(v), "uringprep.facts/1") != 0) {
		json_object_put(o);
		return err_set(e, -EINVAL,
			       "--facts %s: not a recording: expected JSON with "
			       "\"schema\": \"uringprep.facts/1\"",
			       name);
	}
	h->recorded = o;
	h->live = true;
	return 0;
}

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

	return v ? json_object_get_string(v) : NULL;
}

int64_t facts_i64(const struct host *h, const char *section, const char *key,
		  int64_t none)
{
	json_object *v = get(h, section, key);

	return v ? json_object_get_int64(v) : none;
}

bool facts_bool(const struct host *h, const char *section, const char *key)
{
	json_object *v = get(h, section, key);

	return v && json_object_get_boolean(v);
}

/* A set of numbers as 64 hexadecimal digits or fewer, number 0 in the last bit. */
static void bits(json_object *o, const char *key, uint64_t out[4])
{
	json_object *v = NULL;
	const char *text;
	size_t n, i;

	memset(out, 0, 4 * sizeof(*out));
	if (!json_object_object_get_ex(o, key, &v))
		return;
	text = json_object_get_string(v);
	n = strspn(text, "0123456789abcdef");
	for (i = 0; i < n && i < 64; i++) {
		char digit = text[n - 1 - i];
		uint64_t value =
			(uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);

		out[i / 16] |= value << (4 * (i % 16));
	}
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
