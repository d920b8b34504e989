/* revert --print: random plans over random files are applied; then sh runs the printed
 * lines, and every byte, mode and owner is as it was.
 *
 *   PRINT_SEED=N repeats a run */
#include "unit.h"

#include "base/cleanup.h"
#include "change/print.h"
#include "change/step.h"
#include "change/txn.h"
#include "change/undo.h"
#include "os/root.h"
#include "parse/grubenv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 60

static const char *const names[] = {
	"/etc/plain.conf",     "/etc/two words",  "/etc/it's", "/etc/new\nline\n",
	"/etc/\"$HOME\" `id`", "/etc/b\\a\\n%s%", "/etc/-rf",  "/etc/gr\xc3\xbc\xc3\x9f",
	"/etc/tab\there",      "/etc/deep/er/f",
};
static const char *const pieces[] = {
	"vm.swappiness = 10\n",
	"END\n",
	"END1\n",
	"\n",
	"it's $HOME `id` \\ !x\n",
	"\ttab\n",
	"no end",
	"\r\n",
	"trailing \n",
	"# uringprep x\n",
	"gr\xc3\xbc\xc3\x9f\n",
	"EOF\n\n",
	"'\n",
	"\001\033[2J\n",
};

static unsigned long long rng;

static unsigned roll(unsigned below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (unsigned)(rng % below);
}

static void add_long(struct str *s)
{
	unsigned n = 900 + roll(300);

	while (n--)
		str_addc(s, 'x');
	str_addc(s, '\n');
}

static void contents(struct str *s, bool nul)
{
	unsigned n = roll(6);

	while (n--)
		str_add(s, pieces[roll(sizeof(pieces) / sizeof(*pieces))]);
	if (roll(8) == 0)
		add_long(s);
	if (nul && roll(6) == 0)
		str_addn(s, "a\0b\0", 4);
}

/* FOREIGN: maybe of another owner. */
static void write_file(const char *dir, const char *path, const struct str *s,
		       mode_t mode, bool foreign)
{
	int fd = open(in(dir, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, str_text(s), s->len), (ssize_t)s->len);
	assert_int_equal(fchmod(fd, mode), 0);
	if (foreign && geteuid() == 0 && roll(3) == 0)
		assert_int_equal(fchown(fd, 12, 34), 0);
	close(fd);
}

/* Everything but our own folder: kind, mode, owner, name, contents. */
static char *snapshot(const char *dir)
{
	CLEANUP(cleanup_str) struct str command = STR_INIT;
	struct str out = STR_INIT;
	char buf[4096];
	size_t n;
	FILE *p;

	str_add(&command, "cd ");
	str_add_word(&command, dir);
	str_add(&command, " && export LC_ALL=C && { find . -path ./var -prune -o -printf "
			  "'%y %m %U:%G %p\\0' | sort -z; find . -path ./var -prune -o "
			  "-type f -print0 | sort -z | xargs -0 -r sha256sum; }");
	p = popen(command.s, "r");
	assert_non_null(p);
	while ((n = fread(buf, 1, sizeof(buf), p)) > 0)
		str_addn(&out, buf, n);
	assert_int_equal(pclose(p), 0);
	for (n = 0; n < out.len; n++)
		if (!out.s[n])
			out.s[n] = '\n';
	return str_take(&out);
}

static void plan_some_file(struct plan *p, const char *dir, const char *path)
{
	struct blob before = { NULL, 0 }, after = { NULL, 0 };
	struct str b = STR_INIT, a = STR_INIT;
	bool removed = roll(4) == 0;
	mode_t mode = roll(2) ? 0644 : 0600 | roll(0100);

	contents(&b, true);
	contents(&a, true);
	str_add(&a, "# ours\n");
	/* One that is removed is made anew: its owner is then root. */
	if (removed || roll(3)) {
		write_file(dir, path, &b, mode, !removed);
		before = (struct blob){ (char *)str_text(&b), b.len };
	}
	if (!removed)
		after = (struct blob){ a.s, a.len };
	assert_int_equal(plan_file(p, path, &before, &after, 0644, NULL), 0);
	str_clear(&a);
	str_clear(&b);
}

static void plan_some_block(struct plan *p, const char *dir, const char *path)
{
	struct str text = STR_INIT;

	/* Marks of ours are refused elsewhere; here they would only stop the test. */
	if (roll(4)) {
		contents(&text, false);
		write_file(dir, path, &text, 0640, true);
	}
	assert_int_equal(
		plan_block(p, path, NULL, "set default=\"it's & \\\\ / x\"\n\ty\n", NULL),
		0);
	str_clear(&text);
}

static void make_env(const char *dir)
{
	char block[GRUBENV_SIZE];
	struct str s = STR_INIT;
	struct err e;

	memset(block, '#', sizeof(block));
	memcpy(block, "# GRUB Environment Block\n", 25);
	assert_int_equal(grubenv_set(block, "saved_entry", "old 'one' \\ two", &e), 0);
	assert_int_equal(grubenv_set(block, "kernelopts", "root=/dev/sda1 ro", &e), 0);
	str_addn(&s, block, sizeof(block));
	write_file(dir, "/boot/grub/grubenv", &s, 0600, true);
	str_clear(&s);
}

