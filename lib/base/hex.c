/*
 * hex.c - bytes as hexadecimal digits.  See hex.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/hex.h"

#include "lib/base/ascii.h"

bool
hex_read(struct cur text, void *out, size_t size)
{
	uint8_t *to = out;
	size_t i;

	if (cur_left(&text) / 2 != size || cur_left(&text) % 2 != 0)
		return false;
	for (i = 0; i < size; i++) {
		int high = ascii_hex(cur_u8(&text));
		int low = ascii_hex(cur_u8(&text));

		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void
hex_write(const void *bytes, size_t size, char *out)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *from = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		*out++ = digit[from[i] >> 4];
		*out++ = digit[from[i] & 15];
	}
	*out = '\0';
}
