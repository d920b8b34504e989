/* opt: one table of options per command; drives parsing and --help. */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_FLAG, /* bool */
	OPT_TEXT, /* const char * */
	OPT_U64,  /* uint64_t in [min, max] */
};

struct opt {
	const char *name; /* long, without -- */
	char letter;	  /* short, or 0 */
	enum opt_type type;
	size_t offset;	     /* of the value in the command's options */
	const char *arg;     /* "FILE"; NULL for a flag */
	const char *help;    /* one line */
	uint64_t min, max;   /* OPT_U64 */
	const char *choices; /* OPT_TEXT: "uring|epoll": anything else is a usage error */
};

#endif
