/*
 * crc32.c - codec_crc32() where zlib is not: cross-compiled, for unit tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

uint32_t
codec_crc32(uint32_t crc, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	int bit;

	for (crc = ~crc; size > 0; size--, at++) {
		crc ^= *at;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1) * 0xedb88320u;
	}
	return ~crc;
}
