/*
 * ascii.h - letters and digits of ASCII, whatever the locale says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_ASCII_H
#define CANDOR_BASE_ASCII_H

#include <stdbool.h>
#include <stdint.h>

/* The small letter of a capital one; every other byte as it is. */
static inline uint8_t
ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline bool
ascii_is_letter(uint8_t c)
{
	uint8_t low = c | 0x20;

	return low >= 'a' && low <= 'z';
}

static inline bool
ascii_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* What a hexadecimal digit is worth, of either case; -1 if it is none. */
static inline int
ascii_hex(uint8_t c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
