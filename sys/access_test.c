/*
 * access_test.c - claims about access.c, for owner, group and others.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/access.h"

#include "tests/t.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOMEBODY 54321u

struct place {
	char path[64];
	int fd; /* with O_PATH */
	uid_t owner;
	gid_t group;
};

static int
set_up(void **state)
{
	static struct place p;
	struct stat s;
	int fd;

	(void)strcpy(p.path, "/var/tmp/candor-XXXXXX");
	fd = mkstemp(p.path);
	if (fd == -1 || fstat(fd, &s) == -1 || close(fd) == -1)
		return -1;
	p.fd = open(p.path, O_PATH | O_CLOEXEC);
	p.owner = s.st_uid;
	p.group = s.st_gid;
	*state = &p;
	return p.fd == -1;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	(void)close(p->fd);
	return unlink(p->path);
}

static bool
may(const struct place *p, mode_t mode, const struct access_user *user)
{
	assert_int_equal(chmod(p->path, mode), 0);
	return access_may(p->fd, ACCESS_READ, user);
}

static void
test_the_owner_by_his_bits_alone(void **state)
{
	const struct place *p = *state;
	const struct access_user owner = { p->owner, p->group, NULL, 0 };

	assert_true(may(p, 0400, &owner));
	assert_false(may(p, 0077, &owner));
}

static void
test_the_group_by_its_bits_alone(void **state)
{
	const struct place *p = *state;
	const gid_t groups[] = { SOMEBODY, p->group };
	const struct access_user one = { SOMEBODY, p->group, NULL, 0 };
	const struct access_user more = { SOMEBODY, SOMEBODY, groups, 2 };

	assert_true(may(p, 0040, &one));
	assert_true(may(p, 0040, &more));
	assert_false(may(p, 0704, &one));
	assert_false(may(p, 0704, &more));
}

static void
test_others(void **state)
{
	const struct place *p = *state;
	const struct access_user other = { SOMEBODY, SOMEBODY, NULL, 0 };

	assert_true(may(p, 0004, &other));
	assert_false(may(p, 0770, &other));
	assert_true(may(p, 0005, &other));
	assert_true(access_may(p->fd, ACCESS_READ | ACCESS_ENTER, &other));
	assert_true(may(p, 0004, &other));
	assert_false(access_may(p->fd, ACCESS_READ | ACCESS_ENTER, &other));
}

/* A list that takes the right to read from one of the others. */
static void
test_a_list_is_not_gone_into(void **state)
{
	static const unsigned char list[] = { 2, 0, 0, 0, /* version */
		1, 0, 7, 0, 255, 255, 255, 255,           /* owner: rwx */
		2, 0, 0, 0, 49, 212, 0, 0,                /* SOMEBODY: none */
		4, 0, 4, 0, 255, 255, 255, 255,           /* group: r */
		16, 0, 7, 0, 255, 255, 255, 255,          /* mask */
		32, 0, 4, 0, 255, 255, 255, 255 };        /* others: r */
	const struct place *p = *state;
	const struct access_user other = { SOMEBODY, SOMEBODY, NULL, 0 };
	const struct access_user owner = { p->owner, p->group, NULL, 0 };

	if (setxattr(p->path, "system.posix_acl_access", list, sizeof(list),
		0) == -1)
		skip();
	assert_false(access_may(p->fd, ACCESS_READ, &other));
	assert_true(access_may(p->fd, ACCESS_READ, &owner));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_the_owner_by_his_bits_alone),
		TEST(test_the_group_by_its_bits_alone),
		TEST(test_others),
		TEST(test_a_list_is_not_gone_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
