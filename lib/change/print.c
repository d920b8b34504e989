#include "change/print.h"

#include "base/cleanup.h"
#include "change/undo.h"
#include "os/root.h"
#include "parse/block.h"
#include "parse/sysctl_d.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)
/* What a terminal takes as one line (N_TTY_BUF_SIZE is 4096), with room to spare. */
enum { MAX_LINE = 1000, BASE64_BYTES = 57 };

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static bool all_printable(const char *s)
{
	while (is_printable(*s))
		s++;
	return !*s;
}

/* Whole lines that a terminal passes on as they are: no tab, for a shell completes at it. */
static bool is_plain(const struct blob *b)
{
	size_t i, line = 0;

	for (i = 0; i < b->len; i++) {
		line = b->data[i] == '\n' ? 0 : line + 1;
		if ((b->data[i] != '\n' && !is_printable(b->data[i])) || line > MAX_LINE)
			return false;
	}
	return b->len && b->data[b->len - 1] == '\n';
}

static void add_base64(struct str *out, const struct blob *b)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const unsigned char *p = (const unsigned char *)b->data;
	size_t i, k, n;

	for (i = 0; i < b->len; i += 3) {
		unsigned long bits = 0;

		n = b->len - i < 3 ? b->len - i : 3;
		for (k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? p[i + k] : 0);
		for (k = 0; k < 4; k++)
			str_addc(out, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
		if ((i + 3) % BASE64_BYTES == 0 || i + 3 >= b->len)
			str_addc(out, '\n');
	}
}

/* A word that no line of TEXT is. */
static void add_delimiter(struct str *out, const char *text)
{
	unsigned i;

	for (i = 0;; i++) {
		CLEANUP_FREE char *word =
			i ? str_format("\nEND%u\n", i) : strdup("\nEND\n");

		if (!word) {
			out->oom = true;
			return;
		}
		if (strstr(text, word) || str_has_prefix(text, word + 1))
			continue;
		str_addn(out, word + 1, strlen(word) - 2);
		return;
	}
}

/* PATH as a word; one that a terminal would not bring through is first put into $VAR. */
static char *path_word(const char *path, const char *var, struct str *out)
{
	CLEANUP(cleanup_str) struct str word = STR_INIT;
	const char *p;

	if (all_printable(path)) {
		str_add_word(&word, path);
		return str_take(&word);
	}
	/* $( ) drops newlines at the end: a dot keeps them. */
	str_addf(out, "%s=$(printf '%%b' '", var);
	for (p = path; *p; p++) {
		if (is_printable(*p) && *p != '\'' && *p != '\\')
			str_addc(out, *p);
		else
			str_addf(out, "\\0%03o", (unsigned char)*p);
	}
	str_addf(out, ".'); %s=${%s%%.}\n", var, var);
	return str_format("\"$%s\"", var);
}

static void add_safe(struct str *out, const char *text)
{
	for (; *text; text++)
		str_addc(out, is_printable(*text) ? *text : '?');
}

/* A comment, whatever bytes the texts bring. */
static void comment(struct str *out, const char *what, const char *text)
{
	str_add(out, "# ");
	add_safe(out, what);
	str_add(out, ": ");
	add_safe(out, text);
	str_addc(out, '\n');
}

static void add_file(struct str *out, const char *word, const struct blob *want)
{
	CLEANUP(cleanup_str) struct str end = STR_INIT;
	bool plain = is_plain(want);

	if (!want->len) {
		str_addf(out, ": >%s\n", word);
		return;
	}
	if (plain)
		add_delimiter(&end, want->data);
	else
		str_add(&end, "END");
	str_addf(out, "%s >%s <<'%s'\n", plain ? "cat" : "base64 -d", word,
		 str_text(&end));
	if (plain)
		str_addn(out, want->data, want->len);
	else
		add_base64(out, want);
	str_addf(out, "%s\n", str_text(&end));
	out->oom |= end.oom;
}

/* Written in place: mode, owner, label and links stay. Made where it is gone. */
static int file_lines(const char *path, const char *word, const struct step *s,
		      struct str *out)
{
	CLEANUP_FREE char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
	CLEANUP_FREE char *folder_word = NULL;

