/*
 * utf.h - characters out of UTF-16 and into UTF-8.
 *
 * Spec:    RFC 2781 section 2, RFC 3629 section 3.
 * Input:   hostile; read through struct cur only.
 *
 * Half a surrogate pair alone is given as it is, 0xd800 to 0xdfff: callers
 * differ in what they make of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_UTF_H
#define CANDOR_BASE_UTF_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4 /* bytes of one character, at most */

/* Read one character of UTF-16; with fewer than two bytes left, c goes bad. */
uint32_t utf16_read(struct cur *c, bool is_big);

/* Is it half a pair? */
bool utf16_is_half(uint32_t character);

/* Read one character of UTF-8; false if c is at its end, or what stands there
   is not UTF-8 (shortest form, no surrogates: RFC 3629). */
MUST_CHECK bool utf8_read(struct cur *c, uint32_t *character);

/* Write a character (below 0x110000) as UTF-8; how many bytes. */
size_t utf8_write(uint32_t character, uint8_t out[UTF8_MAX]);

#endif
