/*
 * bech32_test.c - keys as text: a pair made by the age tool, and slips.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/age.h"
#include "lib/crypto/bech32.h"
#include "tests/t.h"

#include <string.h>

/* Written by age-keygen 1.1.1. */
static const char secret[] = "AGE-SECRET-KEY-1LH33HV3066YVZT96PZNGHWX29XGAL2MCL"
			     "7CY6SSLFGEWWGUE7G6QQQ26WK";
static const char public[] =
    "age1ryjapnjpqfmw0gw4vh7lq58al63lctqvx4kel4rww5p0tfrm4qzs9mhglp";

static struct cur
text(const char *s)
{
	return cur_from(s, strlen(s));
}

static void
test_pair(void **state)
{
	uint8_t identity[32], recipient[32], said[32];
	char again[BECH32_TEXT_MAX];

	(void)state;
	assert_true(bech32_read("age-secret-key-", text(secret), identity));
	assert_true(bech32_read("age", text(public), said));
	assert_true(age_recipient(identity, recipient));
	assert_memory_equal(recipient, said, 32);
	bech32_write("age-secret-key-", identity, true, again);
	assert_string_equal(again, secret);
	bech32_write("age", recipient, false, again);
	assert_string_equal(again, public);
}

/* Every single changed, lost or added letter is noticed. */
static void
test_slips(void **state)
{
	char slip[BECH32_TEXT_MAX];
	uint8_t key[32];
	size_t i, n = strlen(public);
	char c;

	(void)state;
	for (i = 0; i < n; i++)
		for (c = ' '; c < 127; c++) {
			memcpy(slip, public, n + 1);
			slip[i] = c;
			assert_int_equal(bech32_read("age", text(slip), key),
			    c == public[i]);
		}
	for (i = 0; i < n; i++)
		assert_false(bech32_read("age", cur_from(t_fence(public, i), i),
		    key));
	assert_false(bech32_read("age", cur_from(public, n + 1), key));
	assert_false(bech32_read("agf", text(public), key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_slips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
