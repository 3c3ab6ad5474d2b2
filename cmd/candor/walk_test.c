/*
 * walk_test.c - what is found is told once, in order, and stays inside.
 *
 * Works in a folder of its own below $TMPDIR, which may be on any mount: the
 * opener to be used is the first argument.  tests/e2e has the rest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/walk.h"

#include "proc/opener/opener.h"
#include "tests/t.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[4096];
static struct opener_options opener_options;

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(base, sizeof(base), "%s/walk_test.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	return mkdtemp(base) != NULL && chdir(base) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	static char command[8192];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	return chdir("/") == 0 ? system(command) : -1;
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_int_not_equal(fd, -1);
	t_eq(write(fd, "x", 1), 1);
	close(fd);
}

static struct walk *
begin(const struct walk_options *options, struct opener **opener)
{
	struct walk_options with = *options;
	struct why why;

	*opener = opener_open(&opener_options, &why);
	assert_non_null(*opener);
	with.opener = *opener;
	return walk_open(&with);
}

/* Walk what there is and write outcomes and paths into out. */
static void
walk_all(const struct walk_options *options, const char *path, char *out,
    size_t size, struct walk_counts *counts)
{
	struct opener *opener;
	struct walk *w = begin(options, &opener);
	struct walk_entry e;

	out[0] = '\0';
	walk_add(w, path);
	for (walk_next(w, &e); e.outcome != WALK_END; walk_next(w, &e)) {
		size_t len = strlen(out);

		snprintf(out + len, size - len, "%d%s ", (int)e.outcome,
		    e.path);
		if (e.fd != -1)
			close(e.fd);
	}
	*counts = *walk_counts(w);
	walk_close(&w);
	assert_null(w);
	opener_close(&opener);
}

static void
test_names_come_in_the_order_of_their_bytes(void **state)
{
	const struct walk_options options = { 0 };
	struct walk_counts counts;
	char out[1024];

	(void)state;
	t_eq(mkdir("order", 0700), 0);
	t_eq(mkdir("order/b", 0700), 0);
	make_file("order/b/z");
	make_file("order/b.c");
	make_file("order/a");
	make_file("order/B");
	make_file("order/\xff");
	walk_all(&options, "order//", out, sizeof(out), &counts);
	assert_string_equal(out,
	    "0order/B 0order/a 0order/b/z 0order/b.c "
	    "0order/\xff ");
	t_eq(counts.folders, 2);
}

static void
test_links_and_specials_are_counted(void **state)
{
	const struct walk_options options = { 0 };
	struct walk_counts counts;
	char out[1024];

	(void)state;
	t_eq(mkdir("links", 0700), 0);
	t_eq(symlink(".", "links/l"), 0);
	t_eq(mkfifo("links/p", 0600), 0);
	walk_all(&options, "links", out, sizeof(out), &counts);
	snprintf(out + strlen(out), 8, "%d", (int)WALK_LINK);
	assert_string_equal(out, "4links/l 4");
	t_eq(counts.links, 1);
	t_eq(counts.specials, 1);
}

static void
test_excluded_folders_are_not_entered(void **state)
{
	const char *glob[] = { "skip", "*/in/f*" };
	const struct walk_options options = { .exclude = { glob, 2, 2 } };
	struct walk_counts counts;
	char out[1024];

	(void)state;
	t_eq(mkdir("left", 0700), 0);
	t_eq(mkdir("left/skip", 0700), 0);
	t_eq(mkdir("left/in", 0700), 0);
	make_file("left/skip/x");
	make_file("left/in/file");
	make_file("left/in/other");
	walk_all(&options, "left", out, sizeof(out), &counts);
	assert_string_equal(out, "0left/in/other ");
	t_eq(counts.excluded, 2);
	t_eq(counts.folders, 2);
}

/* Deeper than folders are kept open: the way back is found. */
static void
test_the_way_back_from_the_deep(void **state)
{
	const struct walk_options options = { 0 };
	struct walk_counts counts;
	static char out[65536];
	char path[1024] = "deep";
	int i;

	(void)state;
	t_eq(mkdir(path, 0700), 0);
	for (i = 0; i < 100; i++) {
		char file[1100];

		snprintf(file, sizeof(file), "%s/z", path);
		make_file(file);
		strcat(path, "/d");
		t_eq(mkdir(path, 0700), 0);
	}
	walk_all(&options, "deep", out, sizeof(out), &counts);
	t_eq(counts.folders, 101);
	assert_non_null(strstr(out, "0deep/z "));
	assert_null(strchr(out, '2'));
}

/* A folder taken away while the walk is below it: told, and no way out. */
static void
test_a_folder_that_is_moved_is_trouble(void **state)
{
	const struct walk_options options = { 0 };
	struct opener *opener;
	struct walk *w = begin(&options, &opener);
	bool is_trouble = false;
	char path[1024] = "moved";
	struct walk_entry e;
	int i;

	(void)state;
	t_eq(mkdir(path, 0700), 0);
	t_eq(mkdir("prison", 0700), 0);
	for (i = 0; i < 100; i++) {
		strcat(path, "/d");
		t_eq(mkdir(path, 0700), 0);
	}
	strcat(path, "/file");
	make_file(path);
	make_file("prison/secret");
	walk_add(w, "moved");
	walk_next(w, &e);
	t_eq(e.outcome, WALK_FILE);
	close(e.fd);
	t_eq(rename("moved/d/d", "prison/d"), 0);
	for (walk_next(w, &e); e.outcome != WALK_END; walk_next(w, &e)) {
		is_trouble |= e.outcome == WALK_TROUBLE;
		assert_null(strstr(e.path, "secret"));
	}
	assert_true(is_trouble);
	walk_close(&w);
	opener_close(&opener);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_come_in_the_order_of_their_bytes),
		cmocka_unit_test(test_links_and_specials_are_counted),
		cmocka_unit_test(test_excluded_folders_are_not_entered),
		cmocka_unit_test(test_the_way_back_from_the_deep),
		cmocka_unit_test(test_a_folder_that_is_moved_is_trouble),
	};

	if (argc != 2)
		return 2;
	/* It is run in another folder. */
	opener_options.program = realpath(argv[1], NULL);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
