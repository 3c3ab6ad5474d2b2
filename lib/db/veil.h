/*
 * veil.h - bytes of patterns as they lie in files of ours.
 *
 * A database that held its patterns as they are would be found by its own
 * rules, and by everybody else's.  So each byte is XORed with one of a key
 * that depends on where it stands: a rule that tries every key of one byte
 * does not see through it, either.  It hides nothing from anybody who looks.
 *
 * Byte i of the key is 167 * (i % VEIL_PERIOD + 1), modulo 256.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_VEIL_H
#define CANDOR_DB_VEIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VEIL_PERIOD 64u

/* One period and the beginning of the next, to read 8 bytes at any place. */
extern const uint8_t veil_key[VEIL_PERIOD + 8];

static inline uint8_t
veil_byte(uint64_t off)
{
	return veil_key[off % VEIL_PERIOD];
}

/* Veil size bytes from offset off on into out, or unveil them. */
void veil_copy(uint8_t *out, const uint8_t *bytes, uint64_t off, size_t size);

/* Are size plain bytes those that stand veiled at offset off? */
bool veil_is(const uint8_t *plain, const uint8_t *veiled, uint64_t off,
    size_t size);

/* The same, the plain ones with ASCII letters in lower case. */
bool veil_is_folded(const uint8_t *plain, const uint8_t *veiled, uint64_t off,
    size_t size);

#endif
