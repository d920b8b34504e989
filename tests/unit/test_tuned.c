/* tuned's profiles, read and merged as tuned does it. What its own modules make of the
 * profiles that Debian ships is compared in tests/vm/tuned.t. */
#include "unit.h"

#include "base/cleanup.h"
#include "host/tuned.h"
#include "os/root.h"

#include <errno.h>

/* "section key=value@line:column; ..." */
static const char *read_text(const char *text)
{
	static char out[1024];
	struct tuned_conf c;
	struct err e = { "" };
	size_t i, n = 0;

	if (tuned_conf_parse(&c, "t", text, strlen(text), &e) < 0) {
		snprintf(out, sizeof(out), "%s", e.msg);
		return out;
	}
	out[0] = '\0';
	for (i = 0; i < c.n; i++)
		n += (size_t)snprintf(
			out + n, sizeof(out) - n, "%s%s %s=%s@%u:%u", i ? "; " : "",
			c.v[i].section, c.v[i].key ? c.v[i].key : "",
			c.v[i].value ? c.v[i].value : "", c.v[i].line, c.v[i].column);
	tuned_conf_clear(&c);
	return out;
}

/* Each as Python's configparser reads it with tuned's settings. */
static void words(void **state UNUSED)
{
	static const char *const all[][2] = {
		{ "[a]\nb = c # d\n;e=f\n# g\nh=i;j ;k\n",
		  "a =@1:1; a b=c@2:1; a h=i;j ;k@5:1" },
		{ "[a]\nb=c#d\n  e=f\ng=\"h # i\"\n",
		  "a =@1:1; a b=c#d\ne=f@2:1; a g=\"h@4:1" },
		{ "[a]\nb=1\n\n 2\n# x\n 3\n\n\nc=\n", "a =@1:1; a b=1\n\n2\n3@2:1; "
						       "a c=@9:1" },
		{ "  [a] x\n  b=1\n  c=2\n d=3\n",
		  "a =@1:3; a b=1@2:3; a c=2@3:3; a d=3@4:2" },
		{ "[a]\n[b]]\nk==>v\r\nk=2", "a =@1:1; b] =@2:1; b] k==>v@3:1; b] "
					     "k=2@4:1" },
		{ "", "" },
		{ "a=b\n", "t:1:1: a line before the first [section]" },
		{ "[a]\n word\n", "t:2:2: expected key=value" },
		{ "[a]\n[]\n", "t:2:1: expected key=value" },
		{ "[a]\n=b\n", "t:2:1: a key is missing before '='" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		assert_string_equal(read_text(all[i][0]), all[i][1]);
}

/* What stands of the sysctls: "key=value@line ..."; with '?' what cannot be told, with '!'
 * what stands under a condition. */
static const char *merged(const char *included, const char *text)
{
	static char out[512];
	CLEANUP(cleanup_tuned) struct tuned_profile p = { 0 };
	struct root *none = NULL;
	struct err e = { "" };
	size_t i, n = 0;

	assert_int_equal(root_open_none(&none, &e), 0);
	if (included)
		assert_int_equal(tuned_add_text(&p, none, "i", "/i", included, &e), 0);
	assert_int_equal(tuned_add_text(&p, none, "t", "/t", text, &e), 0);
	assert_int_equal(tuned_merge(&p), 0);
	root_free(none);
	out[0] = '\0';
	for (i = 0; i < p.n; i++) {
		const struct tuned_entry *t = &p.v[i];

		if (!t->o.key || t->of_section || !str_eq(t->type, "sysctl") ||
		    (t->fate != TUNED_STANDS && t->fate != TUNED_IF))
			continue;
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s=%s%s@%u",
				      n ? " " : "", t->o.key,
				      t->fate == TUNED_IF ? "!" : "",
				      t->value ? t->value : "?", t->o.line);
	}
	return out;
}

static void merging(void **state UNUSED)
{
	static const char *const all[][3] = {
		{ NULL, "[sysctl]\na=1\na=2\nb=3\n", "a=2@3 b=3@4" },
		{ "[sysctl]\na=1\nb=1\n", "[sysctl]\nb=2\n", "a=1@2 b=2@2" },
		{ "[sysctl]\na=1\n", "[sysctl]\nreplace=1\nb=2\n", "b=2@3" },
		{ "[sysctl]\na=1\n", "[sysctl]\nreplace=yes\nb=2\n", "a=1@2 b=2@3" },
		{ "[sysctl]\na=1\nb=1\nc=1\n", "[sysctl]\ndrop=a, c\n", "b=1@3" },
		{ NULL, "[sysctl]\ndrop=a\na=1\n", "a=1@3" },
		/* Names of sections mean nothing, types do; of the newest file. */
		{ NULL, "[x]\ntype=sysctl\na=1\n[sysctl]\ntype=vm\nb=1\n", "a=1@3" },
		{ "[x]\ntype=sysctl\na=1\n", "[x]\nb=1\n", "" },
		{ NULL, "[sysctl]\nenabled=0\na=1\n", "" },
		{ "[sysctl]\nenabled=0\na=1\n", "[sysctl]\nb=1\n", "a=1@3 b=1@2" },
		/* A condition stays until a replace=. */
		{ "[sysctl]\nuname_regex=x\na=1\n", "[sysctl]\nb=1\n", "a=!1@3 b=!1@2" },
		{ "[sysctl]\nuname_regex=x\na=1\n", "[sysctl]\nreplace=true\nb=1\n",
		  "b=1@3" },
		/* Two sections: the later, but for priorities; two spellings. */
		{ NULL, "[x]\ntype=sysctl\na.b=1\n[sysctl]\na/b=2\n", "a/b=2@5" },
		{ NULL, "[x]\ntype=sysctl\npriority=1\na.b=1\n[sysctl]\na.b=2\n",
		  "a.b=1@4" },
		/* Values. */
		{ NULL, "[variables]\nv=7\n[sysctl]\na=\"${v}\"\nb=>${v}0\n",
		  "a=7@4 b=>70@5" },
		{ "[variables]\nv=7\n", "[variables]\nv=8\n[sysctl]\na=${v}\n", "a=8@4" },
		{ NULL, "[variables]\nv=${w}\nw=1\n[sysctl]\na=${v}\nb=${x}\nc=$1\n",
		  "a=?@5 b=?@6 c=$1@7" },
		{ NULL, "[variables]\nv=1\ninclude=/f\n[sysctl]\na=${v}\nb=\\${v}\n",
		  "a=?@5 b=?@6" },
		{ NULL, "[sysctl]\na=${f:exec:id}\nb=${\n", "a=?@2 b=?@3" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		assert_string_equal(merged(all[i][0], all[i][1]), all[i][2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(merging),
	};

	return cmocka_run_group_tests_name("tuned", tests, NULL, NULL);
}
