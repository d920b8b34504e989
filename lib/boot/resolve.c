/* Which entry a default means, as GRUB's menu finds it (normal/menu.c of 2.06:
 * get_entry_number, menuentry_eq, and what cuts the first level off in a submenu; proven
 * in virtual machines for Debian's, EL7's and EL8's). */
#include "boot/menu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void boot_choice_clear(struct boot_choice *c)
{
	free(c->grub_path);
	str_clear(&c->why_unknown);
	c->grub_path = NULL;
}

/* GRUB's strtoul with base 0. False: SPEC begins with no number. END is behind it. */
static bool leading_number(const char *spec, size_t *out, const char **end)
{
	const char *digits = "0123456789";
	size_t base = 10, v = 0;

	spec += strspn(spec, " \t");
	if (spec[0] == '0' && spec[1] == 'x') {
		base = 16;
		spec += 2;
	} else if (spec[0] == '0' && spec[1] >= '0' && spec[1] <= '7') {
		base = 8;
	}
	if (base == 16)
		digits = "0123456789abcdef";
	*end = spec;
	for (;; (*end)++) {
		char c = **end >= 'A' && **end <= 'F' ? (char)(**end + 32) : **end;
		const char *d = c ? strchr(digits, c) : NULL;

		if (!d || (size_t)(d - digits) >= base)
			break;
		v = v > 100000 ? v : v * base + (size_t)(d - digits); /* past any menu */
	}
	*out = v;
	return *end > spec;
}

enum match { MATCH_NO, MATCH_YES, MATCH_MAYBE };

/* Is the first level of SPEC the text NAME? ">>" stands for a '>' of the name. */
static enum match matches(const char *name, const char *spec)
{
	if (grub_is_unknown(name))
		return MATCH_MAYBE;
	for (;; name++, spec++) {
		if (spec[0] == '>' && spec[1] != '>')
			return *name ? MATCH_NO : MATCH_YES;
		if (*spec == '>')
			spec++;
		if (*name != *spec)
			return MATCH_NO;
		if (!*name)
			return MATCH_YES;
	}
}

static enum match entry_matches(const struct grub_entry *e, const char *spec)
{
	enum match title = matches(e->title, spec), id = matches(e->id, spec);

	if (title == MATCH_NO && id == MATCH_NO)
		return MATCH_NO;
	if (e->maybe)
		return MATCH_MAYBE;
	return title == MATCH_YES || id == MATCH_YES ? MATCH_YES : MATCH_MAYBE;
}

static int unsure(struct boot_choice *out, const struct grub_entry *e)
{
	str_addf(&out->why_unknown,
		 "%s: whether the entry \"%s\" is there, or what it is "
		 "called, depends on the machine",
		 e->where, grub_is_unknown(e->title) ? "?" : e->title);
	return -EAGAIN;
}

/* The entry at place I, when all before it are surely there. */
static int at(const struct grub_entry *v, size_t i, struct boot_choice *out)
{
	size_t k;

	for (k = 0; k <= i; k++)
		if (v[k].maybe)
			return unsure(out, &v[k]);
	return (int)i;
}

/* One level of the menu. The place, or -EAGAIN: unknown. */
static int find(const struct grub_entry *v, size_t n, const char *spec,
		bool whole_numbers, struct boot_choice *out)
{
	const char *end;
	size_t i, number;

	if (spec && leading_number(spec, &number, &end) &&
	    (!whole_numbers || !*end || *end == '>' || *end == ' ')) {
		out->by_name = false;
		if (number < n)
			return at(v, number, out);
		out->no_match = true;
		return at(v, 0, out);
	}
	for (i = 0; spec && i < n; i++) {
		enum match m = entry_matches(&v[i], spec);

		if (m == MATCH_MAYBE)
			return unsure(out, &v[i]);
		if (m == MATCH_YES)
			return (int)i;
	}
	out->by_name = false;
	out->no_match = true;
	return at(v, 0, out);
}

/* What is left of SPEC in a submenu; NULL: nothing, the first entry. */
static const char *next_level(const char *spec)
{
	while (spec && *spec && !(spec[0] == '>' && spec[1] != '>'))
		spec += spec[0] == '>' ? 2 : 1;
	return spec && spec[0] && spec[1] ? spec + 1 : NULL;
}

int boot_resolve(const struct grub_menu *m, bool whole_numbers, struct boot_choice *out)
{
	const struct grub_entry *v = m->v;
	const char *spec = m->default_value;
	struct str path = STR_INIT;
	size_t n = m->n;
	int i;

	*out = (struct boot_choice){ NULL, true, false, STR_INIT };
	if (m->unknown || grub_is_unknown(spec)) {
		str_add(&out->why_unknown, m->unknown ? m->unknown : m->default_why);
		return out->why_unknown.oom ? -ENOMEM : 0;
	}
	for (;;) {
		if (!n) {
			str_add(&out->why_unknown, "there is no entry to boot");
			break;
		}
		i = find(v, n, spec, whole_numbers, out);
		if (i < 0)
			break;
		str_addf(&path, "%s%d", path.len ? ">" : "", i);
		if (!v[i].submenu) {
			out->grub_path = str_take(&path);
			return out->grub_path ? 0 : -ENOMEM;
		}
		if (v[i].problem) {
			str_add(&out->why_unknown, v[i].problem);
			break;
		}
		spec = next_level(spec);
		n = v[i].n;
		v = v[i].v;
	}
	str_clear(&path);
	return out->why_unknown.oom ? -ENOMEM : 0;
}
