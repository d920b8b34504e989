/* proofs: what was once found out on this host, kept with what it depends on.
 *
 *   /var/lib/uringprep/proofs/verify.json
 *
 * A proof is good as long as each part of its fingerprint is what it was. */
#ifndef CHANGE_PROOFS_H
#define CHANGE_PROOFS_H

#include "base/err.h"

#include <stddef.h>

struct root;

struct proof_part {
	char *name, *value; /* "kernel"; NULL: not known */
};

struct proof {
	char *kind;	     /* "verify": one proof is kept of each kind */
	char *created;	     /* UTC; set when it is written */
	char *result, *text; /* a word for programs, a sentence for people */
	struct proof_part *v;
	size_t n;
	char *error; /* why it could not be read; NULL: all the rest is set */
};

struct proofs {
	struct proof *v;
	size_t n;
};

/* VALUE NULL: not known. 0 or -ENOMEM. */
int proof_part(struct proof *p, const char *name, const char *value);
/* NULL: P has no such part, or it is not known. */
const char *proof_value(const struct proof *p, const char *name);
void proof_clear(struct proof *p);

/* Keep P, in the place of the one of its kind, under the lock. */
int proof_keep(const struct root *r, const struct proof *p, struct err *e);
/* Every kept one, by kind. One that cannot be read is there with its `error`. */
int proofs_read(const struct root *r, struct proofs *out, struct err *e);
void proofs_clear(struct proofs *p);

static inline void cleanup_proof(struct proof *p)
{
	proof_clear(p);
}

static inline void cleanup_proofs(struct proofs *p)
{
	proofs_clear(p);
}

#endif