	if (!s->before.data) {
		str_addf(out, "rm -f -- %s\n", word);
		return 0;
	}
	if (folder)
		folder_word = path_word(*folder ? folder : "/", "d", out);
	if (!folder_word)
		return -ENOMEM;
	str_addf(out,
		 "[ -e %s ] || { mkdir -p -- %s && (umask 077 && : >%s) && chmod %04o "
		 "-- %s; }\n",
		 word, folder_word, word, (unsigned)s->mode, word);
	add_file(out, word, &s->before);
	return 0;
}

static int sysctl_lines(const struct step *s, struct str *out)
{
	CLEANUP_FREE char *path = sysctl_proc(s->target);
	CLEANUP_FREE char *word = path ? path_word(path, "f", out) : NULL;

	if (!word)
		return -ENOMEM;
	if (!s->before.data)
		return 0;
	str_add(out, "printf '%s\\n' ");
	str_add_word(out, s->before.data);
	str_addf(out, " >%s\n", word);
	return 0;
}

/* We overwrite the block in place and never run this; in a rescue shell it will do. */
static int grubenv_lines(const char *word, const struct step *s, struct str *out)
{
	const char *cur = s->before.data, *line;
	size_t n;

	str_add(out, "e=$(command -v grub2-editenv || command -v grub-editenv)\n");
	while ((line = str_line(&cur, s->before.data + s->before.len, &n))) {
		CLEANUP_FREE char *text = strndup(line, n);
		CLEANUP_FREE char *value = text ? path_word(text, "v", out) : NULL;

		if (!value)
			return -ENOMEM;
		str_addf(out, "\"$e\" %s %s %s\n", word,
			 strchr(text, '=') ? "set" : "unset", value);
	}
	return 0;
}

/* TEXT on the right side of a sed command, of printable characters alone. */
static void add_replacement(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			str_add(out, "\\n");
		else if (strchr("\\&/", *text))
			str_addf(out, "\\%c", *text);
		else if (is_printable(*text))
			str_addc(out, *text);
		else
			str_addf(out, "\\x%02x", (unsigned char)*text);
	}
}

#define MARK                                                                             \
	"# uringprep begin\\( (after a line without an end)\\| (in an empty "            \
	"file)\\)\\?\\n"

/* Our lines out of somebody else's file, or others in their place. -z: the file is one
 * line to sed, and the newline before or after a mark can be named. */
static int sed_lines(const char *word, const struct step *s, struct str *out)
{
	CLEANUP(cleanup_str) struct str script = STR_INIT;

	if (s->before.data) {
		str_add(&script, "s/\\(" MARK "\\).*\\(# uringprep end\\n\\)/\\1");
		add_replacement(&script, s->before.data);
		str_add(&script, "\\3/");
	} else {
		/* Behind a line without an end the newline is ours. */
		str_add(&script, "s/\\n\\(# uringprep begin (after a line without an end)"
				 "\\n\\)/\\1/; s/" MARK ".*# uringprep end\\n//");
	}
	if (script.oom)
		return -ENOMEM;
	str_add(out, "LC_ALL=C sed -z -i ");
	str_add_word(out, script.s);
	str_addf(out, " -- %s\n", word);
	return 0;
}

/* What the whole file comes to is known: for what sed cannot do. */
static int whole_lines(const struct step *s, const struct blob *file, const char *path,
		       const char *word, struct str *out)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	struct step whole = { .type = STEP_FILE, .mode = 0644 };
	int keep = block_put(file->data, file->len, s->before.data, &text);

	if (keep < 0)
		return keep;
	if (keep)
		whole.before = (struct blob){ (char *)str_text(&text), text.len };
	return file_lines(path, word, &whole, out);
}

static int block_lines(const struct root *r, const char *path, const char *word,
		       const struct step *s, struct str *out)
{
	struct blob file = { NULL, 0 };
	struct block b;
	int err = root_read(r, s->target, MAX_FILE, &file.data, &file.len), found;

	if (err < 0 && err != -ENOENT)
		return err;
	found = file.data ? block_find(file.data, &b) : 0;
	/* Where all of it is ours, the file goes with it. */
	if (found > 0 &&
	    (s->before.data || b.begin > file.data || b.end < file.data + file.len))
		err = sed_lines(word, s, out);
	else
		err = whole_lines(s, &file, path, word, out);
	blob_clear(&file);
	return err;
}

