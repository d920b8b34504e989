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
	    strcmp(json_object_get_string(v), "uringprep.facts/1") != 0) {
		json_object_put(o);
		return err_set(e, -EINVAL, "--facts %s: not a recording: expected JSON with "
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

int64_t facts_i64(const struct host *h, const char *section, const char *key, int64_t none)
{
	json_object *v = get(h, section, key);

	return v ? json_object_get_int64(v) : none;
}

bool facts_bool(const struct host *h, const char *section, const char *key)
{
	json_object *v = get(h, section, key);

	return v && json_object_get_boolean(v);
}
