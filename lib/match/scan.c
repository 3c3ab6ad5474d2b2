/*
 * scan.c - find one literal in bytes.  The contract is in scan.h.
 *
 * The C library's memchr goes through the bytes for the literal's rarest
 * byte, sixteen and more at a time; the rest is compared where that stands.
 * Raw pointers: rare < l->size <= size, and every place tried lies in
 * [0, size - l->size].
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/scan.h"

#include "lib/db/veil.h"

#include <string.h>

static bool
is_at(const struct scan_literal *l, const uint8_t *at)
{
	return l->nocase ? veil_is_folded(at, l->bytes, l->off, l->size)
			 : veil_is(at, l->bytes, l->off, l->size);
}

/* The next byte in [at, end) that is c, or end. */
static const uint8_t *
next_byte(const uint8_t *at, const uint8_t *end, uint8_t c)
{
	const uint8_t *found = memchr(at, c, (size_t)(end - at));

	return found != NULL ? found : end;
}

size_t
scan_literal(const struct scan_literal *l, const uint8_t *hay, size_t size)
{
	uint8_t c = l->bytes[l->rare] ^ veil_byte(l->off + l->rare), other = c;
	const uint8_t *at, *end, *low, *high;

	if (l->size > size)
		return size;
	if (l->nocase && c >= 'a' && c <= 'z')
		other = c & 0xdf;
	at = hay + l->rare;
	end = at + (size - l->size + 1);
	low = next_byte(at, end, c);
	high = other == c ? end : next_byte(at, end, other);
	for (;;) {
		at = low < high ? low : high;
		if (at == end)
			return size;
		if (is_at(l, at - l->rare))
			return (size_t)(at - l->rare - hay);
		if (at == low)
			low = next_byte(at + 1, end, c);
		else
			high = next_byte(at + 1, end, other);
	}
}
