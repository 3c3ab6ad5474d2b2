/*
 * base64.c - RFC 4648 section 4.  See base64.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/base64.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint8_t
base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : 64;
}

bool
base64_read(struct cur text, void *out, size_t room, size_t *size)
{
	struct base64 b = { 0, 0 };
	uint8_t *to = out, byte;
	unsigned pads = 0;
	size_t n = 0;

	*size = 0;
	if (cur_left(&text) % 4 != 0)
		return false;
	while (cur_left(&text) > 0) {
		uint8_t c = cur_u8(&text);

		if (c == '=' && ++pads <= 2 && cur_left(&text) <= 1)
			continue;
		if (pads > 0 || base64_value(c) == 64 || c == '-' || c == '_')
			return false;
		if (!base64_add(&b, base64_value(c), &byte))
			continue;
		if (n == room)
			return false;
		to[n++] = byte;
	}
	*size = n;
	/* Bits that pad are zero. */
	return (b.bits & ((1u << b.count) - 1)) == 0;
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
