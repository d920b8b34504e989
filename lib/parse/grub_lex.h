/* grub_lex: GRUB's script language cut into tokens. Private to grub_lex.c, grub_parse.c. */
#ifndef PARSE_GRUB_LEX_H
#define PARSE_GRUB_LEX_H

#include "parse/grub_ast.h"

enum grub_token { T_WORD, T_NEWLINE, T_SEMICOLON, T_OPEN, T_CLOSE, T_END };

struct grub_lexer {
	const char *p, *end, *line_start;
	unsigned line, depth;
	struct grub_script *script;
	struct err *e;
	enum grub_token token;
	struct grub_word *word; /* of a T_WORD */
	const char *token_at;
	const char *token_line_start;
	unsigned token_line;
};

/* Zeroed memory that lives as long as the script; NULL when there is none. */
void *grub_take(struct grub_lexer *ps, size_t size);
int grub_no_memory(struct grub_lexer *ps);
/* -EINVAL, with path, line and column of the token that was read last. */
int grub_refuse(struct grub_lexer *ps, const char *what);
/* Read the next token. */
int grub_next(struct grub_lexer *ps);
/* Is the token the plain word TEXT, not quoted, without variables? */
bool grub_is(const struct grub_lexer *ps, const char *text);
/* How long the name of a variable at P is; 0: none begins there. */
size_t grub_variable_length(const char *p, const char *end);

#endif
