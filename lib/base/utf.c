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

bool
utf8_read(struct cur *c, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint8_t first = cur_u8(c);
	uint32_t value;
	unsigned more, i;

	if (!cur_ok(c))
		return false;
	if (first < 0x80) {
		*character = first;
		return true;
	}
	more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	if (first < 0xc2 || first > 0xf4)
		return false;
	value = first & (0x3fu >> more);
	for (i = 0; i < more; i++) {
		uint8_t next = cur_u8(c);

		if ((next & 0xc0) != 0x80)
			return false;
		value = value << 6 | (next & 0x3f);
	}
	*character = value;
	return cur_ok(c) && value >= least[more] && value <= 0x10ffff &&
	    (value < 0xd800 || value > 0xdfff);
}
