/* facts_schema: what a recording may hold. */
#ifndef HOST_FACTS_SCHEMA_H
#define HOST_FACTS_SCHEMA_H

#include "base/err.h"

struct json_object;

#define FACTS_SCHEMA "uringprep.facts/1"

/* JSON into *OUT, the caller's to put. -EINVAL names the key whose value is of another
 * kind, or out of range. Keys that are missing or null are unknown facts; keys that nobody
 * knows are left alone. */
int facts_parse(struct json_object **out, const char *json, struct err *e);

#endif
