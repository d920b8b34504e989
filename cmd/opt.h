/* opt: one table of options per command; drives parsing and --help. */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_FLAG, /* bool */
	OPT_TEXT, /* const char * */
	OPT_U64,  /* uint64_t in [min, max] */
	OPT_LIST, /* struct opt_list: may be given again; options may share one */
};

/* What was given, in order. */
#define OPT_LIST_MAX 32
struct opt_list {
	struct {
		const char *option; /* its name */
		const char *value;
	} v[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	const char *name; /* long, without -- */
	char letter;	  /* short, or 0 */
	enum opt_type type;
	size_t offset;	     /* of the value in the command's options */
	const char *arg;     /* "FILE"; NULL for a flag */
	const char *help;    /* one line */
	uint64_t min, max;   /* OPT_U64 */
	const char *choices; /* "uring|epoll": anything else is a usage error; for an
				OPT_LIST, each word between commas is one of these */
};

/* Tables to look options up in, each with the bytes its rows write to. */
struct opt_set {
	const struct opt *rows;
	size_t n;
	void *values;
};

/* Parse ARGV[0..ARGC). Options may stand anywhere before "--"; what is no option is moved
 * to the front. Stops at the first operand when STOP is set. The number of operands (when
 * STOP: of words consumed), or -EINVAL with the offending word in E. */
int opt_parse(const struct opt_set *sets, size_t n_sets, int argc, char **argv, bool stop,
	      struct err *e);

/* The rows as lines of --help. */
void opt_help(const struct opt *rows, size_t n, struct str *out);

#endif
