/*
 * veil.c - veil bytes, and compare what is veiled.  See veil.h.
 *
 * Raw pointers: eight bytes are read at i only while i + 8 <= size, and of
 * the key at a place below VEIL_PERIOD.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/veil.h"

#include "lib/base/ascii.h"

#include <string.h>

/* clang-format off */
const uint8_t veil_key[VEIL_PERIOD + 8] = {
	0xa7, 0x4e, 0xf5, 0x9c, 0x43, 0xea, 0x91, 0x38,
	0xdf, 0x86, 0x2d, 0xd4, 0x7b, 0x22, 0xc9, 0x70,
	0x17, 0xbe, 0x65, 0x0c, 0xb3, 0x5a, 0x01, 0xa8,
	0x4f, 0xf6, 0x9d, 0x44, 0xeb, 0x92, 0x39, 0xe0,
	0x87, 0x2e, 0xd5, 0x7c, 0x23, 0xca, 0x71, 0x18,
	0xbf, 0x66, 0x0d, 0xb4, 0x5b, 0x02, 0xa9, 0x50,
	0xf7, 0x9e, 0x45, 0xec, 0x93, 0x3a, 0xe1, 0x88,
	0x2f, 0xd6, 0x7d, 0x24, 0xcb, 0x72, 0x19, 0xc0,
	0xa7, 0x4e, 0xf5, 0x9c, 0x43, 0xea, 0x91, 0x38,
};
/* clang-format on */

static uint64_t
eight(const uint8_t *at)
{
	uint64_t x;

	memcpy(&x, at, sizeof(x));
	return x;
}

void
veil_copy(uint8_t *out, const uint8_t *bytes, uint64_t off, size_t size)
{
	size_t i, eights = size - size % 8;

	for (i = 0; i < eights; i += 8) {
		uint64_t x = eight(bytes + i) ^
		    eight(veil_key + (off + i) % VEIL_PERIOD);

		memcpy(out + i, &x, sizeof(x));
	}
	for (; i < size; i++)
		out[i] = bytes[i] ^ veil_byte(off + i);
}

bool
veil_is(const uint8_t *plain, const uint8_t *veiled, uint64_t off, size_t size)
{
	size_t i;

	for (i = 0; i + 8 <= size; i += 8)
		if ((eight(plain + i) ^ eight(veiled + i)) !=
		    eight(veil_key + (off + i) % VEIL_PERIOD))
			return false;
	for (; i < size; i++)
		if ((plain[i] ^ veiled[i]) != veil_byte(off + i))
			return false;
	return true;
}

bool
veil_is_folded(const uint8_t *plain, const uint8_t *veiled, uint64_t off,
    size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((ascii_lower(plain[i]) ^ veiled[i]) != veil_byte(off + i))
			return false;
	return true;
}
