#include "host/facts_schema.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/uring_facts.h"
#include "host/use.h"
#include "uring/names.h"

#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum kind { TEXT, NUMBER, BOOL };

struct key {
	const char *section, *key;
	enum kind kind;
	int64_t min, max; /* NUMBER */
};

static const struct key keys[] = {
	{ "kernel", "release", TEXT, 0, 0 },
	{ "kernel", "version", TEXT, 0, 0 },
	{ "kernel", "cmdline", TEXT, 0, 0 },
	{ "kernel", "boot_id", TEXT, 0, 0 },
	{ "kernel", "config_path", TEXT, 0, 0 },
	{ "kernel", "config_io_uring", TEXT, 0, 0 },
	{ "scope", "kind", TEXT, 0, 0 },
	{ "scope", "engine", TEXT, 0, 0 },
	{ "scope", "evidence", TEXT, 0, 0 },
	{ "scope", "note", TEXT, 0, 0 },
	{ "scope", "user_namespace", BOOL, 0, 0 },
	{ "subject", "kind", TEXT, 0, 0 },
	{ "subject", "name", TEXT, 0, 0 },
	{ "subject", "filter", TEXT, 0, 0 },
	{ "subject", "filter_why", TEXT, 0, 0 },
	{ "subject", "not_asked", TEXT, 0, 0 },
	{ "subject", "same_network", BOOL, 0, 0 },
	{ "subject", "seccomp_mode", NUMBER, 0, 2 },
	{ "subject", "rings", NUMBER, 0, INT_MAX },
	{ "subject", "locked_kib", NUMBER, 0, INT64_MAX },
	{ "uring", "setup_null", NUMBER, -4095, 0 },
	{ "uring", "enter_bad", NUMBER, -4095, INT_MAX },
	{ "uring", "register_bad", NUMBER, -4095, INT_MAX },
	{ "uring", "answered", NUMBER, 0, 3 },
	{ "uring", "killed", BOOL, 0, 0 },
	{ "uring", "seccomp_mode", NUMBER, -4095, 2 },
	{ "uring", "setup_real", NUMBER, -4095, INT_MAX },
	{ "uring", "setup_one", NUMBER, -4095, INT_MAX },
	{ "limits", "lock_exempt", BOOL, 0, 0 },
	{ "limits", "memlock_soft", NUMBER, -1, INT64_MAX },
	{ "limits", "memlock_hard", NUMBER, -1, INT64_MAX },
	{ "limits", "nofile_soft", NUMBER, -1, INT64_MAX },
	{ "limits", "nofile_hard", NUMBER, -1, INT64_MAX },
	{ "limits", "rings_charged", BOOL, 0, 0 },
	{ "limits", "ring_header_bytes", NUMBER, 0, 1 << 20 },
	{ "limits", "ring_parts_rounded", BOOL, 0, 0 },
	{ "limits", "held_bytes", NUMBER, 0, INT64_MAX },
	{ "crash", "panic_on_oops", NUMBER, -1, INT_MAX },
	{ "crash", "softlockup_panic", NUMBER, -1, INT_MAX },
	{ "crash", "hung_task_panic", NUMBER, -1, INT_MAX },
	{ "crash", "kdump_loaded", NUMBER, -1, 1 },
	{ "crash", "watchdog", TEXT, 0, 0 },
	{ "boot", "free_bytes", NUMBER, -4095, INT64_MAX },
};

static bool is_kind(json_object *v, enum kind kind)
{
	static const enum json_type types[] = { json_type_string, json_type_int,
						json_type_boolean };

	return json_object_is_type(v, types[kind]);
}

/* A section of O, or NULL. 0 or -EINVAL: it is something else than an object. */
static int section_of(json_object *o, const char *name, json_object **out, struct err *e)
{
	*out = NULL;
	json_object_object_get_ex(o, name, out);
	if (*out && !json_object_is_type(*out, json_type_object))
		return err_set(e, -EINVAL, "%s: expected an object", name);
	return 0;
}

static int number_in(json_object *v, int64_t min, int64_t max, const char *section,
		     const char *key, struct err *e)
{
	int64_t n = json_object_get_int64(v);

	return n < min || n > max
		       ? err_set(e, -EINVAL,
				 "%s.%s: expected a number from %" PRId64 " to %" PRId64,
				 section, key, min, max)
		       : 0;
}

static int check_key(json_object *o, const struct key *k, struct err *e)
{
	static const char *const words[] = { "a text", "a whole number",
					     "true or false" };
	json_object *section, *v = NULL;
	int err = section_of(o, k->section, &section, e);

	if (err || !section || !json_object_object_get_ex(section, k->key, &v) || !v)
		return err;
	if (!is_kind(v, k->kind))
		return err_set(e, -EINVAL, "%s.%s: expected %s", k->section, k->key,
			       words[k->kind]);
	return k->kind == NUMBER ? number_in(v, k->min, k->max, k->section, k->key, e)
				 : 0;
}

