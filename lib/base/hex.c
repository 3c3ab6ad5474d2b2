/*
 * hex.c - bytes as hexadecimal digits.  See hex.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/hex.h"

#include "lib/base/ascii.h"

#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Eight digits at once, four bytes of them; false if one is none.  In bytes
 * below 0x80 an addition that tells whether a byte is above or below a digit
 * by its highest bit does not carry into the next.
 */
static bool
hex_eight(const uint8_t *text, uint8_t *out)
{
	uint64_t x, low, digit, letter, v;

	memcpy(&x, text, sizeof(x));
	low = (x & EACH(0x7f)) | EACH(0x20);
	v = x & EACH(0x7f);
	digit = (v + EACH(0x80 - '0')) & ~(v + EACH(0x7f - '9'));
	letter = (low + EACH(0x80 - 'a')) & ~(low + EACH(0x7f - 'f'));
	if (((digit | letter) & ~x & EACH(0x80)) != EACH(0x80))
		return false;
	v = (x & EACH(0x0f)) + 9 * ((x >> 6) & EACH(0x01));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	/* The first digit of each pair is in the lower byte. */
	v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	v |= v >> 16;
	out[0] = (uint8_t)v;
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)(v >> 16);
	out[3] = (uint8_t)(v >> 24);
	return true;
}

/* Two digits; false if they are none. */
static bool
hex_two(const uint8_t *text, uint8_t *out)
{
	int high = ascii_hex(text[0]), low = ascii_hex(text[1]);

	*out = (uint8_t)(high << 4 | low);
	return high >= 0 && low >= 0;
}

size_t
hex_run(struct cur text, void *out, size_t room)
{
	const uint8_t *from = text.base + text.pos;
	size_t most = cur_left(&text) / 2, i = 0;
	uint8_t *to = out, byte;

	/* Below, 2 * i + 2 <= cur_left(), and i < room. */
	most = most < room ? most : room;
	while (i + 4 <= most && hex_eight(from + 2 * i, to + i))
		i += 4;
	while (i < most && hex_two(from + 2 * i, &byte))
		to[i++] = byte;
	return i;
}

bool
hex_read(struct cur text, void *out, size_t size)
{
	return cur_left(&text) / 2 == size && cur_left(&text) % 2 == 0 &&
	    hex_run(text, out, size) == size;
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
