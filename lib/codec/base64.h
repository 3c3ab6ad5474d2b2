/*
 * base64.h - decode Base64, a character at a time.
 *
 * Spec:    RFC 4648 section 4, and the alphabet of section 5 ("-", "_").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_BASE64_H
#define CANDOR_CODEC_BASE64_H

#include <stdbool.h>
#include <stdint.h>

/* Starts as zeros. */
struct base64 {
	uint32_t bits;  /* those not given yet are the lowest */
	uint32_t count; /* of them: 0, 2, 4 or 6 */
};

/* The value of a character, or 64 if it has none. */
uint8_t base64_value(uint8_t c);

/* Add a value below 64: true if that completes a byte, which goes to *out. */
static inline bool
base64_add(struct base64 *b, uint8_t value, uint8_t *out)
{
	b->bits = (b->bits << 6 | value) & 0xfff;
	b->count += 6;
	if (b->count < 8)
		return false;
	b->count -= 8;
	*out = (uint8_t)(b->bits >> b->count);
	return true;
}

#endif
