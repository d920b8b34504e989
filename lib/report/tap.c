/* TAP, version 13 (testanything.org): a line a finding, for prove and CI.
 *
 * Only what makes the exit code other than 0 is "not ok". A warning that does not is a
 * "not ok" with TODO, which TAP's readers count as no failure; what could not be found
 * out is skipped, and says so. */
#include "report/internal.h"

#include <stddef.h>

/* "#" would begin a directive. */
static void add_description(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			str_addc(out, '\\');
		str_addc(out, *text);
	}
}

static void add_text(struct str *out, const struct result *r, const char *key)
{
	struct str s = STR_INIT;

	report_result_text(&s, r, key);
	add_description(out, str_text(&s));
	out->oom |= s.oom;
	str_clear(&s);
}

/* A key of the diagnostics, as YAML: quoted, for a value may begin with anything. */
static void add_yaml(struct str *out, const struct result *r, const char *key)
{
	struct str s = STR_INIT;
	const char *p;

	if (!report_member(r->row, key))
		return;
	report_result_text(&s, r, key);
	str_addf(out, "  %s: \"", key);
	for (p = str_text(&s); *p; p++) {
		if (*p == '"' || *p == '\\')
			str_addc(out, '\\');
		str_addc(out, *p);
	}
	str_add(out, "\"\n");
	out->oom |= s.oom;
	str_clear(&s);
}

static void add_diagnostics(struct str *out, const struct result *r)
{
	static const char *const keys[] = { "status", "title",	  "found",
					    "want",   "want_by",  "why",
					    "fix",    "evidence", NULL };
	size_t i;

	str_add(out, "  ---\n");
	for (i = 0; keys[i]; i++)
		add_yaml(out, r, keys[i]);
	str_add(out, "  ...\n");
}

static void add_result(struct str *out, size_t number, const struct result *r)
{
	bool bad = r->counts || r->status == RESULT_WARN || r->status == RESULT_FAIL;

	str_addf(out, "%s %zu - ", bad ? "not ok" : "ok", number);
	add_text(out, r, "id");
	if (r->status == RESULT_SKIP && !bad) {
		str_add(out, " # SKIP ");
		add_text(out, r, "found");
	} else if (r->status == RESULT_UNKNOWN && !bad) {
		str_add(out, " # SKIP cannot tell: ");
		add_text(out, r, "found");
	} else {
		str_add(out, ": ");
		add_text(out, r, "found");
		if (bad && !r->counts)
			str_add(out, " # TODO a warning");
	}
	str_addc(out, '\n');
	if (bad)
		add_diagnostics(out, r);
}

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	json_object *error = report_error(r);
	struct result one;
	size_t n = 0, i;

	(void)look;
	(void)e;
	str_add(out, "TAP version 13\n");
	if (error) {
		str_add(out, "Bail out!  ");
		report_value(out, report_member(error, "message"), "");
		str_addc(out, '\n');
		return 0;
	}
	while (report_result(r, n, &one))
		n++;
	str_addf(out, n ? "1..%zu\n" : "1..%zu # SKIP nothing was judged\n", n);
	for (i = 0; report_result(r, i, &one); i++)
		add_result(out, i + 1, &one);
	return 0;
}

const struct renderer renderer_tap = {
	.name = "tap",
	.results = true,
	.failures = true,
	.render = render,
};
