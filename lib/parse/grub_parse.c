/* The words of the language are those of GRUB's manual, "Shell-like scripting"; where that
 * is silent, grub-script-check was asked (tests/vm/grub_script.t compares). */
#include "parse/grub_ast.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "parse/grub_lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64 /* blocks in blocks; a real grub.cfg has 5 */

static bool is_any(const struct grub_lexer *ps, const char *const *texts)
{
	for (; *texts; texts++)
		if (grub_is(ps, *texts))
			return true;
	return false;
}

static int skip_newlines(struct grub_lexer *ps)
{
	int err = 0;

	while (!err && ps->token == T_NEWLINE)
		err = grub_next(ps);
	return err;
}

static int expect(struct grub_lexer *ps, const char *word, const char *message)
{
	return grub_is(ps, word) ? grub_next(ps) : grub_refuse(ps, message);
}

static int parse_command(struct grub_lexer *ps, struct grub_cmd **out);

/* How a list may end at a '}': in an entry it ends the last command, too; in a function
 * that takes a ; or a newline. */
enum brace { NO_BRACE, ENTRY_BRACE, FUNCTION_BRACE };

/* Commands, each ended by ; or a newline, up to one of the words STOP or to a '}'.
 * At least one: GRUB has no empty lists, but for a whole file (STOP NULL). */
static int parse_list(struct grub_lexer *ps, const char *const *stop, enum brace close,
		      struct grub_cmd **out)
{
	struct grub_cmd **tail = out;
	int err = skip_newlines(ps);

	while (!err) {
		if (!stop && !close && ps->token == T_END)
			return 0;
		if (tail != out &&
		    ((close && ps->token == T_CLOSE) || (stop && is_any(ps, stop))))
			return 0;
		err = parse_command(ps, tail);
		if (err < 0)
			return err;
		tail = &(*tail)->next;
		if (ps->token == T_SEMICOLON || ps->token == T_NEWLINE)
			err = grub_next(ps);
		else if (ps->token != T_END &&
			 !(close == ENTRY_BRACE && ps->token == T_CLOSE))
			return grub_refuse(
				ps, "a command that is not ended by ; or a new line");
		if (!err)
			err = skip_newlines(ps);
	}
	return err;
}

static int parse_block(struct grub_lexer *ps, enum brace close, struct grub_cmd **out)
{
	int err = grub_next(ps);

	if (!err)
		err = parse_list(ps, NULL, close, out);
	return err < 0 ? err : grub_next(ps);
}

static int parse_words(struct grub_lexer *ps, struct grub_word **tail)
{
	int err = 0;

	while (!err && ps->token == T_WORD) {
		*tail = ps->word;
		tail = &ps->word->next;
		err = grub_next(ps);
	}
	return err;
}

static int parse_simple(struct grub_lexer *ps, struct grub_cmd *c)
{
	static const char *const reserved[] = { "then", "elif",	  "else", "fi",
						"do",	"done",	  "in",	  "case",
						"esac", "select", NULL };
	int err;

	if (ps->token != T_WORD)
		return grub_refuse(ps, ps->token == T_END ? "the file ends inside a block"
							  : "a command is missing here");
	if (is_any(ps, reserved))
		return grub_refuse(ps, "a word that cannot begin a command");
	err = parse_words(ps, &c->words);
	if (err < 0 || ps->token != T_OPEN)
		return err;
	c->has_block = true;
	return parse_block(ps, ENTRY_BRACE, &c->body);
}

/* Behind "if" or "elif", up to and with "fi". */
static int parse_if(struct grub_lexer *ps, struct grub_cmd *c)
{
	static const char *const then[] = { "then", NULL };
	static const char *const after[] = { "elif", "else", "fi", NULL };
	static const char *const fi[] = { "fi", NULL };
	int err;

	c->kind = GRUB_IF;
	err = parse_list(ps, then, NO_BRACE, &c->cond);
	if (!err)
		err = grub_next(ps);
	if (!err)
		err = parse_list(ps, after, NO_BRACE, &c->body);
	if (err < 0)
		return err;
	if (grub_is(ps, "elif")) {
		c->otherwise = grub_take(ps, sizeof(*c));
		if (!c->otherwise)
			return grub_no_memory(ps);
		c->otherwise->line = ps->token_line;
		if (++ps->depth > MAX_DEPTH)
			return err_set(ps->e, -E2BIG, "%s:%u: too many elif",
				       ps->script->path, ps->line);
		err = grub_next(ps);
		if (!err)
			err = parse_if(ps, c->otherwise);
		ps->depth--;
		return err;
	}
	if (grub_is(ps, "else")) {
		err = grub_next(ps);
		if (!err)
			err = parse_list(ps, fi, NO_BRACE, &c->otherwise);
	}
	return err < 0 ? err : grub_next(ps);
}

