/* plan: what would be changed, as data, made completely before anything is. */
#ifndef CHANGE_PLAN_H
#define CHANGE_PLAN_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum step_type {
	STEP_FILE,    /* a whole file: replaced, made or removed */
	STEP_SYSCTL,  /* a live value of /proc/sys */
	STEP_GRUBENV, /* variables of a GRUB environment block, one write in place */
	STEP_BLOCK,   /* our marked lines in somebody else's file */
};

/* Bytes that may be absent. */
struct blob {
	char *data; /* NULL: absent (the file, the value, the block does not exist) */
	size_t len;
};

void blob_clear(struct blob *b);
int blob_set(struct blob *b, const char *data,
	     size_t len); /* copies; DATA NULL: absent */
bool blob_eq(const struct blob *a, const struct blob *b);

struct step {
	enum step_type type;
	char *target; /* a path inside the root; for STEP_SYSCTL the dotted key */
	/* FILE: contents. SYSCTL: the value. GRUBENV: one variable a line, "name=value"
	 * when set and "name" alone when unset. BLOCK: the text between the markers. */
	struct blob before, after;
	mode_t mode;	/* STEP_FILE: of a new file */
	bool unread;	/* from the journal, and this user may not read before or after */
	char *set_by;	/* who set the value that is there now; NULL: unknown */
	char *evidence; /* what on this host says that it matters; NULL: none */
	/* Does it show a need: "needed", "not_shown", "no_effect"; NULL: unknown. Literal. */
	const char *need;
	char *opens; /* what is open to whom afterwards that was not; NULL: nothing */
	char *note;  /* shown with the step, not applied */
	/* FILE: the values its lines set, where no step of their own shows them. */
	struct step *lines;
	size_t n_lines;
};

/* What a value will be after the next boot, if nothing else changes. */
struct predicted {
	char *key;
	char *value; /* NULL: the kernel's own, or it cannot be told */
	char *by;    /* who sets it then ("path:line"), or why that cannot be told */
};

struct plan {
	const char
		*kind; /* "profile", "boot": what a bare revert chooses among. Literal. */
	char *title;   /* "apply server", "boot default 2": shown in the history */
	char *subject; /* what is active through it: "server", a menu path; may be NULL */
	struct step *v;
	size_t n;
	struct strv warnings; /* sentences the person must see before agreeing */
	struct predicted *predicted;
	size_t n_predicted;
	char *boot_id; /* of the boot in which that was predicted; NULL: not known */
};

void plan_init(struct plan *p, const char *kind);
int plan_set_title(struct plan *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void plan_clear(struct plan *p);
void cleanup_plan(struct plan *p);
/* "file", "sysctl", "grubenv", "block": also the words of plan.json. */
const char *step_type_name(enum step_type t);
int step_type_from_name(const char *name); /* -EINVAL */

/* Each copies its arguments and, where before equals after, adds nothing. The step is
 * lent through OUT (may be NULL; *OUT is NULL when nothing was added) for set_by and the
 * like. 0 or -ENOMEM. BEFORE or AFTER NULL: absent. */
int plan_file(struct plan *p, const char *path, const struct blob *before,
	      const struct blob *after, mode_t mode, struct step **out);
int plan_sysctl(struct plan *p, const char *key, const char *before, const char *after,
		struct step **out);
int plan_add(struct plan *p, enum step_type type, const char *target,
	     const struct blob *before, const struct blob *after, mode_t mode,
	     struct step **out);
/* A line of KEY for step_take_lines, also where before equals after. */
int plan_line(struct plan *p, const char *key, const char *before, const char *after,
	      struct step **out);
/* The steps of FROM, which is empty afterwards, become what the file of S sets. */
void step_take_lines(struct step *s, struct plan *from);
/* One variable of the environment block at PATH. Several calls in a row for one PATH
 * become one step. */
int plan_grubenv(struct plan *p, const char *path, const char *name, const char *before,
		 const char *after);
/* Lines between "# uringprep begin" and "# uringprep end" in PATH, text without them. */
int plan_block(struct plan *p, const char *path, const char *before, const char *after,
	       struct step **out);
/* Append all of FROM, which is empty afterwards. */
int plan_move(struct plan *to, struct plan *from);
/* 0 or -ENOMEM. */
int plan_predict(struct plan *p, const char *key, const char *value, const char *by);
int plan_warn(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
