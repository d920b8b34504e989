#include "host/tuned.h"

#include "base/cleanup.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (256 * 1024)

/* Far above what there is; lines are compared with each other. */
enum { MAX_FILES = 32, MAX_LINES = 4096, MAX_VALUE = 4096 };

/* Where a profile is looked for; "profiles" below both came with 2.23. */
static const char *const folders[] = {
	"/etc/tuned/profiles",
	"/etc/tuned",
	"/usr/lib/tuned/profiles",
	"/usr/lib/tuned",
};

void tuned_clear(struct tuned_profile *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		tuned_option_clear(&p->v[i].o);
		free(p->v[i].value);
		free(p->v[i].unfollowed);
	}
	for (i = 0; i < p->n_files; i++) {
		free(p->files[i].name);
		free(p->files[i].path);
	}
	free(p->v);
	free(p->files);
	strv_clear(&p->seen);
	strv_clear(&p->types);
	*p = (struct tuned_profile){ 0 };
}

char *tuned_where(const struct tuned_profile *p, size_t i)
{
	return str_format("%s:%u", p->files[p->v[i].file].path, p->v[i].o.line);
}

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

/* Reading */

/* The lines of CONF, taken from it, as a file of P. WHY: what became of its include=. */
static int append(struct tuned_profile *p, const char *name, const char *path,
		  struct tuned_conf *conf, size_t include, char **why)
{
	struct tuned_file *files = realloc(p->files, (p->n_files + 1) * sizeof(*files));
	struct tuned_entry *v;
	size_t i;

