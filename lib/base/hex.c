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

typedef uint8_t digits __attribute__((vector_size(16)));
typedef uint16_t pairs __attribute__((vector_size(16)));
typedef uint8_t halves __attribute__((vector_size(8)));

/* Sixteen, the same. */
static bool
hex_sixteen(const uint8_t *text, uint8_t *out)
{
	digits x, letter, is_letter, good;
	uint64_t all[2];
	pairs two;
	halves one;

	memcpy(&x, text, sizeof(x));
	letter = (x | 0x20) - 'a';
	is_letter = (digits)(letter < 6);
	good = (digits)(x - '0' < 10) | is_letter;
	memcpy(all, &good, sizeof(all));
	if ((all[0] & all[1]) != UINT64_MAX)
		return false;
	two = (pairs)((x & 0x0f) + (is_letter & 9));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	two = (two >> 4 | two) & 0xff;
#else
	two = (two << 4 | two >> 8) & 0xff;
#endif
	one = __builtin_convertvector(two, halves);
	memcpy(out, &one, sizeof(one));
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
	while (i + 8 <= most && hex_sixteen(from + 2 * i, to + i))
		i += 8;
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
