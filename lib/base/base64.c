/*
 * base64.c - RFC 4648 section 4.  See base64.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/base64.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a letter is worth; -1 if it is none. */
static int
worth(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool
base64_read(struct cur text, void *out, size_t room, size_t *size)
{
	uint8_t *to = out;
	uint32_t bits = 0;
	unsigned have = 0, pads = 0;
	size_t all = cur_left(&text), n = 0;

	*size = 0;
	if (all % 4 != 0)
		return false;
	while (cur_left(&text) > 0) {
		uint8_t c = cur_u8(&text);
		int value = worth(c);

		if (c == '=' && ++pads <= 2 && cur_left(&text) <= 1)
			continue;
		if (value < 0 || pads > 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (n == room)
			return false;
		to[n++] = (uint8_t)(bits >> have);
	}
	*size = n;
	return (bits & ((1u << have) - 1)) == 0;
}

void
base64_write(const void *bytes, size_t size, char *out)
{
	const uint8_t *from = bytes;
	size_t i;

	for (i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t v = (uint32_t)from[i] << 16;

		if (left > 1)
			v |= (uint32_t)from[i + 1] << 8;
		if (left > 2)
			v |= from[i + 2];
		*out++ = letters[v >> 18];
		*out++ = letters[v >> 12 & 63];
		*out++ = left > 1 ? letters[v >> 6 & 63] : '=';
		*out++ = left > 2 ? letters[v & 63] : '=';
	}
	*out = '\0';
}
