/*
 * literal_background.c - how often do ordinary clean files have these bytes?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_build.h"
#include "lib/match/literal_layout.h"

/* Bits of surprise, about, in a byte of clean content of its kind. */
static uint32_t
bits_of(uint8_t byte)
{
	byte = literal_fold_byte(byte);
	if (byte == 0)
		return 2;
	if (byte == ' ' || byte == 0xff || byte == 'e' || byte == 't')
		return 4;
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))
		return 5;
	return byte < 0x80 ? 6 : 7;
}

uint32_t
literal_cost(const uint8_t *bytes, uint32_t size)
{
	uint32_t bits = 0, i;

	for (i = 0; i < size; i++) {
		bits += bits_of(bytes[i]);
		if (i > 0 && bytes[i] == bytes[i - 1])
			bits -= 1;
	}
	return bits >= 30 ? 1 : 1u << (30 - bits);
}
