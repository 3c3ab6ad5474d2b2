/*
 * cmocka.h - the few words of cmocka that a unit test needs to run where
 * cmocka is not: cross-compiled, under an emulator.  The first check that
 * fails ends the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_CROSS_CMOCKA_H
#define CANDOR_TESTS_CROSS_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*run)(void **state);
};

#define cmocka_unit_test(f) \
	{                   \
#f, f       \
	}
#define fail_msg(...)                                           \
	do {                                                    \
		fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
		fprintf(stderr, __VA_ARGS__);                   \
		fputc('\n', stderr);                            \
		exit(1);                                        \
	} while (0)
#define assert_true(is)                      \
	do {                                 \
		if (!(is))                   \
			fail_msg("%s", #is); \
	} while (0)
#define assert_false(is)          assert_true(!(is))
#define assert_null(p)            assert_true((p) == NULL)
#define assert_non_null(p)        assert_true((p) != NULL)
#define assert_int_equal(a, b)    assert_true((a) == (b))
#define assert_string_equal(a, b) assert_true(strcmp((a), (b)) == 0)
#define assert_memory_equal(a, b, size) \
	assert_true(memcmp((a), (b), (size)) == 0)

#define cmocka_run_group_tests(tests, setup, teardown)                \
	cross_run((tests), sizeof(tests) / sizeof(*(tests)), (setup), \
	    (teardown))

static inline int
cross_run(const struct CMUnitTest *test, size_t count, int (*setup)(void **),
    int (*teardown)(void **))
{
	void *state = NULL;
	size_t i;

	if (setup != NULL && setup(&state) != 0)
		return 1;
	for (i = 0; i < count; i++)
		test[i].run(&state);
	printf("%zu tests passed\n", count);
	return teardown == NULL ? 0 : teardown(&state);
}

#endif
