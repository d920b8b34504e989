/* fields: the JSON of our own folder and of reviewed plans: written whole, read defensively. */
#ifndef CHANGE_FIELDS_H
#define CHANGE_FIELDS_H

#include <json.h>

/* VALUE NULL: null. */
static inline void put_text(json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

/* NULL: not there, null, or O is no object. */
static inline json_object *get(json_object *o, const char *key)
{
	json_object *v = NULL;

	return o && json_object_is_type(o, json_type_object) &&
			       json_object_object_get_ex(o, key, &v)
		       ? v
		       : NULL;
}

/* Lent; NULL: not there, or no text. */
static inline const char *get_text(json_object *o, const char *key)
{
	json_object *v = get(o, key);

	return v && json_object_is_type(v, json_type_string) ? json_object_get_string(v)
							     : NULL;
}

#endif
