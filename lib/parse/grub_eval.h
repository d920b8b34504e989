/* grub_eval: the running of a GRUB script. Private to the grub_*.c of this folder. */
#ifndef PARSE_GRUB_EVAL_H
#define PARSE_GRUB_EVAL_H

#include "base/str.h"
#include "parse/grub_ast.h"
#include "parse/grubscript.h"

enum grub_truth { GRUB_FALSE, GRUB_TRUE, GRUB_MAYBE };

struct grub_var {
	char *name, *value;
	char *why;   /* why the value is unknown */
	char *where; /* who set it */
	char *via;   /* the variable it was copied from */
	bool exported;
};

struct grub_vars {
	struct grub_var *v;
	size_t n;
};

struct grub_function {
	char *name;
	const struct grub_cmd *body;
	const char *path;
};

/* What leaves the commands that are being run. */
enum grub_leave { LEAVE_NOT, LEAVE_LOOP, LEAVE_REST_OF_LOOP, LEAVE_FUNCTION };

struct grub_eval {
	const struct grub_files *files;
	struct grub_menu *menu;
	struct grub_entry **list; /* where a menuentry goes */
	size_t *n_list;
	struct grub_entry *entry; /* whose body runs; NULL: the configuration itself */
	struct grub_vars vars;
	struct grub_function *functions;
	size_t n_functions;
	struct grub_script *scripts; /* kept: bodies point into them */
	struct strv params;	     /* $1, $2, ... */
	struct strv saved; /* names given to save_env: the file is no longer as read */
	const char *path;  /* of the script that runs */
	unsigned line;
	enum grub_truth status;
	char *cause;	 /* why the last unknown thing was so */
	char *condition; /* inside an unknown condition: why it is; NULL: outside */
	enum grub_leave leave;
	unsigned steps, depth;
};

/* Each returns 0 or -ENOMEM. */

struct grub_var *grub_var_get(struct grub_eval *ev, const char *name);
/* VALUE NULL: unset. Inside an unknown condition the value becomes unknown. */
int grub_var_set(struct grub_eval *ev, const char *name, const char *value,
		 const char *via);
void grub_vars_clear(struct grub_vars *l);
/* Those of FROM that a submenu sees (EXPORTED), or all: an entry runs where it was made. */
int grub_vars_copy(struct grub_vars *to, const struct grub_vars *from, bool exported);
/* Put TEXT, which is handed over, in the place of *WHERE. NULL is -ENOMEM. */
int grub_set_text(char **where, char *text);
/* "FORMAT" with path and line before it, as why the next unknown thing is so. */
int grub_because(struct grub_eval *ev, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The menu (or the entry) can no longer be told; the first reason is kept. */
int grub_give_up(struct grub_eval *ev, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int grub_run_list(struct grub_eval *ev, const struct grub_cmd *c);
/* Run BODY, of the file PATH, with ARGV from its second on as $1, $2, ... */
int grub_run_with(struct grub_eval *ev, const struct grub_cmd *body, const char *path,
		  struct strv *argv);
/* Parse TEXT and run it here. */
int grub_run_text(struct grub_eval *ev, const char *path, const char *text, size_t len);
/* The path of a file without its device, lent; NULL: unknown (the cause is set). */
const char *grub_file_path(struct grub_eval *ev, const char *arg);
/* Add an entry to the list that is being made; lent through OUT. */
int grub_add_entry(struct grub_eval *ev, const char *title, const char *id, bool submenu,
		   struct grub_entry **out);

/* grub_cmds.c: run a command of GRUB's own. ARGV[0] is its name. 1: there is none. */
int grub_command(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		 const char *via);
/* grub_test.c: [ and test, without the name. */
int grub_test(struct grub_eval *ev, char **argv, size_t argc);
/* grub_bls.c: the command blscfg. */
int grub_blscfg(struct grub_eval *ev, struct strv *argv);

#endif
