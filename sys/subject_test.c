/*
 * subject_test.c - claims about subject.c and map.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/subject.h"

#include "sys/map.h"
#include "tests/t.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static int dir;

static int
make_folder(void **state)
{
	(void)state;
	(void)strcpy(folder, "/tmp/candor-subject.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir == -1 ? -1 : 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = { "file", "link", "fifo", "loop",
		"odd\nname\xff" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)unlinkat(dir, "sub", AT_REMOVEDIR);
	(void)close(dir);
	return rmdir(folder);
}

static void
make_file(const char *name, const char *text)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	t_eq(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static const char *
path_of(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
test_a_file_is_opened_and_measured(void **state)
{
	struct subject s;
	struct why why;
	char room[8];

	(void)state;
	make_file("odd\nname\xff", "12345");
	assert_true(subject_open_below(dir, "odd\nname\xff", &s, &why));
	t_eq(s.kind, SUBJECT_FILE);
	t_eq(s.stamp.size, 5);
	t_eq(read(s.fd, room, sizeof(room)), 5);
	subject_close(&s);
	t_eq(s.fd, -1);
	subject_close(&s);
	assert_true(subject_open_named(path_of("odd\nname\xff"), &s, &why));
	t_eq(s.stamp.size, 5);
	subject_close(&s);
}

static void
test_links_are_followed_for_people_only(void **state)
{
	struct subject s;
	struct why why;

	(void)state;
	make_file("file", "x");
	t_eq(symlinkat("file", dir, "link"), 0);
	assert_true(subject_open_below(dir, "link", &s, &why));
	t_eq(s.kind, SUBJECT_LINK);
	t_eq(s.fd, -1);
	assert_true(subject_open_named(path_of("link"), &s, &why));
	t_eq(s.kind, SUBJECT_FILE);
	subject_close(&s);
	t_eq(symlinkat("loop", dir, "loop"), 0);
	assert_false(subject_open_named(path_of("loop"), &s, &why));
	t_eq(why.kind, WHY_SYSTEM);
	t_eq(why.err, ELOOP);
	t_eq(s.fd, -1);
}

static void
test_what_is_no_file_is_not_opened(void **state)
{
	struct subject s;
	struct why why;

	(void)state;
	t_eq(mkfifoat(dir, "fifo", 0600), 0);
	t_eq(mkdirat(dir, "sub", 0700), 0);
	assert_true(subject_open_below(dir, "fifo", &s, &why));
	t_eq(s.kind, SUBJECT_OTHER);
	t_eq(s.fd, -1);
	assert_true(subject_open_below(dir, "sub", &s, &why));
	t_eq(s.kind, SUBJECT_FOLDER);
	t_eq(s.fd, -1);
	assert_true(subject_open_named("/dev/null", &s, &why));
	t_eq(s.kind, SUBJECT_OTHER);
	assert_false(subject_open_below(dir, "nothing", &s, &why));
	t_eq(why.err, ENOENT);
	assert_false(subject_open_below(dir, "sub/x", &s, &why));
	assert_false(subject_open_below(dir, "..", &s, &why));
	t_eq(why.kind, WHY_BUG);
}

static void
test_a_stamp_changes_with_the_file(void **state)
{
	struct subject_stamp before, after;
	struct timespec times[2] = { { 1, 1 }, { 1, 1 } };
	struct why why;
	int fd;

	(void)state;
	make_file("file", "12345");
	fd = openat(dir, "file", O_RDWR);
	assert_true(subject_stamp(fd, &before, &why));
	assert_true(subject_stamp(fd, &after, &why));
	assert_true(subject_is_same(&before, &after));
	t_eq(ftruncate(fd, 4), 0);
	assert_true(subject_stamp(fd, &after, &why));
	assert_false(subject_is_same(&before, &after));
	before = after;
	t_eq(futimens(fd, times), 0);
	assert_true(subject_stamp(fd, &after, &why));
	assert_false(subject_is_same(&before, &after));
	(void)close(fd);
	assert_false(subject_stamp(-1, &after, &why));
}

static void
test_maps_and_blocks(void **state)
{
	struct block b;
	struct map m;
	struct why why;
	int fd;

	(void)state;
	make_file("file", "12345");
	fd = openat(dir, "file", O_RDONLY);
	assert_true(map_open(fd, &m, &why));
	t_eq(m.size, 5);
	assert_memory_equal(m.at, "12345", 5);
	map_close(&m);
	map_close(&m);
	(void)close(fd);
	assert_false(map_open(dir, &m, &why));
	assert_false(map_open(-1, &m, &why));
	make_file("file", "");
	fd = openat(dir, "file", O_RDONLY);
	assert_false(map_open(fd, &m, &why));
	(void)close(fd);

	assert_true(block_open(100000, &b, &why));
	assert_true(b.size >= 100000);
	memset(b.at, 1, b.size);
	block_forget(&b, 4096);
	t_eq(b.at[4095], 1);
	t_eq(b.at[4096], 0);
	block_close(&b);
	block_close(&b);
	assert_true(block_open_large(BLOCK_LARGE + 1, &b, &why));
	t_eq((uintptr_t)b.at % BLOCK_LARGE, 0);
	assert_true(b.size > BLOCK_LARGE);
	memset(b.at, 1, b.size);
	block_forget(&b, 0);
	t_eq(b.at[0] + b.at[b.size - 1], 0);
	block_close(&b);
	assert_false(block_open_large(0, &b, &why));
	assert_false(block_open_large(SIZE_MAX, &b, &why));
	assert_false(block_open(0, &b, &why));
	assert_false(block_open(SIZE_MAX, &b, &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_opened_and_measured),
		cmocka_unit_test(test_links_are_followed_for_people_only),
		cmocka_unit_test(test_what_is_no_file_is_not_opened),
		cmocka_unit_test(test_a_stamp_changes_with_the_file),
		cmocka_unit_test(test_maps_and_blocks),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
