/*
 * veil_test.c - veiled bytes come back, compare as what they are, and look
 * like nothing of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/veil.h"

#include "lib/base/ascii.h"
#include "tests/t.h"

#include <string.h>

#define SIZE 200u

static void
fill(uint8_t *bytes, uint32_t seed)
{
	uint32_t i;

	for (i = 0; i < SIZE; i++) {
		seed = seed * 1103515245u + 12345u;
		bytes[i] = (uint8_t)(seed >> 16);
	}
}

static void
test_the_key_is_as_documented(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(veil_key); i++)
		t_eq(veil_key[i], 167 * (i % VEIL_PERIOD + 1) % 256);
	t_eq(veil_byte(VEIL_PERIOD + 3), veil_key[3]);
}

/* Of every size at every phase, byte by byte. */
static void
test_it_comes_back(void **state)
{
	uint8_t plain[SIZE], veiled[SIZE], back[SIZE];
	uint32_t off, size, i;

	(void)state;
	fill(plain, 1);
	for (off = 0; off < VEIL_PERIOD + 9; off++) {
		for (size = 0; size <= 130; size++) {
			veil_copy(veiled, plain, off, size);
			for (i = 0; i < size; i++)
				t_eq(veiled[i] ^ veil_byte(off + i), plain[i]);
			veil_copy(back, veiled, off, size);
			assert_memory_equal(back, plain, size);
			memcpy(back, plain, size);
			veil_copy(back, back, off, size);
			assert_memory_equal(back, veiled, size);
		}
	}
}

static void
test_it_is_compared_where_it_stands(void **state)
{
	uint8_t plain[SIZE], veiled[SIZE];
	uint32_t off, size, i;

	(void)state;
	fill(plain, 2);
	for (off = 0; off < VEIL_PERIOD; off += 5) {
		for (size = 1; size < 60; size++) {
			veil_copy(veiled, plain, off, size);
			assert_true(veil_is(plain, veiled, off, size));
			assert_false(veil_is(plain, veiled, off + 1, size));
			for (i = 0; i < size; i++) {
				plain[i] ^= 1;
				assert_false(veil_is(plain, veiled, off, size));
				plain[i] ^= 1;
			}
		}
	}
	assert_true(veil_is(plain, veiled, 0, 0));
}

static void
test_folded_means_the_plain_ones(void **state)
{
	static const uint8_t text[] = "Some TEXT [@`{] of 23 Bytes";
	uint8_t lower[sizeof(text)], veiled[sizeof(text)];
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		lower[i] = ascii_lower(text[i]);
	veil_copy(veiled, lower, 61, sizeof(text));
	assert_true(veil_is_folded(text, veiled, 61, sizeof(text)));
	assert_true(veil_is_folded(lower, veiled, 61, sizeof(text)));
	assert_false(veil_is(text, veiled, 61, sizeof(text)));
	assert_false(veil_is_folded(text, veiled, 60, sizeof(text)));
	veil_copy(veiled, text, 61, sizeof(text));
	assert_false(veil_is_folded(text, veiled, 61, sizeof(text)));
}

/* No three bytes are as they were, or under one key for all. */
static void
test_nothing_shows_through(void **state)
{
	uint8_t plain[SIZE], veiled[SIZE];
	uint32_t i;

	(void)state;
	fill(plain, 3);
	veil_copy(veiled, plain, 0, SIZE);
	for (i = 0; i + 1 < SIZE; i++) {
		assert_true((plain[i] ^ veiled[i]) != 0);
		assert_true((plain[i] ^ veiled[i]) !=
		    (plain[i + 1] ^ veiled[i + 1]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_key_is_as_documented),
		cmocka_unit_test(test_it_comes_back),
		cmocka_unit_test(test_it_is_compared_where_it_stands),
		cmocka_unit_test(test_folded_means_the_plain_ones),
		cmocka_unit_test(test_nothing_shows_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
