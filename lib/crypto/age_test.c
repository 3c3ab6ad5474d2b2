/*
 * age_test.c - a file of the age tool's opens; ours opens, and not if changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/age.h"
#include "lib/crypto/bech32.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

static const char secret[] = "AGE-SECRET-KEY-1LH33HV3066YVZT96PZNGHWX29XGAL2MCL"
			     "7CY6SSLFGEWWGUE7G6QQQ26WK";

/* "held, not lost\n", encrypted by age 1.1.1 to that key. */
static const char theirs_header[] =
    "age-encryption.org/v1\n"
    "-> X25519 aRxT1qMBfs+DV2tUQYigFqovkAQkQ7K4T6RMJCCtqCE\n"
    "Gfg7EaB1KkyVEPCzD50TNuOeFFVvMVZWH4UZSTkpMHY\n"
    "--- eCfDspA3OnzVYZISSfNQF61vKcrqzy9hVRpz6rp0Ask\n";
static const uint8_t theirs_rest[] = { 0x69, 0x46, 0x7b, 0x6f, 0x62, 0x68, 0x93,
	0xde, 0x0b, 0xd5, 0x12, 0xc3, 0x7f, 0x73, 0x38, 0xd9, 0xb9, 0xa2, 0x38,
	0xe5, 0x15, 0x6a, 0x92, 0x9c, 0x09, 0xca, 0xa7, 0x25, 0xdd, 0xc5, 0xa4,
	0xed, 0xca, 0x18, 0x9d, 0xe8, 0x04, 0xd3, 0xf8, 0x95, 0xfb, 0xed, 0xcb,
	0xa1, 0xb1, 0x89, 0xe5 };

static void
read_secret(uint8_t identity[AGE_KEY])
{
	assert_true(bech32_read("age-secret-key-",
	    cur_from(secret, strlen(secret)), identity));
}

static void
test_theirs(void **state)
{
	uint8_t file[AGE_HEADER], identity[AGE_KEY], plain[64];
	struct age_stream s;

	(void)state;
	memcpy(file, theirs_header, AGE_HEADER - 16);
	memcpy(file + AGE_HEADER - 16, theirs_rest, 16);
	read_secret(identity);
	assert_true(age_open(cur_from(t_fence(file, AGE_HEADER), AGE_HEADER),
	    identity, &s));
	assert_true(age_unseal(&s, theirs_rest + 16, sizeof(theirs_rest) - 16,
	    true, plain));
	assert_memory_equal(plain, "held, not lost\n", 15);
	assert_false(age_unseal(&s, theirs_rest + 16, sizeof(theirs_rest) - 16,
	    true, plain));
}

static void
begin(uint8_t header[AGE_HEADER], struct age_stream *s)
{
	struct age_random random;
	uint8_t identity[AGE_KEY], recipient[AGE_KEY];

	memset(&random, 7, sizeof(random));
	read_secret(identity);
	assert_true(age_recipient(identity, recipient));
	assert_true(age_begin(recipient, &random, header, s));
}

/* Header changed in any bit, or cut anywhere: refused. */
static void
test_header(void **state)
{
	uint8_t header[AGE_HEADER], bad[AGE_HEADER], identity[AGE_KEY];
	struct age_stream s, again;
	size_t i;

	(void)state;
	begin(header, &s);
	read_secret(identity);
	assert_true(age_open(cur_from(header, AGE_HEADER), identity, &again));
	assert_memory_equal(s.key, again.key, sizeof(s.key));
	for (i = 0; i < AGE_HEADER; i++) {
		assert_false(age_open(cur_from(t_fence(header, i), i), identity,
		    &again));
		if (i >= AGE_HEADER - 16)
			continue; /* the nonce is noticed in the first chunk */
		memcpy(bad, header, AGE_HEADER);
		bad[i] ^= 1;
		assert_false(age_open(cur_from(bad, AGE_HEADER), identity,
		    &again));
	}
	identity[0] ^= 8;
	assert_false(age_open(cur_from(header, AGE_HEADER), identity, &again));
}

/* Seal size bytes, then open them; the number of chunks. */
static unsigned
round_trip(size_t size)
{
	uint8_t header[AGE_HEADER], identity[AGE_KEY];
	uint8_t *plain = malloc(size + 1), *sealed = malloc(AGE_SEALED);
	uint8_t *back = malloc(AGE_CHUNK);
	struct age_stream out, in;
	unsigned chunks = 0;
	size_t i, at = 0;

	assert_true(plain != NULL && sealed != NULL && back != NULL);
	for (i = 0; i < size; i++)
		plain[i] = (uint8_t)(i * 31 + i / 65536);
	begin(header, &out);
	read_secret(identity);
	assert_true(age_open(cur_from(header, AGE_HEADER), identity, &in));
	do {
		size_t n = size - at < AGE_CHUNK ? size - at : AGE_CHUNK;
		bool last = at + n == size;

		assert_true(age_seal(&out, plain + at, n, last, sealed));
		assert_true(age_unseal(&in, sealed, n + AGE_TAG, last, back));
		assert_memory_equal(back, plain + at, n);
		at += n;
		chunks++;
	} while (at < size);
	assert_true(in.is_ended);
	free(back);
	free(sealed);
	free(plain);
	return chunks;
}

static void
test_sizes(void **state)
{
	(void)state;
	t_eq(round_trip(0), 1);
	t_eq(round_trip(1), 1);
	t_eq(round_trip(AGE_CHUNK - 1), 1);
	t_eq(round_trip(AGE_CHUNK), 1);
	t_eq(round_trip(AGE_CHUNK + 1), 2);
	t_eq(round_trip(3 * (size_t)AGE_CHUNK + 17), 4);
}

/* A chunk cut, changed, said to be last when it is not, or out of order. */
static void
test_chunks(void **state)
{
	static uint8_t plain[AGE_CHUNK], first[AGE_SEALED], second[64];
	uint8_t header[AGE_HEADER];
	struct age_stream out, in;
	size_t i;

	(void)state;
	begin(header, &out);
	in = out;
	assert_false(age_seal(&out, plain, 10, false, first));
	assert_true(age_seal(&out, plain, AGE_CHUNK, false, first));
	assert_true(age_seal(&out, plain, 20, true, second));
	assert_false(age_seal(&out, plain, 20, true, second));
	for (i = 0; i < 36; i++) {
		struct age_stream s = in;

		s.chunk = 1;
		assert_false(age_unseal(&s, t_fence(second, i), i, true,
		    plain));
		s = in;
		s.chunk = 1;
		second[i] ^= 4;
		assert_false(age_unseal(&s, second, 36, true, plain));
		second[i] ^= 4;
	}
	assert_false(age_unseal(&(struct age_stream){ .chunk = 1 }, second, 36,
	    true, plain));
	{
		struct age_stream cut = in, swapped = in;

		assert_false(age_unseal(&cut, first, AGE_SEALED, true, plain));
		assert_false(age_unseal(&swapped, second, 36, true, plain));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_theirs),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
