/* A plugin of Nagios, Icinga and their like: one line with the state and counts, longer
 * text below, and exit codes that are theirs, not ours. */
#include "report/internal.h"

enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

static const char *const states[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

/* "|" begins performance data, and nothing escapes it there. */
static void add_plain(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			str_add(out, "\\x7c");
		else
			str_addc(out, *text);
	}
}

static int state_of(const struct result *r)
{
	if (r->counts && r->status != RESULT_UNKNOWN)
		return NAGIOS_CRITICAL;
	if (r->status == RESULT_UNKNOWN && (r->counts || r->required))
		return NAGIOS_UNKNOWN;
	return r->status == RESULT_WARN ? NAGIOS_WARNING : NAGIOS_OK;
}

/* The worst comes first: a required check that cannot tell may hide a failure, so it
 * weighs more than a warning. */
static int worse(int a, int b)
{
	static const int weight[] = { 0, 1, 3, 2 };

	return weight[a] >= weight[b] ? a : b;
}

/* CODE: 0 yes, 1 no, 2 a wrong call, 3 could not be found out, 4 failed half-way. */
static int exit_code(const struct report *r, int code)
{
	int state = code == 0		     ? NAGIOS_OK
		    : code == 1 || code == 4 ? NAGIOS_CRITICAL
					     : NAGIOS_UNKNOWN;
	struct result one;
	size_t i;

	for (i = 0; report_result(r, i, &one); i++)
		state = worse(state, state_of(&one));
	return state;
}

static void add_result(struct str *out, const struct result *r, bool details)
{
	struct str text = STR_INIT;

	str_addf(&text, "%s ", report_status_name(r));
	report_result_text(&text, r, "id");
	str_add(&text, ": ");
	report_result_text(&text, r, "found");
	if (details)
		report_result_details(&text, r, "; ");
	add_plain(out, str_text(&text));
	out->oom |= text.oom;
	str_clear(&text);
}

static void add_failure(struct str *out, json_object *error)
{
	struct str text = STR_INIT;

	report_value(&text, report_member(error, "message"), "");
	add_plain(out, str_text(&text));
	str_addc(out, '\n');
	out->oom |= text.oom;
	str_clear(&text);
}

/* Behind the state: the finding that made it, else counts. */
static void add_headline(struct str *out, const struct report *r, int state,
			 const size_t *count)
{
	struct result one;
	size_t i;

	for (i = 0; state != NAGIOS_OK && report_result(r, i, &one); i++)
		if (state_of(&one) == state) {
			add_result(out, &one, false);
			str_add(out, "; ");
			break;
		}
	str_addf(out, "%zu passed, %zu warned, %zu failed, %zu unknown, %zu skipped",
		 count[RESULT_PASS], count[RESULT_WARN], count[RESULT_FAIL],
		 count[RESULT_UNKNOWN], count[RESULT_SKIP]);
	str_addf(out, " | pass=%zu warn=%zu fail=%zu unknown=%zu skip=%zu\n",
		 count[RESULT_PASS], count[RESULT_WARN], count[RESULT_FAIL],
		 count[RESULT_UNKNOWN], count[RESULT_SKIP]);
}

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	json_object *error = report_error(r);
	size_t count[RESULT_KINDS] = { 0 }, i;
	int state = exit_code(r, look->code);
	struct result one;

	(void)e;
	str_addf(out, "URINGPREP %s - ", states[state]);
	if (error) {
		add_failure(out, error);
		return 0;
	}
	for (i = 0; report_result(r, i, &one); i++)
		count[one.status]++;
	add_headline(out, r, state, count);
	for (i = 0; report_result(r, i, &one); i++) {
		if (one.status == RESULT_PASS || one.status == RESULT_SKIP)
			continue;
		add_result(out, &one, true);
		str_addc(out, '\n');
	}
	return 0;
}

const struct renderer renderer_nagios = {
	.name = "nagios",
	.results = true,
	.failures = true,
	.render = render,
	.exit_code = exit_code,
};
