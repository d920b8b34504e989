#include "parse/grub_lex.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct grub_chunk {
	struct grub_chunk *next;
	char bytes[];
};

void *grub_take(struct grub_lexer *ps, size_t size)
{
	struct grub_chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->next = ps->script->chunks;
	ps->script->chunks = c;
	return c->bytes;
}

static char *take_text(struct grub_lexer *ps, const char *text, size_t n)
{
	char *s = grub_take(ps, n + 1);

	if (s)
		memcpy(s, text, n);
	return s;
}

int grub_no_memory(struct grub_lexer *ps)
{
	return err_set(ps->e, -ENOMEM, "out of memory");
}

/* Refuse at the token that was read last. */
int grub_refuse(struct grub_lexer *ps, const char *what)
{
	return err_set(ps->e, -EINVAL, "%s:%u:%u: %s", ps->script->path, ps->token_line,
		       (unsigned)(ps->token_at - ps->token_line_start) + 1, what);
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t grub_variable_length(const char *p, const char *end)
{
	const char *s = p;

	if (p < end && is_name_start(*p)) {
		while (p < end && (is_name_start(*p) || is_digit(*p)))
			p++;
	} else if (p < end && is_digit(*p)) {
		while (p < end && is_digit(*p))
			p++;
	} else if (p < end && (*p == '?' || *p == '#' || *p == '*' || *p == '@')) {
		p++;
	}
	return (size_t)(p - s);
}

/* What a word is made of while it is read. */
struct builder {
	struct grub_part **tail;
	struct str text;
	bool quoted; /* of the text */
};

static int flush(struct grub_lexer *ps, struct builder *b)
{
	struct grub_part *part;

	if (!b->text.len)
		return b->text.oom ? grub_no_memory(ps) : 0;
	part = grub_take(ps, sizeof(*part));
	if (!part || b->text.oom)
		return grub_no_memory(ps);
	part->text = take_text(ps, b->text.s, b->text.len);
	if (!part->text)
		return grub_no_memory(ps);
	part->quoted = b->quoted;
	*b->tail = part;
	b->tail = &part->next;
	str_clear(&b->text);
	return 0;
}

static int put(struct grub_lexer *ps, struct builder *b, char c, bool quoted)
{
	int err = 0;

	if (b->quoted != quoted)
		err = flush(ps, b);
	b->quoted = quoted;
	str_addc(&b->text, c);
	return err;
}

/* At '$'. Outside quotes a lone '$' is no token of GRUB's. */
static int lex_variable(struct grub_lexer *ps, struct builder *b, bool quoted)
{
	bool brace = ps->p + 1 < ps->end && ps->p[1] == '{';
	const char *name = ps->p + 1 + brace;
	size_t n = grub_variable_length(name, ps->end);
	struct grub_part *part;
	int err;

	if (brace && (!n || name + n >= ps->end || name[n] != '}'))
		return grub_refuse(ps, "a word with ${ that is no variable");
	if (!n)
		return grub_refuse(ps, "a word with a $ that is no variable");
	err = flush(ps, b);
	if (err < 0)
		return err;
	part = grub_take(ps, sizeof(*part));
	if (!part)
		return grub_no_memory(ps);
	part->text = take_text(ps, name, n);
	if (!part->text)
		return grub_no_memory(ps);
	part->is_var = true;
	part->quoted = quoted;
	*b->tail = part;
	b->tail = &part->next;
	ps->p = name + n + brace;
	return 0;
}

static void step(struct grub_lexer *ps)
{
	if (*ps->p == '\n') {
		ps->line++;
		ps->line_start = ps->p + 1;
	}
	ps->p++;
}

static int lex_single(struct grub_lexer *ps, struct builder *b)
{
	int err = 0;

	for (ps->p++; !err && ps->p < ps->end && *ps->p != '\''; step(ps))
		err = put(ps, b, *ps->p, true);
	if (!err && ps->p == ps->end)
		return grub_refuse(ps, "a ' that is not closed");
	ps->p++;
	return err;
}

static int lex_double(struct grub_lexer *ps, struct builder *b)
{
	int err = 0;

	ps->p++;
	while (!err && ps->p < ps->end && *ps->p != '"') {
		if (*ps->p == '$') {
			err = lex_variable(ps, b, true);
			continue;
		}
		if (*ps->p == '\\' && ps->p + 1 < ps->end &&
		    strchr("$\"\\\n", ps->p[1])) {
			ps->p++;
			if (*ps->p != '\n')
				err = put(ps, b, *ps->p, true);
		} else {
			err = put(ps, b, *ps->p, true);
		}
		step(ps);
	}
	if (!err && ps->p == ps->end)
		return grub_refuse(ps, "a \" that is not closed");
	ps->p++;
	return err;
}

static int lex_escape(struct grub_lexer *ps, struct builder *b)
{
	int err = 0;

	ps->p++;
	if (ps->p == ps->end || (*ps->p == '\n' && ps->p + 1 == ps->end))
		return grub_refuse(ps, "a \\ at the end of the file");
	if (*ps->p != '\n')
		err = put(ps, b, *ps->p, true);
	step(ps);
	return err;
}

static int lex_piece(struct grub_lexer *ps, struct builder *b)
{
	char c = *ps->p;

	switch (c) {
	case '\'':
		ps->word->quoted = true;
		return lex_single(ps, b);
	case '"':
		ps->word->quoted = true;
		return lex_double(ps, b);
	case '\\':
		return lex_escape(ps, b);
	case '$':
		return lex_variable(ps, b, false);
	default:
		if (c == '*' || c == '?')
			ps->word->glob = true;
		ps->p++;
		return put(ps, b, c, false);
	}
}

bool grub_is(const struct grub_lexer *ps, const char *text)
{
	const struct grub_part *part = ps->token == T_WORD ? ps->word->parts : NULL;

	return part && !part->next && !part->is_var && !part->quoted &&
	       !ps->word->quoted && strcmp(part->text, text) == 0;
}

static int lex_word(struct grub_lexer *ps)
{
	struct builder b = { NULL, STR_INIT, false };
	const char *from = ps->p;
	int err = 0;

	ps->token = T_WORD;
	ps->word = grub_take(ps, sizeof(*ps->word));
	if (!ps->word)
		return grub_no_memory(ps);
	b.tail = &ps->word->parts;
	while (!err && ps->p < ps->end && !memchr(" \t\n;{}|&<>", *ps->p, 10)) {
		if ((unsigned char)*ps->p < ' ' || *ps->p == 127)
			err = grub_refuse(ps, "a control character");
		else
			err = lex_piece(ps, &b);
	}
	if (!err)
		err = flush(ps, &b);
	str_clear(&b.text);
	if (!err && ps->p == from)
		return grub_refuse(ps, "a character that means nothing here");
	if (!err && (grub_is(ps, "[[") || grub_is(ps, "]]")))
		return grub_refuse(ps, "[[ or ]], which GRUB's scripts do not have");
	return err;
}

/* Blanks, comments (only where a token could begin) and continued lines. */
static void skip_blanks(struct grub_lexer *ps)
{
	for (;;) {
		while (ps->p < ps->end && (*ps->p == ' ' || *ps->p == '\t'))
			ps->p++;
		if (ps->p + 2 < ps->end && ps->p[0] == '\\' && ps->p[1] == '\n') {
			ps->p++;
			step(ps);
			continue;
		}
		if (ps->p < ps->end && *ps->p == '#')
			while (ps->p < ps->end && *ps->p != '\n')
				ps->p++;
		return;
	}
}

int grub_next(struct grub_lexer *ps)
{
	skip_blanks(ps);
	ps->token_at = ps->p;
	ps->token_line = ps->line;
	ps->token_line_start = ps->line_start;
	if (ps->p == ps->end) {
		ps->token = T_END;
		return 0;
	}
	switch (*ps->p) {
	case '\n':
		ps->token = T_NEWLINE;
		break;
	case ';':
		ps->token = T_SEMICOLON;
		if (ps->p + 1 < ps->end && ps->p[1] == ';')
			return grub_refuse(ps, "\";;\", which GRUB has no use for");
		break;
	case '{':
		ps->token = T_OPEN;
		break;
	case '}':
		ps->token = T_CLOSE;
		break;
	case '|':
	case '&':
	case '<':
	case '>':
		return grub_refuse(ps,
				   "one of | & < >, which GRUB's scripts do not have");
	default:
		return lex_word(ps);
	}
	step(ps);
	return 0;
}

void grub_script_free(struct grub_script *s)
{
	while (s && s->chunks) {
		struct grub_chunk *c = s->chunks;

		s->chunks = c->next;
		free(c);
	}
	if (s)
		free(s->path);
	free(s);
}