	if (!files)
		return -ENOMEM;
	p->files = files;
	files[p->n_files] = (struct tuned_file){ strdup(name), strdup(path), p->n };
	if (!files[p->n_files].name || !files[p->n_files++].path)
		return -ENOMEM;
	v = realloc(p->v, (p->n + conf->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->v = v;
	for (i = 0; i < conf->n; i++) {
		v[p->n++] = (struct tuned_entry){
			.o = conf->v[i],
			.file = p->n_files - 1,
			.unfollowed = i == include ? TAKE_PTR(*why) : NULL,
		};
		conf->v[i] = (struct tuned_option){ 0 };
	}
	return 0;
}

/* Names parted by commas or semicolons; a leading '-' says "if it is there". *WHY: the
 * first that could not be followed. */
static int follow(struct tuned_profile *p, const struct root *r, const char *names,
		  char **why)
{
	CLEANUP(cleanup_strv) struct strv list = { NULL, 0 };
	struct err e = { "" };
	size_t i;
	int err;

	if (strchr(names, '$')) {
		*why = str_format("%s: holds a variable or a function", names);
		return *why ? 0 : -ENOMEM;
	}
	err = strv_split(&list, names, ",;");
	for (i = 0; i < list.n && err != -ENOMEM; i++) {
		err = tuned_add(p, r, str_trim(list.v[i]), &e);
		if (err < 0 && err != -ENOMEM && !*why) {
			*why = strdup(e.msg);
			err = *why ? 0 : -ENOMEM;
		}
	}
	return err == -ENOMEM ? err : 0;
}

int tuned_add_text(struct tuned_profile *p, const struct root *r, const char *name,
		   const char *path, const char *text, struct err *e)
{
	struct tuned_conf conf;
	CLEANUP_FREE char *why = NULL;
	int err = tuned_conf_parse(&conf, path, text, strlen(text), e);
	size_t i, include;

	if (err < 0)
		return err;
	if (p->n + conf.n > MAX_LINES) {
		tuned_conf_clear(&conf);
		return err_set(e, -EFBIG, "%s: more than %d lines", path, MAX_LINES);
	}
	include = conf.n;
	for (i = 0; i < conf.n; i++)
		if (strcmp(conf.v[i].section, "main") == 0 &&
		    str_eq(conf.v[i].key, "include"))
			include = i; /* the last one is the one that counts */
	err = strv_add(&p->seen, path);
	if (!err && include < conf.n)
		err = follow(p, r, conf.v[include].value, &why);
	if (!err)
		err = append(p, name, path, &conf, include, &why);
	tuned_conf_clear(&conf);
	return err < 0 ? no_memory(e) : 0;
}

/* 1: read, 0: not in this folder (AGAIN: or read before), else -errno. */
static int look_in(struct tuned_profile *p, const struct root *r, const char *folder,
		   const char *name, bool *again, struct err *e)
{
	CLEANUP_FREE char *path = str_format("%s/%s/tuned.conf", folder, name);
	CLEANUP_FREE char *text = NULL;
	int err;

	if (!path)
		return no_memory(e);
	/* A profile of /etc may include the one of its name in /usr/lib. */
	if (strv_has(&p->seen, path)) {
		*again = true;
		return 0;
	}
	err = root_read(r, path, MAX_FILE, &text, NULL);
	if (err == -ENOENT || err == -ENOTDIR || err == -EISDIR)
		return 0;
	if (err < 0)
		return err_set(e, err == -ENOENT ? -EIO : err, "%s: %s", path,
			       strerror(-err));
	err = tuned_add_text(p, r, name, path, text, e);
	return err < 0 ? err : 1;
}

int tuned_add(struct tuned_profile *p, const struct root *r, const char *name,
	      struct err *e)
{
	bool may_lack = *name == '-';
	size_t i;
	int err = 0;

	name += may_lack;
	if (!*name || strchr(name, '/'))
		return err_set(e, -EINVAL, "%s: no name of a tuned profile", name);
	if (p->seen.n >= MAX_FILES)
		return err_set(e, -EINVAL, "%s: not followed: more than %d files", name,
			       MAX_FILES);
	for (i = 0; i < ARRAY_SIZE(folders) && !err; i++)
		err = look_in(p, r, folders[i], name, &may_lack, e);
	if (err < 0)
		return err;
	return err || may_lack ? 0
			       : err_set(e, -ENOENT, "%s: no such tuned profile", name);
}

int tuned_names(const struct root *r, struct strv *names)
{
	size_t i, k;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(folders) && !err; i++) {
		CLEANUP(cleanup_strv) struct strv found = { NULL, 0 };

		if (root_list(r, folders[i], &found) == -ENOMEM)
			err = -ENOMEM;
		for (k = 0; k < found.n && !err; k++) {
			CLEANUP_FREE char *path =
				str_format("%s/%s/tuned.conf", folders[i], found.v[k]);

			if (path && root_exists(r, path) && !strv_has(names, found.v[k]))
				err = strv_add(names, found.v[k]);
		}
	}
	strv_sort(names);
	return err;
}

/* Merging */

#define NONE ((size_t)-1)

/* A section by its name, through all files. */
struct section {
	const char *name, *type;
	size_t off, condition; /* the lines that say so; NONE */
	int64_t priority;
};

struct merge {
	struct tuned_profile *p;
	struct section *v;
	size_t n;
};

static bool is_true(const char *value)
{
	return str_eq(value, "1") || str_eq(value, "true") || str_eq(value, "True");
}

static bool is_in(const struct tuned_entry *t, const char *section)
{
	return strcmp(t->o.section, section) == 0;
}

static bool same_key(const struct tuned_entry *a, const struct tuned_entry *b)
{
	return is_in(a, b->o.section) && a->o.key && str_eq(a->o.key, b->o.key);
}

static void set_fate(struct tuned_entry *t, enum tuned_fate fate, size_t by)
{
	if (t->fate == TUNED_STANDS) {
		t->fate = fate;
		t->by = by;
	}
}

static size_t end_of(const struct tuned_profile *p, size_t file)
{
	return file + 1 < p->n_files ? p->files[file + 1].first : p->n;
}

/* The line of FILE that gives SECTION's KEY; NONE. */
static size_t line_of(const struct tuned_profile *p, size_t file, const char *section,
		      const char *key)
{
	size_t i, found = NONE;

	for (i = p->files[file].first; i < end_of(p, file); i++)
		if (is_in(&p->v[i], section) && str_eq(p->v[i].o.key, key))
			found = i;
	return found;
}

static struct section *section_named(struct merge *m, const char *name, bool *fresh)
{
	struct section *v;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return &m->v[i];
	*fresh = true;
	v = realloc(m->v, (m->n + 1) * sizeof(*v));
	if (!v)
		return NULL;
	m->v = v;
	v[m->n] = (struct section){ .name = name, .off = NONE, .condition = NONE };
	return &v[m->n++];
}

/* The lines of earlier files that a replace= (all) or a drop= (those it names) of FILE in
 * SECTION takes out. */
static int take_out(struct tuned_profile *p, size_t file, const char *section, size_t by,
		    bool all)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	size_t i;

