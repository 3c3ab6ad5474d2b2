/*
 * delta_test.c - deltas that make a file, and those that must not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/delta.h"
#include "tests/t.h"

#include <string.h>

#define OLD "the older file"

struct made {
	char bytes[64];
	size_t size;
};

static bool
hear(void *ctx, const void *bytes, size_t size, struct why *why)
{
	struct made *m = ctx;

	(void)why;
	assert_true(size > 0 && size <= sizeof(m->bytes) - m->size);
	memcpy(m->bytes + m->size, bytes, size);
	m->size += size;
	return true;
}

/* A delta behind its magic. */
static bool
apply(const char *pieces, size_t count, uint64_t size, struct made *out)
{
	char delta[128] = DELTA_MAGIC;
	struct why why = { 0 };
	bool good;

	out->size = 0;
	memcpy(delta + DELTA_MAGIC_SIZE, pieces, count);
	good = delta_apply(cur_from(OLD, strlen(OLD)),
	    cur_from(t_fence(delta, DELTA_MAGIC_SIZE + count),
		DELTA_MAGIC_SIZE + count),
	    size, hear, out, &why);
	assert_true(good == (why.kind == WHY_NOTHING));
	return good;
}

#define U64(n)              "\0\0\0\0\0\0\0" n
#define OLDER               "\0" U64("\4") U64("\5") /* "older" */
#define NEWER               "\1" U64("\3") "new"
#define APPLY(pieces, size) apply(pieces, sizeof(pieces) - 1, size, &made)

static void
test_makes(void **state)
{
	struct made made;

	(void)state;
	assert_true(APPLY(NEWER OLDER NEWER, 11));
	assert_memory_equal(made.bytes, "newoldernew", 11);
	assert_true(APPLY("", 0));
	assert_true(APPLY("\0" U64("\0") U64("\16"), 14));
	assert_memory_equal(made.bytes, OLD, 14);
}

static void
test_refused(void **state)
{
	struct made made;
	size_t i;

	(void)state;
	assert_false(APPLY(NEWER OLDER, 7));
	assert_false(APPLY(NEWER OLDER, 9));
	assert_false(APPLY("\0" U64("\0") U64("\17"), 15)); /* beyond old */
	assert_false(APPLY("\0" U64("\17") U64("\1"), 1));
	assert_false(APPLY("\0\377\377\377\377\377\377\377\377" U64("\1"), 1));
	assert_false(APPLY("\0" U64("\1") "\377\377\377\377\377\377\377\377",
	    UINT64_MAX));
	assert_false(APPLY("\0" U64("\1") U64("\0"), 0)); /* no bytes */
	assert_false(APPLY("\1" U64("\0"), 0));
	assert_false(APPLY("\2" U64("\1") "x", 1));
	for (i = 1; i < sizeof(NEWER) - 1; i++)
		assert_false(apply(NEWER, i, 3, &made));
}

static void
test_no_delta(void **state)
{
	struct made made = { .size = 0 };
	struct why why = { 0 };

	(void)state;
	assert_false(delta_apply(cur_from(OLD, 3), cur_from("candor", 6), 0,
	    hear, &made, &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_makes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_delta),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
