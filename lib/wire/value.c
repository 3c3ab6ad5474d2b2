/*
 * value.c - a text that stands in a line of its own.  See value.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/value.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

size_t
value_put(const char *text, char *out, size_t room)
{
	size_t at = 0;

	for (; *text != '\0'; text++) {
		uint8_t c = (uint8_t)*text;
		bool is_plain = c >= 0x20 && c != 0x7f && c != '\\';

		if (at + (is_plain ? 1 : 4) >= room)
			break;
		if (is_plain) {
			out[at++] = *text;
			continue;
		}
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = digits[c >> 4];
		out[at++] = digits[c & 15];
	}
	out[at] = '\0';
	return at;
}

static int
digit(char c)
{
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

bool
value_get(char *text)
{
	char *to = text;
	int high, low;

	while (*text != '\0') {
		if (*text != '\\') {
			*to++ = *text++;
			continue;
		}
		high = text[1] == 'x' ? digit(text[2]) : -1;
		low = high != -1 ? digit(text[3]) : -1;
		if (low == -1 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		text += 4;
	}
	*to = '\0';
	return true;
}