	if (strv_split(&names, p->v[by].o.value, ",; \t\n") < 0)
		return -ENOMEM;
	for (i = 0; i < p->files[file].first; i++)
		if (is_in(&p->v[i], section) && p->v[i].o.key &&
		    (all || strv_has(&names, p->v[i].o.key)))
			set_fate(&p->v[i], TUNED_TAKEN_OUT, by);
	return 0;
}

/* A section of FILE over what earlier files say of it. */
static int merge_section(struct merge *m, size_t file, const char *name)
{
	struct tuned_profile *p = m->p;
	size_t replace = line_of(p, file, name, "replace"), i;
	size_t type = line_of(p, file, name, "type");
	size_t enabled = line_of(p, file, name, "enabled");
	size_t drop = line_of(p, file, name, "drop");
	size_t uname = line_of(p, file, name, "uname_regex");
	size_t cpuinfo = line_of(p, file, name, "cpuinfo_regex");
	size_t priority = line_of(p, file, name, "priority");
	bool fresh = false, anew = replace != NONE && is_true(p->v[replace].o.value);
	struct section *s = section_named(m, name, &fresh);
	int err = s ? 0 : -ENOMEM;

	if (!err && anew) {
		s->condition = NONE;
		s->priority = 0;
		err = take_out(p, file, name, replace, true);
	} else if (!err && drop != NONE && !fresh) {
		err = take_out(p, file, name, drop, false);
	}
	if (err < 0)
		return err;
	/* These two go by the newest file alone, also where it does not name them. */
	s->type = type != NONE ? p->v[type].o.value : name;
	s->off = enabled != NONE && !is_true(p->v[enabled].o.value) ? enabled : NONE;
	i = uname != NONE ? uname : cpuinfo;
	s->condition = i != NONE ? i : s->condition;
	if (priority != NONE)
		str_to_i64(p->v[priority].o.value, INT32_MIN, INT32_MAX, &s->priority);
	return 0;
}

/* FILE's lines over those of earlier files, and over its own earlier ones. */
static int merge_file(struct merge *m, size_t file)
{
	struct tuned_profile *p = m->p;
	size_t first = p->files[file].first, i, k;
	int err = 0;

	for (i = first; i < end_of(p, file) && !err; i++) {
		struct tuned_entry *t = &p->v[i];

		for (k = first; k < i && !is_in(&p->v[k], t->o.section); k++)
			;
		if (k == i)
			err = merge_section(m, file, t->o.section);
		/* Each file's own include= is followed. */
		k = is_in(t, "main") && str_eq(t->o.key, "include") ? first : 0;
		for (; k < i; k++)
			if (same_key(&p->v[k], t))
				set_fate(&p->v[k], TUNED_COVERED, i);
	}
	return err;
}

static bool is_of_section(const char *key)
{
	static const char *const words[] = {
		"type",	       "enabled",     "replace",
		"drop",	       "devices",     "cpuinfo_regex",
		"uname_regex", "priority",    "devices_udev_regex",
		"script_pre",  "script_post",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(key, words[i]))
			return true;
	return false;
}

/* The value of a variable that is plainly given in [variables]; lent; NULL. With a file of
 * variables beside them none is: it may set any. */
static const char *variable(const struct tuned_profile *p, const char *name, size_t len)
{
	const char *found = NULL;
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct tuned_option *o = &p->v[i].o;

		if (p->v[i].fate != TUNED_STANDS || !is_in(&p->v[i], "variables") ||
		    !o->key)
			continue;
		if (strcmp(o->key, "include") == 0)
			return NULL;
		if (strlen(o->key) == len && strncmp(o->key, name, len) == 0 &&
		    !strpbrk(o->value, "$\\"))
			found = o->value;
	}
	return found;
}

