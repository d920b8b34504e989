/* What lies under /var/lib/uringprep: the journal's times and reasons, proofs. */
#include "unit.h"

#include "change/proofs.h"
#include "change/state.h"
#include "job/proof.h"
#include "os/root.h"

#include <errno.h>

static struct root *open_tree(const char *dir)
{
	struct root *r;
	struct err e = { "" };

	assert_int_equal(root_open(&r, dir, false, &e), 0);
	return r;
}

static void begin(const struct root *r, unsigned id)
{
	struct strv folders = { NULL, 0 };
	struct plan p;
	struct err e = { "" };

	plan_init(&p, "profile");
	assert_int_equal(plan_sysctl(&p, "vm.swappiness", "60", "10", NULL), 0);
	assert_int_equal(state_begin(r, id, &p, &folders, &e), 0);
	plan_clear(&p);
}

static void times_and_reasons(void **state UNUSED)
{
	char *dir = scratch_new();
	struct root *r = open_tree(dir);
	struct txn_log log;
	struct err e = { "" };

	begin(r, 1);
	assert_int_equal(state_set(r, 1, TXN_APPLIED, TXN_REVERTING, &e), -ESTALE);
	assert_int_equal(state_why(r, 1, "it did not take", &e), 0);
	assert_int_equal(state_set(r, 1, TXN_APPLYING, TXN_ROLLED_BACK, &e), 0);
	begin(r, 2);
	assert_int_equal(state_read(r, &log, &e), 0);
	assert_int_equal(log.n, 2);
	assert_int_equal(log.v[0].state, TXN_ROLLED_BACK);
	assert_int_equal(strlen(log.v[0].changed), strlen("2026-11-24T02:08:28Z"));
	assert_string_equal(log.v[0].why, "it did not take");
	assert_int_equal(log.v[1].state, TXN_APPLYING);
	assert_null(log.v[1].why);
	state_clear(&log);
	root_free(r);
	scratch_free(dir);
}

static void targets_that_are_no_path(void **state UNUSED)
{
	static const char *const bad[] = {
		"\"type\": \"file\", \"target\": \"etc/x\"",
		"\"type\": \"block\", \"target\": \"\"",
		"\"type\": \"grubenv\", \"target\": \"x\"",
		"\"type\": \"sysctl\", \"target\": \"/etc/passwd\"",
		"\"type\": \"sysctl\", \"target\": \"net/../../etc/passwd\"",
		"\"type\": \"sysctl\", \"target\": \"\"",
		"\"type\": \"run\", \"target\": \"/bin/sh\"",
		"\"target\": \"/etc/x\"",
		"\"type\": \"file\", \"target\": \"/etc/x\", \"after\": \"../../x\"",
	};
	char *dir = scratch_new();
	struct root *r = open_tree(dir);
	struct txn_log log;
	struct err e = { "" };
	size_t i;

	begin(r, 1);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *text = str_format(
			"{\"schema\": \"uringprep.transaction/1\", \"kind\": \"x\", "
			"\"created\": \"t\", \"steps\": [{\"before\": \"a\", %s}]}",
			bad[i]);

		assert_non_null(text);
		put_file(dir, "/var/lib/uringprep/txn/0001/plan.json", text);
		free(text);
		assert_int_equal(state_read(r, &log, &e), -EIO);
		assert_non_null(strstr(e.msg, "txn/0001"));
	}
	root_free(r);
	scratch_free(dir);
}

static struct proof proof_of(const char *kernel, const char *tool)
{
	struct proof p = { .kind = strdup("verify"),
			   .result = strdup("no"),
			   .text = strdup("no gain: \"'\n") };

	assert_int_equal(proof_part(&p, "kernel", kernel), 0);
	assert_int_equal(proof_part(&p, "tool", tool), 0);
	return p;
}

static void a_proof_is_kept(void **state UNUSED)
{
	char *dir = scratch_new();
	struct root *r = open_tree(dir);
	struct proof p = proof_of("6.1 #1", NULL);
	struct proofs all;
	struct err e = { "" };

	assert_int_equal(proofs_read(r, &all, &e), 0);
	assert_int_equal(all.n, 0);
	assert_int_equal(proof_keep(r, &p, &e), 0);
	assert_int_equal(proof_keep(r, &p, &e), 0);
	assert_int_equal(proofs_read(r, &all, &e), 0);
	assert_int_equal(all.n, 1);
	assert_null(all.v[0].error);
	assert_string_equal(all.v[0].kind, "verify");
	assert_string_equal(all.v[0].result, "no");
	assert_string_equal(all.v[0].text, p.text);
	assert_string_equal(proof_value(&all.v[0], "kernel"), "6.1 #1");
	assert_null(proof_value(&all.v[0], "tool"));
	assert_int_equal(all.v[0].n, 2);
	proofs_clear(&all);
	proof_clear(&p);
	root_free(r);
	scratch_free(dir);
}

static void expect_state(struct proof was, struct proof now, enum proof_state want,
			 const char *why)
{
	struct strv reasons = { NULL, 0 };
	char *text;

	assert_int_equal(job_proof_state(&was, &now, &reasons), want);
	text = strv_join(&reasons, "; ");
	assert_string_equal(text, why);
	free(text);
	strv_clear(&reasons);
	proof_clear(&was);
	proof_clear(&now);
}

static void when_a_proof_is_stale(void **state UNUSED)
{
	expect_state(proof_of("6.1", "1"), proof_of("6.1", "1"), PROOF_PROVEN, "");
	expect_state(proof_of("6.1", "1"), proof_of("6.2", "1"), PROOF_STALE,
		     "kernel: was 6.1, is 6.2");
	expect_state(proof_of("6.1", "1"), proof_of(NULL, "1"), PROOF_UNKNOWN,
		     "kernel: was 6.1, is not known");
	expect_state(proof_of(NULL, "1"), proof_of(NULL, "2"), PROOF_STALE,
		     "kernel: was not known, is not known; tool: was 1, is 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_and_reasons),
		cmocka_unit_test(targets_that_are_no_path),
		cmocka_unit_test(a_proof_is_kept),
		cmocka_unit_test(when_a_proof_is_stale),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
