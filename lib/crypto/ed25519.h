/*
 * ed25519.h - make and verify Ed25519 signatures (RFC 8032, 5.1).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_ED25519_H
#define CANDOR_CRYPTO_ED25519_H

#include "lib/base/cur.h"

#include <stddef.h>
#include <stdint.h>

#define ED25519_KEY       32u
#define ED25519_SIGNATURE 64u

/* Is it key's signature of the message? */
MUST_CHECK bool ed25519_verify(const uint8_t key[ED25519_KEY],
    const void *message, size_t size,
    const uint8_t signature[ED25519_SIGNATURE]);

#define ED25519_SEED 32u

/* The public key of a seed; and the seed's signature of a message.  False
   only if libsodium fails. */
MUST_CHECK bool ed25519_public(const uint8_t seed[ED25519_SEED],
    uint8_t key[ED25519_KEY]);
MUST_CHECK bool ed25519_sign(const uint8_t seed[ED25519_SEED],
    const void *message, size_t size, uint8_t signature[ED25519_SIGNATURE]);

#endif
