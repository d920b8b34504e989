/* grub_ast: GRUB's script language, parsed. Private to the grub_*.c of this folder. */
#ifndef PARSE_GRUB_AST_H
#define PARSE_GRUB_AST_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A piece of a word: text, or the variable of that name ("1", "#", "?" too). */
struct grub_part {
	struct grub_part *next;
	char *text;
	bool is_var;
	bool quoted; /* between quotes or behind a backslash: not split */
};

struct grub_word {
	struct grub_word *next;
	struct grub_part *parts;
	bool quoted; /* some of it was in quotes: it stays a word even when empty */
	bool glob;   /* has * or ? outside quotes */
};

enum grub_kind { GRUB_SIMPLE, GRUB_IF, GRUB_FOR, GRUB_WHILE, GRUB_UNTIL, GRUB_FUNCTION };

struct grub_cmd {
	struct grub_cmd *next; /* in its list */
	enum grub_kind kind;
	unsigned line;
	struct grub_word *words;    /* SIMPLE: all; FOR: what it goes through */
	char *name;		    /* FOR: the variable; FUNCTION */
	struct grub_cmd *cond;	    /* IF, WHILE, UNTIL */
	struct grub_cmd *body;	    /* IF: then; SIMPLE: its block; else the body */
	struct grub_cmd *otherwise; /* IF: else; an elif is an IF in there */
	bool has_block;
};

struct grub_script {
	char *path; /* for messages */
	struct grub_cmd *top;
	struct grub_chunk *chunks; /* all memory of the tree */
	struct grub_script *next;  /* for whoever keeps several */
};

/* Parse. -EINVAL with "PATH:LINE:COLUMN: what" for what is not GRUB's language as we know
 * it, -E2BIG for too deep nesting, -ENOMEM. */
int grub_parse(struct grub_script **out, const char *path, const char *text, size_t len,
	       struct err *e);
void grub_script_free(struct grub_script *s);

#endif
