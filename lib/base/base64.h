/*
 * base64.h - Base64: as a format has it, strictly, and as people write it.
 *
 * Spec: RFC 4648 section 4; section 5 for its other alphabet ("-", "_").
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_BASE64_H
#define CANDOR_BASE_BASE64_H

#include "lib/base/cur.h"

#include <stddef.h>
#include <stdint.h>

/* --- all of it, strictly: padded, and one text for each value ------------ */

/*
 * Read all of text into out; *size is how many bytes.  False if a letter is
 * not of the alphabet, padding is missing or misplaced, bits that pad are not
 * zero, or there are more than room bytes.
 */
MUST_CHECK bool base64_read(struct cur text, void *out, size_t room,
    size_t *size);

/* How many letters size bytes take. */
#define BASE64_SIZE(size) (((size_t)(size) + 2) / 3 * 4)

/* Write BASE64_SIZE(size) letters and a zero. */
void base64_write(const void *bytes, size_t size, char *out);

/* --- a character at a time, forgiving ------------------------------------- */

/* Starts as zeros. */
struct base64 {
	uint32_t bits;  /* those not given yet are the lowest */
	uint32_t count; /* of them: 0, 2, 4 or 6 */
};

/* The value of a character, of either alphabet, or 64 if it has none. */
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
