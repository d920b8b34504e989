#include "job/drift.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "change/step.h"
#include "host/host.h"
#include "os/root.h"
#include "parse/sysctl_d.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void drifts_clear(struct drifts *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		struct drift *one = &d->v[i];

		free(one->id);
		free(one->target);
		free(one->want);
		free(one->found);
		free(one->title);
		free(one->set_by);
		free(one->difference);
		free(one->fix);
	}
	free(d->v);
	*d = (struct drifts){ NULL, 0 };
}

static bool is_text_file(const struct step *s)
{
	return s->type == STEP_FILE || s->type == STEP_BLOCK;
}

/* A value as it is; of a file only whether it is there, for its bytes are too many. */
static char *shown(const struct step *s, const struct blob *b)
{
	char *text = strdup(!b->data	      ? "absent"
			    : is_text_file(s) ? "as written"
					      : b->data);
	size_t i;

	for (i = 0; text && text[i]; i++)
		if (text[i] == '\n') /* between variables of a grubenv */
			text[i] = ' ';
	return text;
}

/* "1 2" and "1<tab>2" are one value. */
static bool same_value(const char *a, const char *b)
{
	CLEANUP_FREE char *x = a ? strdup(a) : NULL;
	CLEANUP_FREE char *y = b ? strdup(b) : NULL;

	return x && y && strcmp(str_squeeze(x), str_squeeze(y)) == 0;
}

static char *setter_text(const struct sysctl_setter *s)
{
	const char *when = "which another line overrides at boot";

	if (s->wins & SYSCTL_BOOT)
		when = "it wins at boot";
	else if (s->wins & SYSCTL_SYSTEM)
		when = "it wins when somebody runs sysctl --system";
	else if (s->wins & SYSCTL_KERNEL)
		when = "the kernel's command line";
	return str_format("%s:%u sets %s; %s", s->path, s->line, s->value, when);
}

/* Who says VALUE for KEY: the line that wins, else any; else tuned. NULL: nobody. */
static int find_setter(const struct host *h, const char *key, const char *value,
		       char **out)
{
	struct sysctl_setters all = { NULL, 0 };
	const struct sysctl_setter *best = NULL;
	size_t i, k;
	int err = host_sysctl_setters(h, key, &all);

	for (i = 0; i < all.n && !err; i++)
		if (same_value(all.v[i].value, value) && (!best || all.v[i].wins))
			best = &all.v[i];
	if (best && !(*out = setter_text(best)))
		err = -ENOMEM;
	for (k = 0; k < TUNABLE_COUNT && !best && !err; k++) {
		const struct tuned_line *l = &h->managers.tuned_sets[k];

		if (strcmp(tunables[k].key, key) != 0 || !l->value ||
		    !same_value(l->value + strspn(l->value, "<>"), value))
			continue;
		*out = str_format("tuned (%s) sets it: %s", h->managers.tuned, l->by);
		err = *out ? 0 : -ENOMEM;
	}
	free(all.v);
	return err;
}

static int who_set(const struct host *h, const struct step *s, const char *value,
		   char **out)
{
	int err = find_setter(h, s->target, value, out);

	if (err || *out)
		return err;
	*out = h->sysctl_unread.n ? str_format("not known: %s", h->sysctl_unread.v[0])
				  : strdup("no file sets that: at run time");
	return *out ? 0 : -ENOMEM;
}

static int at_most(size_t n)
{
	return n < 120 ? (int)n : 120;
}

/* "line 3: was A, is B", of the first that differs. NULL in OUT: not text. */
static int first_difference(const struct blob *was, const struct blob *is, char **out)
{
	const char *a = was->data, *b = is->data;
	const char *end_a = a + was->len, *end_b = b + is->len;
	unsigned line = 1;
	size_t n = 0, m = 0;

	if (memchr(a, '\0', was->len) || memchr(b, '\0', is->len))
		return 0;
	for (;; line++) {
		const char *x = str_line(&a, end_a, &n), *y = str_line(&b, end_b, &m);

		if (x && y && n == m && memcmp(x, y, n) == 0)
			continue;
		if (!x && !y) /* the newline at the end alone */
			*out = strdup("the end of the last line");
		else
			*out = str_format("line %u: was %.*s, is %.*s", line,
					  x ? at_most(n) : 4, x ? x : "none",
					  y ? at_most(m) : 4, y ? y : "none");
		return *out ? 0 : -ENOMEM;
	}
}

static int look(const struct host *h, const struct root *r, const struct step *s,
		struct drift *d)
{
	struct blob now = { NULL, 0 };
	struct err why = { "" };
	int err = 0;

	switch (txn_step_is(r, s, &why)) {
	case STEP_IS_AFTER:
		d->found = shown(s, &s->after);
		return 0;
	case STEP_IS_UNREACHABLE:
		d->is = DRIFT_UNSEEN;
		d->found = str_format("a live value: not looked at (%s)",
				      root_not_live_reason(r));
		return 0;
	case STEP_IS_UNREADABLE:
		d->is = DRIFT_UNKNOWN;
		d->found = strdup(why.msg);
		return 0;
	default:
		break;
	}
	if (step_now(r, s, &now, &why) < 0) {
		d->is = DRIFT_UNKNOWN;
		d->found = strdup(why.msg);
		return 0;
	}
	d->is = now.data ? DRIFT_CHANGED : DRIFT_GONE;
	d->found = is_text_file(s) && now.data
			   ? strdup(s->after.data ? "edited" : "there")
		   : now.data ? shown(s, &now)
			      : strdup("gone");
	if (s->type == STEP_SYSCTL && now.data)
		err = who_set(h, s, now.data, &d->set_by);
	else if (is_text_file(s) && now.data && s->after.data)
		err = first_difference(&s->after, &now, &d->difference);
	blob_clear(&now);
	return err;
}

