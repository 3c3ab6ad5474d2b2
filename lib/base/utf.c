/*
 * utf.c - characters out of UTF-16 and into UTF-8.  The contract is in utf.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/utf.h"

static uint32_t
read_unit(struct cur *c, bool is_big)
{
	return is_big ? cur_u16be(c) : cur_u16le(c);
}

bool
utf16_is_half(uint32_t character)
{
	return character >= 0xd800 && character <= 0xdfff;
}

/* [RFC 2781 2.2] */
uint32_t
utf16_read(struct cur *c, bool is_big)
{
	uint32_t first = read_unit(c, is_big), second;
	struct cur ahead;

	if (first < 0xd800 || first > 0xdbff)
		return first;
	ahead = *c;
	second = read_unit(&ahead, is_big);
	if (!cur_ok(&ahead) || second < 0xdc00 || second > 0xdfff)
		return first;
	*c = ahead;
	return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* [RFC 3629 3] */
size_t
utf8_write(uint32_t character, uint8_t out[UTF8_MAX])
{
	static const uint8_t lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t size = character < 0x80 ? 1
	    : character < 0x800        ? 2
	    : character < 0x10000      ? 3
				       : 4;
	size_t i;

	for (i = size - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (uint8_t)(lead[size] | character);
	return size;
}
