/*
 * ed25519.c - over libsodium, which takes no heap, and refuses an S that is
 * not below the order, points not written in their one form and points of
 * small order.  See ed25519.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/ed25519.h"

#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>

_Static_assert(crypto_sign_ed25519_PUBLICKEYBYTES == ED25519_KEY &&
	crypto_sign_ed25519_SEEDBYTES == ED25519_SEED &&
	crypto_sign_ed25519_BYTES == ED25519_SIGNATURE,
    "libsodium means the same");

bool
ed25519_verify(const uint8_t key[ED25519_KEY], const void *message, size_t size,
    const uint8_t signature[ED25519_SIGNATURE])
{
	return crypto_sign_ed25519_verify_detached(signature, message, size,
		   key) == 0;
}

bool
ed25519_public(const uint8_t seed[ED25519_SEED], uint8_t key[ED25519_KEY])
{
	uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
	bool good = crypto_sign_ed25519_seed_keypair(key, secret, seed) == 0;

	sodium_memzero(secret, sizeof(secret));
	return good;
}

bool
ed25519_sign(const uint8_t seed[ED25519_SEED], const void *message, size_t size,
    uint8_t signature[ED25519_SIGNATURE])
{
	uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES], key[ED25519_KEY];
	bool good = crypto_sign_ed25519_seed_keypair(key, secret, seed) == 0 &&
	    crypto_sign_ed25519_detached(signature, NULL, message, size,
		secret) == 0;

	sodium_memzero(secret, sizeof(secret));
	return good;
}
