/*
 * opener_test.c - whose rights count, and what an opener that is none is.
 *
 * The opener to be used is the first argument.  Works in a folder of its own
 * below $TMPDIR.  That a mount hangs is for tests/e2e/test_hang.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/opener.h"

#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534u
#define GROUP  54321u
#define OTHER  54322u

static const char *program;
static char base[4096];
static int dir = -1;

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(base, sizeof(base), "%s/opener_test.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(base) == NULL || chmod(base, 0755) != 0)
		return -1;
	dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir == -1 ? -1 : 0;
}

static int
tear_down(void **state)
{
	static char command[8192];

	(void)state;
	close(dir);
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	return system(command);
}

static void
make_file(const char *name, mode_t mode, gid_t group)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_int_not_equal(fd, -1);
	t_eq(write(fd, "x", 1), 1);
	if (geteuid() == 0)
		t_eq(fchown(fd, 0, group), 0);
	t_eq(fchmod(fd, mode), 0);
	close(fd);
}

/* 0, or the errno of what became of opening it. */
static int
look(struct opener *o, const char *name)
{
	struct opener_found found;
	struct why why;

	if (!opener_look_below(o, (struct opener_place){ dir, 0 }, name, &found,
		&why))
		return why.err;
	t_eq(found.kind, SUBJECT_FILE);
	assert_int_not_equal(found.fd, -1);
	close(found.fd);
	return 0;
}

static struct opener *
open_as(uid_t uid, gid_t gid, const gid_t *group, size_t count)
{
	const struct opener_options options = { .program = program,
		.has_user = true,
		.uid = uid,
		.gid = gid,
		.group = group,
		.group_count = count };
	struct why why;
	struct opener *o = opener_open(&options, &why);

	assert_non_null(o);
	return o;
}

static void
test_a_file_is_handed_over(void **state)
{
	const struct opener_options options = { .program = program };
	struct why why;
	struct opener *o = opener_open(&options, &why);

	(void)state;
	assert_non_null(o);
	make_file("plain", 0600, 0);
	t_eq(look(o, "plain"), 0);
	t_eq(look(o, "not-there"), ENOENT);
	opener_close(&o);
	assert_null(o);
}

static void
test_the_rights_of_somebody_else_count(void **state)
{
	static const gid_t groups[] = { OTHER, GROUP };
	struct opener *o;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_file("all", 0644, 0);
	make_file("own", 0600, 0);
	make_file("group", 0640, GROUP);

	o = open_as(NOBODY, NOBODY, NULL, 0);
	t_eq(look(o, "all"), 0);
	t_eq(look(o, "own"), EACCES);
	t_eq(look(o, "group"), EACCES);
	opener_close(&o);

	/* By any of his groups, and by the first one. */
	o = open_as(NOBODY, NOBODY, groups, 2);
	t_eq(look(o, "group"), 0);
	t_eq(look(o, "own"), EACCES);
	opener_close(&o);
	o = open_as(NOBODY, GROUP, NULL, 0);
	t_eq(look(o, "group"), 0);
	opener_close(&o);
	o = open_as(NOBODY, NOBODY, groups, 1);
	t_eq(look(o, "group"), EACCES);
	opener_close(&o);

	/* Root without groups is root. */
	o = open_as(0, 0, NULL, 0);
	t_eq(look(o, "own"), 0);
	opener_close(&o);
}

static void
test_who_is_not_root_opens_what_both_may_read(void **state)
{
	struct opener *o;

	(void)state;
	if (geteuid() == 0)
		skip();
	make_file("mine", 0600, 0);
	o = open_as(NOBODY, NOBODY, NULL, 0);
	t_eq(look(o, "mine"), EACCES);
	opener_close(&o);
	o = open_as(geteuid(), getegid(), NULL, 0);
	t_eq(look(o, "mine"), 0);
	opener_close(&o);
}

static void
test_too_many_groups(void **state)
{
	static const gid_t groups[9000];
	const struct opener_options options = { .program = program,
		.has_user = true,
		.group = groups,
		.group_count = 9000 };
	struct why why;

	(void)state;
	assert_null(opener_open(&options, &why));
}

static void
test_a_program_that_is_no_opener(void **state)
{
	const struct opener_options options = { .program = "/bin/true" };
	struct why why;
	struct opener *o = opener_open(&options, &why);

	(void)state;
	assert_non_null(o);
	make_file("file", 0644, 0);
	t_eq(look(o, "file"), EIO);
	t_eq(look(o, "file"), EIO);
	opener_close(&o);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_file_is_handed_over,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_the_rights_of_somebody_else_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_who_is_not_root_opens_what_both_may_read, set_up,
		    tear_down),
		cmocka_unit_test(test_too_many_groups),
		cmocka_unit_test_setup_teardown(
		    test_a_program_that_is_no_opener, set_up, tear_down),
	};

	if (argc != 2)
		return 2;
	program = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