static int lines_for(const struct root *r, const struct step *s, struct str *out)
{
	CLEANUP_FREE char *inside = NULL;
	CLEANUP_FREE char *path = NULL;
	CLEANUP_FREE char *word = NULL;
	int err;

	if (s->type == STEP_SYSCTL)
		return sysctl_lines(s, out);
	/* Links of a tree are the tree's: a shell would follow them outside of it. */
	err = root_resolve(r, s->target, &inside);
	if (err == -ENOENT) /* a folder is missing: it is made */
		err = (inside = strdup(s->target)) ? 0 : -ENOMEM;
	if (err < 0)
		return err;
	path = str_format("%s%s", root_prefix(r), inside);
	word = path ? path_word(path, "f", out) : NULL;
	if (!word)
		return -ENOMEM;
	switch (s->type) {
	case STEP_FILE:
		return file_lines(path, word, s, out);
	case STEP_GRUBENV:
		return grubenv_lines(word, s, out);
	case STEP_BLOCK:
		return block_lines(r, path, word, s, out);
	case STEP_SYSCTL:
		break;
	}
	return 0;
}

/* What is not done, and why; NULL: it is. */
static const char *left_out(const struct undo_step *u)
{
	switch (u->what) {
	case UNDO_IS_BACK:
		return "is back already";
	case UNDO_LEFT:
		return "changed by another since: left (--force prints lines for it too)";
	case UNDO_UNREACHABLE:
		return "keeps its live value until that system's next boot";
	case UNDO_NOT_REACHED:
		return "comes after the change of another's above: not yet";
	default:
		return NULL;
	}
}

static int one(const struct root *r, const struct undo_step *u, struct str *out,
	       struct err *e)
{
	CLEANUP_FREE char *what = NULL;
	const char *why = left_out(u);
	int err;

	if (u->what == UNDO_UNREADABLE)
		return err_set(e, -EIO, "%s", u->why);
	if (why) {
		what = str_format("%s %s", step_type_name(u->step->type),
				  u->step->target);
		if (!what)
			return err_set(e, -ENOMEM, "out of memory");
		comment(out, what, why);
		return 0;
	}
	err = lines_for(r, u->step, out);
	return err < 0 ? err_set(e, err == -ENOMEM ? err : -EIO, "%s%s: cannot read: %s",
				 root_prefix(r), u->step->target, strerror(-err))
		       : 0;
}

/* One a line, empty ones too. */
static int add_lines(struct strv *out, const struct str *text)
{
	const char *cur = str_text(text), *end = cur + text->len, *line;
	size_t n;
	int err = 0;

	while (!err && (line = str_line(&cur, end, &n)))
		err = strv_addf(out, "%.*s", (int)n, line);
	return err;
}

/* The folders that T made for its files, where nobody has put anything into them. */
static int folder_lines(const struct root *r, const struct txn_record *t, struct str *out)
{
	size_t i;

	for (i = t->folders.n; i-- > 0;) {
		CLEANUP_FREE char *path =
			str_format("%s%s", root_prefix(r), t->folders.v[i]);
		CLEANUP_FREE char *word = path ? path_word(path, "d", out) : NULL;

		if (!word)
			return -ENOMEM;
		str_addf(out, "rmdir -- %s 2>/dev/null || :\n", word);
	}
	return 0;
}

/* What tells the journal, afterwards. Of several transactions the newer ones find not what
 * was before them but what was before all: --keep takes that for settled. */
static int add_closing(const struct root *r, const struct undo *u, struct str *out)
{
	bool several = u->v[0].txn != u->v[u->n - 1].txn;
	CLEANUP_FREE char *command = several ? txn_command(r, "revert --all --keep")
					     : txn_revert_command(r, u->v[0].txn->id);

	if (!command)
		return -ENOMEM;
	comment(out, "closed in the journal by", command);
	return 0;
}

int print_undo(const struct root *r, const struct undo *u, struct strv *out,
	       struct err *e)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	const struct txn_record *last = NULL;
	int err = 0;
	size_t i;

	for (i = 0; i < u->n && !err; i++) {
		CLEANUP_FREE char *head = NULL;

		if (u->v[i].txn != last) {
			last = u->v[i].txn;
			head = str_format("transaction %u (%s)", last->id,
					  last->plan.title);
			comment(&text, head ? head : "", "back to before it");
		}
		err = one(r, &u->v[i], &text, e);
		if (!err && (i + 1 == u->n || u->v[i + 1].txn != last))
			err = folder_lines(r, last, &text);
	}
	if (!err && u->n)
		err = add_closing(r, u, &text);
	if (!err && (text.oom || add_lines(out, &text) < 0))
		err = err_set(e, -ENOMEM, "out of memory");
	return err;
}
