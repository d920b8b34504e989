/* str: growing text, lists of text, strict numbers, lines. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow. Always NUL terminated once something was added; s is NULL while
 * empty. A failed allocation sets oom, drops what is added later, and is asked once,
 * by str_take. */
struct str {
	char *s;
	size_t len, cap;
	bool oom;
};

#define STR_INIT                                                                         \
	{                                                                                \
		NULL, 0, 0, false                                                        \
	}

void str_addn(struct str *s, const void *bytes, size_t n);
void str_add(struct str *s, const char *text);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_clear(struct str *s);
/* The text, "" when nothing was added; lent. */
const char *str_text(const struct str *s);
/* The text, now the caller's to free ("" when nothing was added); NULL when memory ran
 * out. S is empty afterwards. */
char *str_take(struct str *s);

/* snprintf into fresh memory; NULL when memory ran out. */
char *str_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *str_vformat(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Append TEXT as one word of a shell: as it is when nothing in it is special, else in
 * single quotes. */
void str_add_word(struct str *s, const char *text);

/* In place: no blanks at the ends, one space for each run of them within. Returns S. */
char *str_squeeze(char *s);

/* A list of owned strings. */
struct strv {
	char **v;
	size_t n;
};

int strv_add(struct strv *l, const char *text); /* copies; 0 or -ENOMEM */
int strv_addf(struct strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The words of TEXT between any of the bytes SEPARATORS; empty ones are left out. */
int strv_split(struct strv *l, const char *text, const char *separators);
/* All of it with BETWEEN between; the caller's to free; NULL: no memory. */
char *strv_join(const struct strv *l, const char *between);
void strv_sort(struct strv *l); /* bytewise, as strcmp */
bool strv_has(const struct strv *l, const char *text);
void strv_clear(struct strv *l);

/* Numbers from text: the whole of it, decimal, no sign, no blanks, inside [min, max].
 * 0, -EINVAL (not a number) or -ERANGE. */
int str_to_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);
/* The same with an optional '-'; INT64_MIN itself is -ERANGE. */
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out);
/* A set of numbers from 1 to 64 digits of 0-9a-f, number 0 in the last bit. 0 or -EINVAL,
 * with OUT as it was. */
int str_to_bits(const char *s, uint64_t out[4]);

bool str_eq(const char *a, const char *b); /* both may be NULL */
bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
/* How many letters must be put in, taken out or changed to make B of A; at most
 * STR_WORD_MAX of each are looked at. */
enum { STR_WORD_MAX = 64 };
size_t str_distance(const char *a, const char *b);
/* Cut blanks (space, tab, CR, LF) off both ends, in place; returns where it begins now. */
char *str_trim(char *s);

/* Next line of [*cur, end): its start, its length without '\n'; NULL at the end. A last
 * line without '\n' counts. */
const char *str_line(const char **cur, const char *end, size_t *len);

/* For CLEANUP(). */
static inline void cleanup_str(struct str *s)
{
	str_clear(s);
}

static inline void cleanup_strv(struct strv *l)
{
	strv_clear(l);
}

#endif
