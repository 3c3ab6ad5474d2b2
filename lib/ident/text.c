/*
 * text.c - is it text, and in which coding.  The contract is in text.h.
 *
 * Spec:    the classes of bytes are those of file(1), encoding.c: text never
 *          holds control characters other than BEL BS HT LF FF CR ESC.  UTF-16
 *          units below 128 obey the same; U+FFFE is in no text.  As observed,
 *          ClamAV takes what is not 8-bit text for UTF-16BE when nothing
 *          speaks against it, mark or no mark, and never looks at the first
 *          unit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/text.h"

static bool
text_is_control(uint8_t c)
{
	if (c >= 0x20)
		return c == 0x7f;
	return !(c >= 0x07 && c <= 0x0d && c != 0x0b) && c != 0x1b;
}

static bool
text_has_no_controls(struct cur in)
{
	while (cur_left(&in) > 0)
		if (text_is_control(cur_u8(&in)))
			return false;
	return true;
}

/*
 * Step over one character of UTF-8 (RFC 3629) and say how many bytes it had;
 * 0 if it is none.  One cut off by the end of the head counts as good.
 */
static size_t
text_step_utf8(struct cur *in)
{
	uint8_t c = cur_u8(in);
	size_t more, i;

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	for (i = 0; i < more && cur_left(in) > 0; i++)
		if ((cur_u8(in) & 0xc0) != 0x80)
			return 0;
	return more + 1;
}

static bool
text_is_utf8(struct cur in)
{
	bool beyond_ascii = false;
	size_t size;

	while (cur_left(&in) > 0) {
		size = text_step_utf8(&in);
		if (size == 0)
			return false;
		if (size > 1)
			beyond_ascii = true;
	}
	return beyond_ascii;
}

static enum text_coding
text_guess_utf16(struct cur in)
{
	uint16_t mark = cur_u16be(&in);
	bool is_marked = mark == 0xfffe || mark == 0xfeff;
	uint16_t unit;

	if (!cur_ok(&in))
		return TEXT_NONE;
	while (cur_left(&in) >= 2) {
		unit = mark == 0xfffe ? cur_u16le(&in) : cur_u16be(&in);
		if (unit == 0xfffe ||
		    (!is_marked && unit < 128 &&
			text_is_control((uint8_t)unit)))
			return TEXT_NONE;
	}
	if (mark == 0xfffe)
		return TEXT_UTF16LE_BOM;
	return mark == 0xfeff ? TEXT_UTF16BE_BOM : TEXT_UTF16BE;
}

enum text_coding
text_guess(struct cur head)
{
	if (!text_has_no_controls(head))
		return text_guess_utf16(head);
	return text_is_utf8(head) ? TEXT_UTF8 : TEXT_BYTES;
}

struct cur
text_narrow(const struct cur *in, enum text_coding coding, uint8_t *bytes,
    size_t room)
{
	struct cur units = *in;
	uint16_t unit;
	size_t n = 0;

	while (n < room && cur_left(&units) >= 2) {
		unit = coding == TEXT_UTF16LE_BOM ? cur_u16le(&units)
						  : cur_u16be(&units);
		bytes[n++] = unit < 256 ? (uint8_t)unit : 0xff;
	}
	return cur_from(bytes, n);
}
