/*
 * ed25519_test.c - RFC 8032's own examples, and what must not pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/ed25519.h"

#include "lib/base/hex.h"
#include "tests/t.h"

#include <string.h>

/* RFC 8032, 7.1: tests 1, 2 and 3. */
static const struct {
	const char *seed, *key, *message, *signature;
} row[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555f"
	    "b8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da08"
	    "5ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	    "af82",
	    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18"
	    "ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* The order of the group, little-endian (RFC 8032, 5.1). */
static const char order[] =
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

static size_t
bytes(const char *hex, uint8_t *out)
{
	size_t size = strlen(hex) / 2;

	assert_true(hex_read(cur_from(hex, 2 * size), out, size));
	return size;
}

static void
test_examples(void **state)
{
	uint8_t seed[ED25519_SEED], key[ED25519_KEY], message[8];
	uint8_t signature[ED25519_SIGNATURE], made[ED25519_SIGNATURE];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)bytes(row[i].seed, seed);
		(void)bytes(row[i].signature, signature);
		size = bytes(row[i].message, message);
		assert_true(ed25519_public(seed, key));
		(void)bytes(row[i].key, made);
		assert_memory_equal(key, made, ED25519_KEY);
		assert_true(ed25519_sign(seed, message, size, made));
		assert_memory_equal(made, signature, ED25519_SIGNATURE);
		assert_true(ed25519_verify(key, message, size, signature));
	}
}

/* Any bit of key, message or signature. */
static void
test_changed(void **state)
{
	uint8_t key[ED25519_KEY], message[8], signature[ED25519_SIGNATURE];
	size_t size = bytes(row[2].message, message), i;

	(void)state;
	(void)bytes(row[2].key, key);
	(void)bytes(row[2].signature, signature);
	for (i = 0; i < 8 * (ED25519_SIGNATURE + ED25519_KEY + size); i++) {
		size_t at = i / 8;
		uint8_t *b = at < ED25519_SIGNATURE ? &signature[at]
		    : at < ED25519_SIGNATURE + ED25519_KEY
		    ? &key[at - ED25519_SIGNATURE]
		    : &message[at - ED25519_SIGNATURE - ED25519_KEY];

		*b ^= (uint8_t)(1 << i % 8);
		assert_false(ed25519_verify(key, message, size, signature));
		*b ^= (uint8_t)(1 << i % 8);
	}
	assert_true(ed25519_verify(key, message, size, signature));
	assert_false(ed25519_verify(key, message, size - 1, signature));
}

/* S + L is the same number to the group; a signature has one form. */
static void
test_second_form(void **state)
{
	uint8_t key[ED25519_KEY], message[8], signature[ED25519_SIGNATURE];
	uint8_t l[32];
	size_t size = bytes(row[2].message, message), i;
	unsigned carry = 0;

	(void)state;
	(void)bytes(row[2].key, key);
	(void)bytes(row[2].signature, signature);
	(void)bytes(order, l);
	for (i = 0; i < 32; i++) {
		carry += signature[32 + i] + (unsigned)l[i];
		signature[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	t_eq(carry, 0);
	assert_false(ed25519_verify(key, message, size, signature));
}

/* With a key of small order, anybody's R and S would pass for any message. */
static void
test_small_order(void **state)
{
	static const char *const key[] = {
		/* the neutral point; of order 2; of order 4 */
		"010000000000000000000000000000000000000000000000000000000000"
		"0000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"ff7f",
		"000000000000000000000000000000000000000000000000000000000000"
		"0000",
	};
	uint8_t k[ED25519_KEY], signature[ED25519_SIGNATURE] = { 1 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		(void)bytes(key[i], k);
		assert_false(ed25519_verify(k, "any", 3, signature));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_second_form),
		cmocka_unit_test(test_small_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
