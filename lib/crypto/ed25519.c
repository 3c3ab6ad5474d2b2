/*
 * ed25519.c - over libcrypto, which checks that S is below the order and
 * that A decodes.  See ed25519.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/ed25519.h"

#include <openssl/evp.h>

bool
ed25519_verify(const uint8_t key[ED25519_KEY], const void *message, size_t size,
    const uint8_t signature[ED25519_SIGNATURE])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key,
	    ED25519_KEY);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = k != NULL && c != NULL &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestVerify(c, signature, ED25519_SIGNATURE, message, size) ==
		1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good;
}

bool
ed25519_public(const uint8_t seed[ED25519_SEED], uint8_t key[ED25519_KEY])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    ED25519_SEED);
	size_t size = ED25519_KEY;
	bool good = k != NULL &&
	    EVP_PKEY_get_raw_public_key(k, key, &size) == 1 &&
	    size == ED25519_KEY;

	EVP_PKEY_free(k);
	return good;
}

bool
ed25519_sign(const uint8_t seed[ED25519_SEED], const void *message, size_t size,
    uint8_t signature[ED25519_SIGNATURE])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
	    ED25519_SEED);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = ED25519_SIGNATURE;
	bool good = k != NULL && c != NULL &&
	    EVP_DigestSignInit(c, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestSign(c, signature, &n, message, size) == 1 &&
	    n == ED25519_SIGNATURE;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	return good;
}
