/* JUnit's XML, as Jenkins, GitLab and others read it: a test case a finding.
 *
 * Only what makes the exit code other than 0 is a failure, or an error where it could not
 * be found out. A warning, and an unknown that does not count, are "skipped", the one
 * other outcome that these readers show; the message begins with the true status. */
#include "report/internal.h"

#include <stddef.h>

/* What XML 1.0 cannot hold even as a reference: control characters are \xNN already
 * (report_safe), so U+FFFE and U+FFFF are left. */
static void add_xml(struct str *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p; p++) {
		switch (*p) {
		case '&':
			str_add(out, "&amp;");
			break;
		case '<':
			str_add(out, "&lt;");
			break;
		case '>':
			str_add(out, "&gt;");
			break;
		case '"':
			str_add(out, "&quot;");
			break;
		case 0xef:
			if (p[1] == 0xbf && p[2] >= 0xbe) {
				str_addf(out, "\\xef\\xbf\\x%02x", p[2]);
				p += 2;
				break;
			}
			/* fall through */
		default:
			str_addc(out, (char)*p);
		}
	}
}

static void add_text(struct str *out, const struct result *r, const char *key)
{
	struct str s = STR_INIT;

	report_result_text(&s, r, key);
	add_xml(out, str_text(&s));
	out->oom |= s.oom;
	str_clear(&s);
}

/* The element that says how a test case ended; NULL: it passed. */
static const char *outcome(const struct result *r)
{
	if (r->counts)
		return r->status == RESULT_UNKNOWN ? "error" : "failure";
	return r->status == RESULT_PASS ? NULL : "skipped";
}

static void add_result(struct str *out, const struct result *r)
{
	const char *what = outcome(r), *status = report_status_name(r);
	struct str s = STR_INIT;

	str_add(out, "  <testcase classname=\"uringprep\" name=\"");
	add_text(out, r, "id");
	if (!what) {
		str_add(out, "\">\n    <system-out>");
		add_text(out, r, "found");
		str_add(out, "</system-out>\n  </testcase>\n");
		return;
	}
	str_addf(out, "\">\n    <%s message=\"%s: ", what, status);
	add_text(out, r, "found");
	/* "skipped" has no type in the schemas there are. */
	if (r->counts)
		str_addf(out, "\" type=\"%s", status);
	report_result_details(&s, r, "\n");
	if (s.len) {
		str_add(out, "\">");
		add_xml(out, s.s);
		str_addf(out, "\n    </%s>\n  </testcase>\n", what);
	} else {
		str_add(out, "\"/>\n  </testcase>\n");
	}
	out->oom |= s.oom;
	str_clear(&s);
}

static void add_failure(struct str *out, json_object *error)
{
	struct str s = STR_INIT;

	report_value(&s, report_member(error, "message"), "");
	str_add(out, "<testsuite name=\"uringprep\" tests=\"1\" failures=\"0\" "
		     "errors=\"1\" skipped=\"0\">\n"
		     "  <testcase classname=\"uringprep\" name=\"run\">\n"
		     "    <error type=\"failed\" message=\"");
	add_xml(out, str_text(&s));
	str_add(out, "\"/>\n  </testcase>\n</testsuite>\n");
	out->oom |= s.oom;
	str_clear(&s);
}

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	size_t tests, failures = 0, errors = 0, skipped = 0;
	json_object *error = report_error(r);
	struct result one;

	(void)look;
	(void)e;
	str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (error) {
		add_failure(out, error);
		return 0;
	}
	for (tests = 0; report_result(r, tests, &one); tests++) {
		failures += one.counts && one.status != RESULT_UNKNOWN;
		errors += one.counts && one.status == RESULT_UNKNOWN;
		skipped += !one.counts && one.status != RESULT_PASS;
	}
	str_addf(out,
		 "<testsuite name=\"uringprep\" tests=\"%zu\" failures=\"%zu\" "
		 "errors=\"%zu\" skipped=\"%zu\">\n",
		 tests, failures, errors, skipped);
	for (tests = 0; report_result(r, tests, &one); tests++)
		add_result(out, &one);
	str_add(out, "</testsuite>\n");
	return 0;
}

const struct renderer renderer_junit = {
	.name = "junit",
	.results = true,
	.failures = true,
	.render = render,
};
