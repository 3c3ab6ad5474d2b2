/*
 * bech32.h - 32 bytes of key as text that notices a slip of the pen.
 *
 * Spec: BIP-173 (Bech32, not Bech32m), without its limit of 90 characters, as
 * age-encryption.org/v1 uses it for keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_BECH32_H
#define CANDOR_CRYPTO_BECH32_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

#define BECH32_KEY      32u
#define BECH32_TEXT_MAX 96u /* prefix of up to 30, 1 + 52 + 6, and a zero */

/*
 * Write key under prefix (lower case, at most 30 letters) to out, zero at the
 * end; in upper case if is_upper.
 */
void bech32_write(const char *prefix, const uint8_t key[BECH32_KEY],
    bool is_upper, char out[BECH32_TEXT_MAX]);

/* Read exactly such a text; false if prefix, length, letters or sum differ. */
MUST_CHECK bool bech32_read(const char *prefix, struct cur text,
    uint8_t key[BECH32_KEY]);

#endif
