#include "host/facts.h"

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

void facts_uring(const struct host *h, struct uring_answers *out)
{
	json_object *ops = get(h, "uring", "ops");
	size_t i, n = 0;

	memset(out, 0, sizeof(*out));
	out->asked = facts_i64(h, "uring", "setup_null", 1) != 1;
	out->killed = facts_bool(h, "uring", "killed");
	out->setup_null = (int)facts_i64(h, "uring", "setup_null", 0);
	out->enter_bad = (int)facts_i64(h, "uring", "enter_bad", -EBADF);
	out->register_bad = (int)facts_i64(h, "uring", "register_bad", -EBADF);
	out->seccomp_mode = (int)facts_i64(h, "uring", "seccomp_mode", 0);
	out->setup_real = (int)facts_i64(h, "uring", "setup_real", 0);
	out->features = (uint32_t)facts_i64(h, "uring", "features", 0);
	out->setup_flags = (uint32_t)facts_i64(h, "uring", "setup_flags", 0);
	out->n_ops = (uint32_t)facts_i64(h, "uring", "n_ops", 0);
	out->buffer_ring = (int)facts_i64(h, "uring", "buffer_ring", 0);
	out->accept_multishot = (int)facts_i64(h, "uring", "accept_multishot", 0);
	out->recv_multishot = (int)facts_i64(h, "uring", "recv_multishot", 0);
	if (ops && json_object_is_type(ops, json_type_array))
		n = (size_t)json_object_array_length(ops);
	for (i = 0; i < n; i++) {
		int op = json_object_get_int(json_object_array_get_idx(ops, (int)i));

		if (op >= 0 && op < 256)
			out->ops[op / 64] |= 1ULL << (op % 64);
	}
}
