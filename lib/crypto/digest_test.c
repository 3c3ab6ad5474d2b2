/*
 * digest_test.c - the digests' published vectors, whole and in pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/digest.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* RFC 1321 A.5; FIPS 180-4 example files "abc" and the empty message. */
static const struct vector {
	enum digest_kind kind;
	const char *text;
	const char *hex;
} vector[] = {
	{ DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ DIGEST_MD5, "abcdefghijklmnopqrstuvwxyz",
	    "c3fcd3d76192e4007dfb496cca67e13b" },
	{ DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA1,
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
	{ DIGEST_SHA256, "",
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ DIGEST_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA256,
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
digest_is(const uint8_t *got, size_t size, const char *hex)
{
	char text[2 * DIGEST_SIZE_MAX + 1] = "";
	size_t i;

	for (i = 0; i < size; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", got[i]);
	assert_string_equal(text, hex);
}

static void
test_vectors(void **state)
{
	size_t i, cut;

	(void)state;
	for (i = 0; i < sizeof(vector) / sizeof(vector[0]); i++) {
		const struct vector *v = &vector[i];
		size_t size = strlen(v->text);
		uint8_t out[DIGEST_SIZE_MAX];

		digest_of(v->kind, v->text, size, out);
		digest_is(out, digest_size(v->kind), v->hex);
		for (cut = 0; cut <= size; cut++) {
			struct digest d;

			digest_init(&d, v->kind);
			digest_add(&d, v->text, cut);
			digest_add(&d, v->text + cut, size - cut);
			digest_end(&d, out);
			digest_is(out, digest_size(v->kind), v->hex);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