/* The lines, run by sh with nothing of our environment but PATH. */
static void run(const char *dir, const struct strv *lines, unsigned round)
{
	CLEANUP(cleanup_str) struct str script = STR_INIT;
	size_t i;
	pid_t pid;
	int status, fd;

	for (i = 0; i < lines->n; i++) {
		const char *p;

		for (p = lines->v[i]; *p; p++)
			assert_true(*p >= ' ' && *p <= '~');
		str_addf(&script, "%s\n", lines->v[i]);
	}
	fd = open(in(dir, "/../undo.sh"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, script.s, script.len), (ssize_t)script.len);
	close(fd);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-e", in(dir, "/../undo.sh"), (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		print_message("round %u: the lines were:\n%s", round, script.s);
	assert_int_equal(status, 0);
}

static void apply(const struct root *r, const struct plan *p, unsigned id)
{
	struct txn_result res;
	struct err e = { "" };
	enum txn_outcome how = txn_apply(r, p, id, &res, &e);

	if (how != TXN_DONE)
		print_message("%s\n", e.msg);
	assert_int_equal(how, TXN_DONE);
	txn_result_clear(&res);
}

/* After the lines, the tool's own revert finds all back and closes what is open. */
static void close_all(const struct root *r, unsigned last)
{
	unsigned id;

	for (id = last; id > 0; id--) {
		struct txn_log log;
		struct txn_result res;
		const struct txn_record *t;
		struct err e = { "" };

		assert_int_equal(state_read(r, &log, &e), 0);
		assert_int_equal(txn_choose(&log, id, &t, &e), 0);
		assert_int_equal(
			txn_revert(r, t, last > 1 ? TXN_KEEP : TXN_LEAVE, &res, &e),
			TXN_DONE);
		/* The first one finds all as it was before it. */
		assert_true(id > 1 || !res.lines.n);
		txn_result_clear(&res);
		state_clear(&log);
	}
}

static void make_tree(const char *dir)
{
	static const char *const folders[] = { "",	    "/etc",
					       "/etc/deep", "/etc/deep/er",
					       "/boot",	    "/boot/grub" };
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		assert_int_equal(mkdir(in(dir, folders[i]), 0755), 0);
	make_env(dir);
}

/* A second transaction over the first: each file once more, the block changed. */
static void apply_again(const struct root *r, const struct plan *first)
{
	struct plan p;
	size_t i;

	plan_init(&p, "test");
	for (i = 0; i < first->n; i++) {
		const struct step *s = &first->v[i];

		if (s->type == STEP_FILE)
			assert_int_equal(
				plan_file(&p, s->target, &s->after,
					  &(struct blob){ (char *)"second\n", 7 }, 0600,
					  NULL),
				0);
		else if (s->type == STEP_BLOCK)
			assert_int_equal(plan_block(&p, s->target, s->after.data,
						    "second\n", NULL),
					 0);
	}
	assert_int_equal(
		plan_grubenv(&p, "/boot/grub/grubenv", "saved_entry", "new", "third"), 0);
	apply(r, &p, 2);
	plan_clear(&p);
}

static void one_round(const char *dir, unsigned round)
{
	bool twice = roll(2);
	struct strv lines = { NULL, 0 };
	struct root *r;
	struct plan p;
	struct txn_log log;
	struct undo u;
	struct err e = { "" };
	char *before, *after;
	size_t i;

	make_tree(dir);
	assert_int_equal(root_open(&r, dir, false, &e), 0);
	plan_init(&p, "test");
	assert_int_equal(plan_set_title(&p, "a 'title'\nwith\033 %%s"), 0);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (roll(2))
			plan_some_file(&p, dir, names[i]);
	plan_some_block(&p, dir, "/boot/grub/custom.cfg");
	assert_int_equal(plan_grubenv(&p, "/boot/grub/grubenv", "saved_entry",
				      "old 'one' \\ two", "new"),
			 0);
	assert_int_equal(plan_grubenv(&p, "/boot/grub/grubenv", "kernelopts",
				      "root=/dev/sda1 ro", NULL),
			 0);
	before = snapshot(dir);
	apply(r, &p, 1);
	if (twice)
		apply_again(r, &p);
	after = snapshot(dir);
	assert_string_not_equal(before, after);
	free(after);
	assert_int_equal(state_read(r, &log, &e), 0);
	assert_int_equal(undo_foresee(r, &log, NULL, TXN_LEAVE, &u), 0);
	for (i = 0; i < u.n; i++)
		assert_int_equal(u.v[i].what, UNDO_BACK);
	assert_int_equal(print_undo(r, &u, &lines, &e), 0);
	undo_clear(&u);
	state_clear(&log);
	run(dir, &lines, round);
	after = snapshot(dir);
	assert_string_equal(before, after);
	free(after);
	close_all(r, twice ? 2 : 1);
	after = snapshot(dir);
	assert_string_equal(before, after);
	free(after);
	free(before);
	strv_clear(&lines);
	plan_clear(&p);
	root_free(r);
}

static void the_lines_bring_every_byte_back(void **state UNUSED)
{
	const char *seed = getenv("PRINT_SEED");
	unsigned long long start =
		seed ? strtoull(seed, NULL, 10) : (unsigned long long)time(NULL);
	char *top = scratch_new();
	unsigned round;

	rng = start * 2654435761u + 88172645463325252ull;
	print_message("# PRINT_SEED=%llu\n", start);
	for (round = 0; round < ROUNDS; round++) {
		char *dir = str_format("%s/%u a'b\"c\n$d", top, round);

		assert_non_null(dir);
		one_round(dir, round);
		free(dir);
	}
	scratch_free(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_bring_every_byte_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
