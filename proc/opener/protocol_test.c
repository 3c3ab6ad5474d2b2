/*
 * protocol_test.c - a message arrives as it was sent, and nothing else does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/protocol.h"

#include "tests/t.h"

#include <string.h>

static uint8_t record[OPENER_RECORD];

static const struct opener_message sample = {
	.kind = OPENER_FOUND,
	.flags = OPENER_LOCAL,
	.mode = 0100644,
	.mount = UINT64_MAX,
	.type = 0xef53,
	.stamp = { 1, 2, 3, -4, 5, 6, 7 },
};

static void
test_what_is_put_is_got(void **state)
{
	struct opener_message in = sample, out;
	size_t size;

	(void)state;
	in.payload = cur_from("name", 4);
	size = opener_put(&in, record);
	t_eq(size, OPENER_HEADER + 4);
	assert_true(opener_get(cur_from(record, size), &out));
	t_eq(out.kind, in.kind);
	t_eq(out.mode, in.mode);
	assert_true(out.mount == in.mount && out.type == in.type);
	assert_true(subject_is_same(&out.stamp, &in.stamp));
	assert_true(cur_is(&out.payload, "name"));
}

static void
test_what_is_no_message(void **state)
{
	struct opener_message out;
	size_t size, i;

	(void)state;
	size = opener_put(&sample, record);
	for (i = 0; i < size; i++)
		assert_true(!opener_get(cur_from(record, i), &out));
	record[8] = 0x80; /* a flag that is none */
	assert_true(!opener_get(cur_from(record, size), &out));
	record[8] = 0;
	record[0] = 99; /* a kind that is none */
	assert_true(!opener_get(cur_from(record, size), &out));
}

static void
test_names(void **state)
{
	static const char good[] = "\010one\0\004two", slash[] = "\010a/b",
			  empty[] = "\010";
	struct cur names = cur_from(good, sizeof(good));
	const char *name;
	uint8_t type;

	(void)state;
	assert_true(opener_get_name(&names, &type, &name));
	assert_string_equal(name, "one");
	t_eq(type, 8);
	assert_true(opener_get_name(&names, &type, &name));
	assert_string_equal(name, "two");
	assert_true(!opener_get_name(&names, &type, &name));

	/* Without its NUL, with a slash, without a name. */
	names = cur_from(good, sizeof(good) - 1);
	assert_true(opener_get_name(&names, &type, &name));
	assert_true(!opener_get_name(&names, &type, &name));
	names = cur_from(slash, sizeof(slash));
	assert_true(!opener_get_name(&names, &type, &name));
	names = cur_from(empty, sizeof(empty));
	assert_true(!opener_get_name(&names, &type, &name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_is_got),
		cmocka_unit_test(test_what_is_no_message),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
