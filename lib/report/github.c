/* GitHub Actions' workflow commands: what is wrong becomes an annotation of the run; the
 * rest are plain lines of its log. */
#include "report/internal.h"

#include "base/cleanup.h"

#include <string.h>

/* The runner undoes this in the text of a command; PROPERTY: in its title, too. */
static void add_escaped(struct str *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' ||
		    (property && (*text == ':' || *text == ',')))
			str_addf(out, "%%%02X", (unsigned char)*text);
		else
			str_addc(out, *text);
	}
}

/* A line that is no command. The runner takes "##[" for one, anywhere in a line. */
static void add_plain(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (strncmp(text, "##[", 3) == 0)
			str_add(out, "\\x23");
		else
			str_addc(out, *text);
	}
}

/* The place in the caller's files that a row is about: the runner shows it there. */
static void add_place(struct str *out, const struct result *r)
{
	static const struct {
		const char *key, *property;
	} places[] = { { "file", "file" }, { "line", "line" }, { "column", "col" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		CLEANUP(cleanup_str) struct str value = STR_INIT;

		if (!report_member(r->row, places[i].key))
			return;
		report_result_text(&value, r, places[i].key);
		str_addf(out, "%s=", places[i].property);
		add_escaped(out, str_text(&value), true);
		str_addc(out, ',');
	}
}

/* R: NULL, or the row with its place. */
static void add_command(struct str *out, const char *command, const struct result *r,
			const char *id, const char *text)
{
	str_addf(out, "::%s ", command);
	if (r)
		add_place(out, r);
	str_add(out, "title=uringprep ");
	add_escaped(out, id, true);
	str_add(out, "::");
	add_escaped(out, text, false);
	str_addc(out, '\n');
}

static const char *command_of(const struct result *r)
{
	if (r->counts)
		return "error";
	return r->status == RESULT_WARN	     ? "warning"
	       : r->status == RESULT_UNKNOWN ? "notice"
					     : NULL;
}

static void add_result(struct str *out, const struct result *r)
{
	const char *command = command_of(r);
	struct str id = STR_INIT, text = STR_INIT;

	report_result_text(&id, r, "id");
	if (command) {
		str_addf(&text, "%s: ", report_status_name(r));
		report_result_text(&text, r, "found");
		report_result_details(&text, r, "\n");
		add_command(out, command, r, str_text(&id), str_text(&text));
	} else {
		str_addf(&text, "%s %s: ", report_status_name(r), str_text(&id));
		report_result_text(&text, r, "found");
		add_plain(out, str_text(&text));
		str_addc(out, '\n');
	}
	out->oom |= id.oom || text.oom;
	str_clear(&id);
	str_clear(&text);
}

static int render(const struct report *r, const struct report_look *look, struct str *out,
		  struct err *e)
{
	json_object *error = report_error(r);
	struct str text = STR_INIT;
	struct result one;
	size_t i;

	(void)look;
	(void)e;
	if (error) {
		report_value(&text, report_member(error, "message"), "");
		add_command(out, "error", NULL, "failed", str_text(&text));
		out->oom |= text.oom;
		str_clear(&text);
		return 0;
	}
	for (i = 0; report_result(r, i, &one); i++)
		add_result(out, &one);
	return 0;
}

const struct renderer renderer_github = {
	.name = "github",
	.results = true,
	.failures = true,
	.render = render,
};