static int parse_name(struct grub_lexer *ps, char **out, const char *message)
{
	const struct grub_part *part = ps->token == T_WORD ? ps->word->parts : NULL;
	size_t n = part ? strlen(part->text) : 0;

	if (!n || part->next || part->is_var || part->quoted || ps->word->quoted ||
	    grub_variable_length(part->text, part->text + n) != n)
		return grub_refuse(ps, message);
	*out = part->text;
	return grub_next(ps);
}

static int parse_loop_body(struct grub_lexer *ps, struct grub_cmd *c)
{
	static const char *const done[] = { "done", NULL };
	int err = parse_list(ps, done, NO_BRACE, &c->body);

	return err < 0 ? err : grub_next(ps);
}

static int parse_for(struct grub_lexer *ps, struct grub_cmd *c)
{
	int err;

	c->kind = GRUB_FOR;
	err = parse_name(ps, &c->name, "\"for\" needs the name of a variable");
	if (!err)
		err = expect(ps, "in", "\"for\" needs \"in\"");
	if (!err)
		err = parse_words(ps, &c->words);
	if (err < 0)
		return err;
	if (ps->token != T_SEMICOLON && ps->token != T_NEWLINE)
		return grub_refuse(
			ps, "a \"for\" whose list is not ended by ; or a new line");
	err = grub_next(ps);
	if (!err)
		err = skip_newlines(ps);
	if (!err)
		err = expect(ps, "do", "\"for\" needs \"do\"");
	return err < 0 ? err : parse_loop_body(ps, c);
}

static int parse_while(struct grub_lexer *ps, struct grub_cmd *c, enum grub_kind kind)
{
	static const char *const stop[] = { "do", NULL };
	int err;

	c->kind = kind;
	err = parse_list(ps, stop, NO_BRACE, &c->cond);
	if (!err)
		err = grub_next(ps);
	return err < 0 ? err : parse_loop_body(ps, c);
}

static int parse_function(struct grub_lexer *ps, struct grub_cmd *c)
{
	int err;

	c->kind = GRUB_FUNCTION;
	if (ps->depth > 1)
		return grub_refuse(ps, "a function inside a block");
	err = parse_name(ps, &c->name, "\"function\" needs a name");
	if (!err && ps->token == T_NEWLINE)
		err = skip_newlines(ps);
	if (err < 0)
		return err;
	if (ps->token != T_OPEN)
		return grub_refuse(ps, "a function needs its {");
	return parse_block(ps, FUNCTION_BRACE, &c->body);
}

static int parse_compound(struct grub_lexer *ps, struct grub_cmd *c)
{
	enum grub_kind kind = GRUB_SIMPLE;
	int err;

	if (grub_is(ps, "if"))
		kind = GRUB_IF;
	else if (grub_is(ps, "for"))
		kind = GRUB_FOR;
	else if (grub_is(ps, "while"))
		kind = GRUB_WHILE;
	else if (grub_is(ps, "until"))
		kind = GRUB_UNTIL;
	else if (grub_is(ps, "function"))
		kind = GRUB_FUNCTION;
	if (kind == GRUB_SIMPLE)
		return parse_simple(ps, c);
	err = grub_next(ps);
	if (err < 0)
		return err;
	switch (kind) {
	case GRUB_IF:
		return parse_if(ps, c);
	case GRUB_FOR:
		return parse_for(ps, c);
	case GRUB_FUNCTION:
		return parse_function(ps, c);
	default:
		return parse_while(ps, c, kind);
	}
}

static int parse_command(struct grub_lexer *ps, struct grub_cmd **out)
{
	struct grub_cmd *c = grub_take(ps, sizeof(*c));
	int err;

	if (!c)
		return grub_no_memory(ps);
	if (++ps->depth > MAX_DEPTH)
		return err_set(ps->e, -E2BIG,
			       "%s:%u: blocks are nested more than %d deep",
			       ps->script->path, ps->line, MAX_DEPTH);
	c->line = ps->token_line;
	*out = c;
	err = parse_compound(ps, c);
	ps->depth--;
	return err;
}

int grub_parse(struct grub_script **out, const char *path, const char *text, size_t len,
	       struct err *e)
{
	struct grub_lexer ps = {
		.p = text, .end = text + len, .line_start = text, .line = 1
	};
	int err;

	ps.e = e;
	ps.script = calloc(1, sizeof(*ps.script));
	if (!ps.script)
		return grub_no_memory(&ps);
	ps.script->path = strdup(path);
	if (!ps.script->path) {
		grub_script_free(ps.script);
		return grub_no_memory(&ps);
	}
	if (memchr(text, '\0', len) || memchr(text, '\001', len))
		err = err_set(e, -EINVAL, "%s: holds bytes that are no text", path);
	else
		err = grub_next(&ps);
	if (!err)
		err = parse_list(&ps, NULL, NO_BRACE, &ps.script->top);
	if (err < 0) {
		grub_script_free(ps.script);
		return err;
	}
	*out = ps.script;
	return 0;
}