/* The command that T was made by, to be typed again; the caller's to free. */
static char *again_command(const struct root *r, const struct txn_record *t)
{
	CLEANUP(cleanup_str) struct str words = STR_INIT;
	const char *title = t->plan.title, *subject = t->plan.subject;

	/* Profiles and --accept are words; an entry of the boot menu is one, whatever is in
	 * it. */
	if (strcmp(t->kind, "profile") == 0)
		return txn_command(r, title);
	if (!subject || !str_has_suffix(title, subject))
		return strdup("that command once more");
	str_addn(&words, title, strlen(title) - strlen(subject));
	str_add_word(&words, subject);
	return words.oom ? NULL : txn_command(r, str_text(&words));
}

/* What to type: to have it again, or to give it up. Nothing is applied before FIRST, if it
 * is not NULL, is settled. */
static char *advice(const struct root *r, const struct txn_record *t,
		    const struct txn_record *first, enum drift_is is)
{
	CLEANUP_FREE char *again = again_command(r, t);
	CLEANUP_FREE char *revert = txn_revert_command(r, t->id);

	if (is == DRIFT_UNKNOWN)
		return strdup("run it as root, and see what keeps it from being read");
	if (first)
		return str_format("transaction %u comes first: see above; then status "
				  "again",
				  first->id);
	return revert && again
		       ? str_format("to have it again: %s; to give all of transaction "
				    "%u up: %s --keep",
				    again, t->id, revert)
		       : NULL;
}

static int add(const struct host *h, const struct root *r, const struct txn_log *log,
	       const struct txn_record *t, const struct step *s, struct drifts *out)
{
	static const char *const formats[] = {
		[DRIFT_NONE] = "%s should be %s and is",
		[DRIFT_CHANGED] = "%s should be %s and is %s",
		[DRIFT_GONE] = "%s should be %s and is %s",
		[DRIFT_UNKNOWN] = "%s should be %s: cannot tell: %s",
		[DRIFT_UNSEEN] = "%s should be %s: %s",
	};
	struct drift *v = realloc(out->v, (out->n + 1) * sizeof(*v)), *d;
	int err;

	if (!v)
		return -ENOMEM;
	out->v = v;
	d = &v[out->n++];
	*d = (struct drift){ .txn = t, .step = s };
	d->target = step_describe(s);
	d->id = str_format("%s:%s", step_type_name(s->type), s->target);
	d->want = shown(s, &s->after);
	err = look(h, r, s, d);
	if (err || !d->target || !d->id || !d->want || !d->found)
		return -ENOMEM;
	d->title = str_format(formats[d->is], d->target, d->want, d->found);
	if (d->is != DRIFT_NONE && d->is != DRIFT_UNSEEN) {
		d->fix = advice(r, t, txn_first(log), d->is);
		if (!d->fix)
			return -ENOMEM;
	}
	return d->title ? 0 : -ENOMEM;
}

int job_drift(const struct host *h, const struct root *r, const struct txn_log *log,
	      struct drifts *out)
{
	size_t i, k;
	int err = 0;

	*out = (struct drifts){ NULL, 0 };
	for (i = log->n; i-- > 0;)
		for (k = 0; txn_is_open(&log->v[i]) && k < log->v[i].plan.n && !err;
		     k++) {
			const struct step *s = &log->v[i].plan.v[k];

			if (!txn_is_covered(log, i, s))
				err = add(h, r, log, &log->v[i], s, out);
		}
	if (err < 0)
		drifts_clear(out);
	return err;
}

/* What becomes of tunable K, that our file had set to VALUE and that still has it. */
static int say_still(const struct host *h, size_t k, const char *value, struct strv *out)
{
	const struct sysctl_fact *f = &h->sysctl[k];

	if (!same_value(f->live, value) || same_value(f->boot_value, value))
		return 0;
	if (f->boot_value)
		return strv_addf(out,
				 "%s: still %s, as our file said; from the next boot on "
				 "%s (%s)",
				 tunables[k].key, f->live, f->boot_value, f->boot_by);
	return strv_addf(out,
			 "%s: still %s, as our file said; from the next boot on what the "
			 "kernel starts with, for no file sets it",
			 tunables[k].key, f->live);
}

int job_still_live(const struct host *h, const struct txn_record *t, struct strv *out)
{
	struct sysctl_file file;
	size_t i, n;
	int err = 0;

	for (i = 0; i < t->plan.n && !err; i++) {
		const struct step *s = &t->plan.v[i];

		if (s->type != STEP_FILE || !s->after.data ||
		    strcmp(s->target, HOST_OWN_SYSCTL) != 0)
			continue;
		err = sysctl_d_parse(&file, s->after.data, s->after.len);
		for (n = 0; n < file.n && !err; n++) {
			const struct tunable *key = tunable_find(file.v[n].path);

			if (key && file.v[n].value)
				err = say_still(h, (size_t)(key - tunables),
						file.v[n].value, out);
		}
		sysctl_file_clear(&file);
	}
	return err;
}