static int check_keys(json_object *o, struct err *e)
{
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(keys) && !err; i++)
		err = check_key(o, &keys[i], e);
	for (i = 0; i < host_use_keys_n && !err; i++) {
		struct key k = { "use", host_use_keys[i].name, NUMBER, -1, INT64_MAX };

		err = check_key(o, &k, e);
	}
	for (i = 0; i < uring_fact_keys_n && !err; i++) {
		const struct uring_fact_key *f = &uring_fact_keys[i];
		struct key k = { "uring", f->key, f->size ? TEXT : NUMBER, -1, 2 };

		err = check_key(o, &k, e);
	}
	return err;
}

static int check_bits(json_object *set, const char *name, const char *key, struct err *e)
{
	json_object *v = NULL;
	uint64_t bits[4];

	if (!json_object_object_get_ex(set, key, &v) || !v)
		return 0;
	if (!json_object_is_type(v, json_type_string) ||
	    str_to_bits(json_object_get_string(v), bits) < 0)
		return err_set(e, -EINVAL,
			       "uring.%s.%s: expected 1 to 64 digits of 0-9a-f", name,
			       key);
	return 0;
}

static int check_set(json_object *set, const char *name, struct err *e)
{
	static const struct {
		const char *key;
		int64_t min, max;
	} numbers[] = { { "source", URING_NOT_ASKED, URING_BY_CALL },
			{ "error", -4095, 0 } };
	int err = check_bits(set, name, "have", e);
	size_t i;

	if (!err)
		err = check_bits(set, name, "asked", e);
	for (i = 0; i < ARRAY_SIZE(numbers) && !err; i++) {
		json_object *v = NULL;

		if (!json_object_object_get_ex(set, numbers[i].key, &v))
			continue;
		if (!v || !json_object_is_type(v, json_type_int))
			err = err_set(e, -EINVAL, "uring.%s.%s: expected a whole number",
				      name, numbers[i].key);
		else
			err = number_in(v, numbers[i].min, numbers[i].max, name,
					numbers[i].key, e);
	}
	return err;
}

static int check_sets(json_object *o, struct err *e)
{
	json_object *uring, *set;
	int err = section_of(o, "uring", &uring, e), kind;

	for (kind = 0; uring && kind < URING_KINDS && !err; kind++) {
		const char *name = uring_kind_key((enum uring_kind)kind);

		err = section_of(uring, name, &set, e);
		if (!err && set)
			err = check_set(set, name, e);
	}
	return err;
}

/* Values are texts; a number is why there is none. NAME is another section of the same
 * keys: numbers alone. */
static int check_sysctl(json_object *o, const char *name, int64_t max, struct err *e)
{
	json_object *section;
	int err = section_of(o, name, &section, e);

	if (err || !section)
		return err;
	json_object_object_foreach(section, key, v)
	{
		if (!v || (max < 0 && json_object_is_type(v, json_type_string)))
			continue;
		if (!json_object_is_type(v, json_type_int))
			return err_set(e, -EINVAL, "%s.%s: expected %sa whole number",
				       name, key, max < 0 ? "a text or " : "");
		err = number_in(v, -4095, max, name, key, e);
		if (err)
			return err;
	}
	return 0;
}

/* The whole of TEXT as one value; NULL: it is not. */
static json_object *parse(const char *text)
{
	json_tokener *t = json_tokener_new();
	json_object *o = NULL;
	size_t len = strlen(text);

	if (t && len < INT_MAX)
		o = json_tokener_parse_ex(t, text, (int)len);
	if (o &&
	    text[(size_t)t->char_offset + strspn(text + t->char_offset, " \t\r\n")]) {
		json_object_put(o);
		o = NULL;
	}
	if (t)
		json_tokener_free(t);
	return o;
}

int facts_parse(struct json_object **out, const char *json, struct err *e)
{
	json_object *o = parse(json), *v = NULL;
	int err;

	if (!o || !json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, "schema", &v) ||
	    !json_object_is_type(v, json_type_string) ||
	    strcmp(json_object_get_string(v), FACTS_SCHEMA) != 0) {
		json_object_put(o);
		return err_set(e, -EINVAL,
			       "not a recording: expected JSON with "
			       "\"schema\": \"" FACTS_SCHEMA "\"");
	}
	err = check_keys(o, e);
	if (!err)
		err = check_sets(o, e);
	if (!err)
		err = check_sysctl(o, "sysctl", -1, e);
	if (!err)
		err = check_sysctl(o, "sysctl_write", 1, e);
	if (err < 0) {
		json_object_put(o);
		return err;
	}
	*out = o;
	return 0;
}
