/* compat: the few gaps of EL7's libraries. Nothing else has #ifdef on versions. */
#ifndef BASE_COMPAT_H
#define BASE_COMPAT_H

/* Of json-c 0.13; older ones write "\/" for "/", which means the same. */
#ifndef JSON_C_TO_STRING_NOSLASHESCAPE
#define JSON_C_TO_STRING_NOSLASHESCAPE 0
#endif

#endif
