/* A tree is a world of its own: no link in it leads out, nothing in it makes us hang, and
 * what is written there goes through links, keeps modes and leaves no temporary. */
#include "unit.h"

#include "os/root.h"

#include <errno.h>

struct world {
	char *dir; /* holds outside, and tree */
	char *tree;
	struct root *root;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e;

	assert_non_null(w);
	w->dir = scratch_new();
	put_file(w->dir, "/outside", "outside\n");
	w->tree = strdup(in(w->dir, "/tree"));
	assert_non_null(w->tree);
	assert_int_equal(mkdir(w->tree, 0755), 0);
	assert_int_equal(mkdir(in(w->tree, "/etc"), 0755), 0);
	put_file(w->tree, "/etc/real", "inside\n");
	assert_int_equal(root_open(&w->root, w->tree, false, &e), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	root_free(w->root);
	scratch_free(w->dir);
	free(w->tree);
	free(w);
	return 0;
}

static void reads(const struct world *w, const char *path, const char *want)
{
	char *text = NULL;
	size_t len;

	assert_int_equal(root_read(w->root, path, 4096, &text, &len), 0);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
}

static void refuses(const struct world *w, const char *path, int error)
{
	char *text = NULL;

	assert_int_equal(root_read(w->root, path, 4096, &text, NULL), error);
	assert_null(text);
}

static void links(const struct world *w, const char *target, const char *path)
{
	assert_int_equal(symlink(target, in(w->tree, path)), 0);
}

static void an_absolute_link_stays_inside(void **state)
{
	struct world *w = *state;

	links(w, "/etc/real", "/link");
	reads(w, "/link", "inside\n");
	links(w, w->dir, "/up");
	refuses(w, "/up/outside", -ENOENT);
	links(w, in(w->dir, "/outside"), "/out");
	refuses(w, "/out", -ENOENT);
}

static void dots_stay_inside(void **state)
{
	struct world *w = *state;

	refuses(w, "/../outside", -ENOENT);
	reads(w, "/../../../etc/real", "inside\n");
	links(w, "../../../outside", "/etc/out");
	refuses(w, "/etc/out", -ENOENT);
	links(w, "../../../etc/real", "/etc/in");
	reads(w, "/etc/in", "inside\n");
	links(w, "..", "/etc/up");
	reads(w, "/etc/up/etc/../etc/./up/etc//real", "inside\n");
}

static void links_in_the_middle_are_followed_inside(void **state)
{
	struct world *w = *state;

	links(w, "/etc", "/conf");
	links(w, "conf", "/conf2");
	reads(w, "/conf2/real", "inside\n");
}

static void loops_and_dangling_links_end(void **state)
{
	struct world *w = *state;
	struct stat st;
	char *path = NULL;

	links(w, "b", "/a");
	links(w, "a", "/b");
	refuses(w, "/a", -ELOOP);
	refuses(w, "/a/x", -ELOOP);
	links(w, "self/x", "/self");
	refuses(w, "/self", -ELOOP);
	links(w, "/etc/nowhere", "/dangling");
	refuses(w, "/dangling", -ENOENT);
	assert_int_equal(root_stat(w->root, "/dangling", &st), -ENOENT);
	assert_int_equal(root_lstat(w->root, "/dangling", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	/* Where it would be made. */
	assert_int_equal(root_resolve(w->root, "/dangling", &path), 0);
	assert_string_equal(path, "/etc/nowhere");
	free(path);
}

static void only_regular_files_are_read(void **state)
{
	struct world *w = *state;

	refuses(w, "/etc", -EISDIR);
	/* A reader that waits for a writer would hang here. */
	assert_int_equal(mkfifo(in(w->tree, "/fifo"), 0600), 0);
	refuses(w, "/fifo", -EINVAL);
	refuses(w, "/etc/real/x", -ENOTDIR);
}

static void longer_than_allowed_is_refused(void **state)
{
	struct world *w = *state;
	char *text = NULL;
	size_t len;

	assert_int_equal(root_read(w->root, "/etc/real", 6, &text, &len), -EFBIG);
	assert_int_equal(root_read(w->root, "/etc/real", 7, &text, &len), 0);
	free(text);
}

static void a_list_is_sorted(void **state)
{
	struct world *w = *state;
	struct strv names = { NULL, 0 };

	put_file(w->tree, "/etc/b", "");
	put_file(w->tree, "/etc/B", "");
	put_file(w->tree, "/etc/.h", "");
	assert_int_equal(root_list(w->root, "/etc", &names), 0);
	assert_int_equal(names.n, 4);
	assert_string_equal(names.v[0], ".h");
	assert_string_equal(names.v[1], "B");
	assert_string_equal(names.v[2], "b");
	assert_string_equal(names.v[3], "real");
	strv_clear(&names);
	assert_int_equal(root_list(w->root, "/nowhere", &names), -ENOENT);
	assert_int_equal(root_list(w->root, "/etc/real", &names), -ENOTDIR);
	strv_clear(&names);
}

static void the_beginning_alone_is_read(void **state)
{
	struct world *w = *state;
	char head[4];

	assert_int_equal(root_read_head(w->root, "/etc/real", head, 4), 4);
	assert_memory_equal(head, "insi", 4);
	put_file(w->tree, "/etc/short", "ab");
	assert_int_equal(root_read_head(w->root, "/etc/short", head, 4), 2);
	put_file(w->tree, "/etc/empty", "");
	assert_int_equal(root_read_head(w->root, "/etc/empty", head, 4), 0);
	assert_int_equal(root_read_head(w->root, "/etc", head, 4), -EISDIR);
	links(w, in(w->dir, "/outside"), "/out");
	assert_int_equal(root_read_head(w->root, "/out", head, 4), -ENOENT);
}

/* Wherever it stands, also across two reads. */
static void a_text_is_found_in_a_large_file(void **state)
{
	struct world *w = *state;
	size_t at;
	char out[8];

	for (at = 0; at<70000; at += at> 32750 && at < 32790 ? 1 : 1091) {
		char *text = malloc(at + 16);

		assert_non_null(text);
		memset(text, 'n', at);
		strcpy(text + at, "needle=1234567");
		put_file(w->tree, "/etc/large", text);
		free(text);
		assert_int_equal(root_search(w->root, "/etc/large", "needle", out, 8), 7);
		assert_string_equal(out, "needle=");
		assert_int_equal(root_search(w->root, "/etc/large", "567", out, 8), 3);
		assert_string_equal(out, "567");
		assert_int_equal(root_search(w->root, "/etc/large", "568", out, 8),
				 -ENODATA);
	}
	assert_int_equal(root_search(w->root, "/nowhere", "x", out, 8), -ENOENT);
	assert_int_equal(root_search(w->root, "/etc", "x", out, 8), -EISDIR);
}

static void free_space_is_the_file_systems(void **state)
{
	struct world *w = *state;
	uint64_t bytes = 0;

	assert_int_equal(root_free_space(w->root, "/etc", &bytes), 0);
	assert_true(bytes > 0);
	assert_int_equal(root_free_space(w->root, "/etc/real", &bytes), -ENOTDIR);
	assert_int_equal(root_free_space(w->root, "/nowhere", &bytes), -ENOENT);
}

static size_t entries(const struct world *w, const char *dir)
{
	struct strv names = { NULL, 0 };
	size_t n;

	assert_int_equal(root_list(w->root, dir, &names), 0);
	n = names.n;
	strv_clear(&names);
	return n;
}

static void replace_keeps_the_mode_and_writes_through_links(void **state)
{
	struct world *w = *state;
	struct stat st;
	struct err e;

	assert_int_equal(chmod(in(w->tree, "/etc/real"), 0640), 0);
	links(w, "/etc/real", "/link");
	assert_int_equal(root_replace(w->root, "/link", "new\n", 4, 0600, &e), 0);
	reads(w, "/etc/real", "new\n");
	assert_int_equal(root_stat(w->root, "/etc/real", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(root_lstat(w->root, "/link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(entries(w, "/etc"), 1);
}

static void a_new_file_gets_its_mode_and_folders(void **state)
{
	struct world *w = *state;
	mode_t old = umask(0077);
	struct stat st;
	struct err e;

	assert_int_equal(root_replace(w->root, "/a/b/new", "x", 1, 0644, &e), 0);
	umask(old);
	reads(w, "/a/b/new", "x");
	assert_int_equal(root_stat(w->root, "/a/b/new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(entries(w, "/a/b"), 1);
}

static void writing_never_leaves_the_tree(void **state)
{
	struct world *w = *state;
	struct err e;
	FILE *f;
	char line[32];

	links(w, in(w->dir, "/outside"), "/out");
	/* It lands inside, at the path the link names, if anywhere. */
	root_replace(w->root, "/out", "evil\n", 5, 0644, &e);
	f = fopen(in(w->dir, "/outside"), "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_string_equal(line, "outside\n");
}

static void patch_is_refused_unless_all_is_as_expected(void **state)
{
	struct world *w = *state;
	struct err e;
	struct stat before, after;
	char second[4096];

	assert_int_equal(stat(in(w->tree, "/etc/real"), &before), 0);
	assert_int_equal(root_patch(w->root, "/etc/real", "inside\n", "INSIDE\n", 7, &e),
			 0);
	reads(w, "/etc/real", "INSIDE\n");
	assert_int_equal(stat(in(w->tree, "/etc/real"), &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(root_patch(w->root, "/etc/real", "inside\n", "xxxxxxx", 7, &e),
			 -ESTALE);
	assert_int_equal(root_patch(w->root, "/etc/real", "INSIDE", "xxxxxx", 6, &e),
			 -ESTALE);
	assert_non_null(strstr(e.msg, "/etc/real"));
	snprintf(second, sizeof(second), "%s/two", w->tree);
	assert_int_equal(link(in(w->tree, "/etc/real"), second), 0);
	assert_int_equal(root_patch(w->root, "/etc/real", "INSIDE\n", "xxxxxxx", 7, &e),
			 -EINVAL);
	reads(w, "/etc/real", "INSIDE\n");
}

static void remove_forgives_what_is_not_there(void **state)
{
	struct world *w = *state;
	struct err e;

	assert_int_equal(root_remove(w->root, "/etc/real", &e), 0);
	refuses(w, "/etc/real", -ENOENT);
	assert_int_equal(root_remove(w->root, "/etc/real", &e), 0);
	assert_int_equal(root_remove(w->root, "/nowhere/x", &e), 0);
}

static void a_tree_is_not_live(void **state)
{
	struct world *w = *state;
	struct root *r = NULL;
	struct err e = { "" };

	assert_false(root_is_live(w->root));
	assert_non_null(root_not_live_reason(w->root));
	assert_string_equal(root_prefix(w->root), w->tree);
	assert_int_equal(root_write_value(w->root, "/proc/sys/vm/swappiness", "1", &e),
			 -EINVAL);
	assert_int_equal(root_open(&r, "/", true, &e), 0);
	assert_false(root_is_live(r));
	root_free(r);
	assert_int_equal(root_open(&r, in(w->tree, "/etc/real"), false, &e), -ENOTDIR);
	assert_non_null(strstr(e.msg, "/etc/real"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_absolute_link_stays_inside),
		TEST(dots_stay_inside),
		TEST(links_in_the_middle_are_followed_inside),
		TEST(loops_and_dangling_links_end),
		TEST(only_regular_files_are_read),
		TEST(longer_than_allowed_is_refused),
		TEST(a_list_is_sorted),
		TEST(the_beginning_alone_is_read),
		TEST(a_text_is_found_in_a_large_file),
		TEST(free_space_is_the_file_systems),
		TEST(replace_keeps_the_mode_and_writes_through_links),
		TEST(a_new_file_gets_its_mode_and_folders),
		TEST(writing_never_leaves_the_tree),
		TEST(patch_is_refused_unless_all_is_as_expected),
		TEST(remove_forgives_what_is_not_there),
		TEST(a_tree_is_not_live),
	};

	return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}
