/*
 * recall_test.c - files that were found clean lately.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/recall.h"

#include "tests/t.h"

#include <stdio.h>
#include <string.h>

static size_t
count(const struct recall *r, const char *path)
{
	size_t at, found = 0;

	for (at = 0; at < RECALL_MAX; at++)
		found += recall_at(r, at) != NULL &&
		    (path == NULL || strcmp(recall_at(r, at), path) == 0);
	return found;
}

static void
test_each_is_kept_once(void **state)
{
	static struct recall r;

	(void)state;
	t_eq(count(&r, NULL), 0);
	recall_keep(&r, "/usr/bin/true");
	recall_keep(&r, "/usr/bin/true");
	recall_keep(&r, "/usr/bin/false");
	t_eq(count(&r, NULL), 2);
	t_eq(count(&r, "/usr/bin/true"), 1);
	t_eq(count(&r, "/usr/bin/false"), 1);
}

static void
test_what_is_no_path_is_passed_over(void **state)
{
	static struct recall r;
	char path[RECALL_PATH + 1];

	(void)state;
	recall_keep(&r, "");
	recall_keep(&r, "pipe:[1]");
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[RECALL_PATH] = '\0';
	recall_keep(&r, path);
	t_eq(count(&r, NULL), 0);
	path[RECALL_PATH - 1] = '\0';
	recall_keep(&r, path);
	t_eq(count(&r, path), 1);
}

static void
test_newer_ones_take_the_place_of_older_ones(void **state)
{
	static struct recall r;
	char path[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 4 * RECALL_MAX; i++) {
		(void)snprintf(path, sizeof(path), "/file %u", i);
		recall_keep(&r, path);
		if (i % 1000 == 0)
			t_eq(count(&r, path), 1);
	}
	assert_true(count(&r, NULL) > RECALL_MAX / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_kept_once),
		cmocka_unit_test(test_what_is_no_path_is_passed_over),
		cmocka_unit_test(test_newer_ones_take_the_place_of_older_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