/* The value as the plugin gets it; *OUT stays NULL where that cannot be told. */
static int expand(const struct tuned_profile *p, const char *text, char **out)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	CLEANUP(cleanup_str) struct str done = STR_INIT;
	size_t len = strlen(text), n;
	const char *end, *value;

	end = text + len;
	if (len >= 2 && *text == '"' && text[len - 1] == '"') {
		text++;
		end--;
	}
	while (text < end) {
		if (done.len > MAX_VALUE)
			return 0;
		if (strncmp(text, "${", 2) != 0) {
			if (strncmp(text, "\\${", 3) == 0)
				return 0;
			str_addc(&done, *text++);
			continue;
		}
		n = strspn(text + 2, word);
		value = text[2 + n] == '}' ? variable(p, text + 2, n) : NULL;
		if (!value)
			return 0;
		str_add(&done, value);
		text += n + 3;
	}
	*out = str_take(&done);
	return *out ? 0 : -ENOMEM;
}

/* Fates and types that depend on the whole of a section. */
static int end_section(struct merge *m, const struct section *s)
{
	struct tuned_profile *p = m->p;
	bool plugin = strcmp(s->name, "main") != 0 && strcmp(s->name, "variables") != 0;
	size_t i;

	if (plugin && strv_add(&p->types, s->type) < 0)
		return -ENOMEM;
	for (i = 0; i < p->n; i++) {
		struct tuned_entry *t = &p->v[i];

		if (!is_in(t, s->name) || !plugin)
			continue;
		t->type = p->types.v[p->types.n - 1];
		t->of_section = t->o.key && is_of_section(t->o.key);
		if (s->off != NONE)
			set_fate(t, TUNED_OFF, s->off);
		else if (s->condition != NONE)
			set_fate(t, TUNED_IF, s->condition);
	}
	return 0;
}

static const struct section *section_of(const struct merge *m,
					const struct tuned_entry *t)
{
	size_t i;

	for (i = 0; i < m->n && !is_in(t, m->v[i].name); i++)
		;
	return i < m->n ? &m->v[i] : NULL;
}

/* "net/core/somaxconn" is "net.core.somaxconn" to the kernel. */
static bool same_sysctl(const char *a, const char *b)
{
	for (; *a && (*a == *b || (strchr("./", *a) && strchr("./", *b) && *b)); a++, b++)
		;
	return *a == *b;
}

/* The place of a key in its section, which it keeps when it gets another value: its first
 * line. */
static size_t place_of(const struct tuned_profile *p, size_t at)
{
	size_t i, k;

	for (i = 0; i < at; i++) {
		for (k = i;
		     p->v[k].fate == TUNED_COVERED && same_key(&p->v[k], &p->v[at]);)
			k = p->v[k].by;
		if (k == at)
			break;
	}
	return i;
}

/* Does tuned set line A's sysctl after line B's? */
static bool is_later(const struct merge *m, size_t a, size_t b)
{
	const struct section *x = section_of(m, &m->p->v[a]);
	const struct section *y = section_of(m, &m->p->v[b]);

	if (x->priority != y->priority)
		return x->priority > y->priority;
	return x != y ? x > y : place_of(m->p, a) > place_of(m->p, b);
}

/* Two sections, or two spellings, may set one sysctl: tuned sets both, one after the other,
 * by priority, then in the order of sections. */
static void cover_sysctls(struct merge *m)
{
	struct tuned_profile *p = m->p;
	size_t i, k;

	for (i = 0; i < p->n; i++)
		for (k = i + 1; k < p->n; k++) {
			struct tuned_entry *a = &p->v[i], *b = &p->v[k];
			bool a_last;

			if (a->fate != TUNED_STANDS || b->fate != TUNED_STANDS ||
			    !a->o.key || !b->o.key || !str_eq(a->type, "sysctl") ||
			    !str_eq(b->type, "sysctl") || a->of_section ||
			    !same_sysctl(a->o.key, b->o.key))
				continue;
			a_last = is_later(m, i, k);
			set_fate(a_last ? b : a, TUNED_COVERED, a_last ? i : k);
		}
}

int tuned_merge(struct tuned_profile *p)
{
	struct merge m = { .p = p };
	size_t i;
	int err = 0;

	for (i = 0; i < p->n_files && !err; i++)
		err = merge_file(&m, i);
	for (i = 0; i < p->n && !err; i++)
		if (p->v[i].o.key)
			err = expand(p, p->v[i].o.value, &p->v[i].value);
	for (i = 0; i < m.n && !err; i++)
		err = end_section(&m, &m.v[i]);
	if (!err)
		cover_sysctls(&m);
	free(m.v);
	return err;
}
