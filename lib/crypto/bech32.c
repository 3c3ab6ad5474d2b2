/*
 * bech32.c - keys as text.  See bech32.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/bech32.h"

#include <string.h>

#define SYMBOLS 52u /* five bits each, for 256 */
#define CHECKS  6u

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* BIP-173, "Checksum": one step of the BCH code. */
static uint32_t
step(uint32_t sum, uint8_t symbol)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d,
		0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;
	unsigned i;

	sum = ((sum & 0x1ffffff) << 5) ^ symbol;
	for (i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	return sum;
}

static uint32_t
sum_of(const char *prefix, const uint8_t symbol[SYMBOLS])
{
	uint32_t sum = 1;
	size_t i;

	for (i = 0; prefix[i] != '\0'; i++)
		sum = step(sum, (uint8_t)prefix[i] >> 5);
	sum = step(sum, 0);
	for (i = 0; prefix[i] != '\0'; i++)
		sum = step(sum, (uint8_t)prefix[i] & 31);
	for (i = 0; i < SYMBOLS; i++)
		sum = step(sum, symbol[i]);
	for (i = 0; i < CHECKS; i++)
		sum = step(sum, 0);
	return sum ^ 1;
}

/* 32 bytes as 52 groups of five bits, the last padded with zeros. */
static void
spread(const uint8_t key[BECH32_KEY], uint8_t symbol[SYMBOLS])
{
	unsigned i, bit;

	memset(symbol, 0, SYMBOLS);
	for (i = 0; i < BECH32_KEY; i++)
		for (bit = 0; bit < 8; bit++) {
			unsigned at = i * 8 + bit;
			uint8_t on = (key[i] & 0x80u >> bit) != 0;

			symbol[at / 5] |= (uint8_t)(on << (4 - at % 5));
		}
}

static char
shown(char c, bool is_upper)
{
	return is_upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void
bech32_write(const char *prefix, const uint8_t key[BECH32_KEY], bool is_upper,
    char out[BECH32_TEXT_MAX])
{
	uint8_t symbol[SYMBOLS];
	uint32_t sum;
	size_t n = 0, i;

	spread(key, symbol);
	sum = sum_of(prefix, symbol);
	for (i = 0; prefix[i] != '\0' && i < 30; i++)
		out[n++] = shown(prefix[i], is_upper);
	out[n++] = '1';
	for (i = 0; i < SYMBOLS; i++)
		out[n++] = shown(alphabet[symbol[i]], is_upper);
	for (i = 0; i < CHECKS; i++)
		out[n++] = shown(alphabet[sum >> (5 * (5 - i)) & 31], is_upper);
	out[n] = '\0';
}

/* One letter of the text, lower case; a text must not mix cases. */
static uint8_t
letter(struct cur *c, bool *has_lower, bool *has_upper)
{
	uint8_t byte = cur_u8(c);

	if (byte >= 'a' && byte <= 'z')
		*has_lower = true;
	if (byte >= 'A' && byte <= 'Z') {
		*has_upper = true;
		return (uint8_t)(byte - 'A' + 'a');
	}
	return byte;
}

bool
bech32_read(const char *prefix, struct cur text, uint8_t key[BECH32_KEY])
{
	uint8_t symbol[SYMBOLS + CHECKS];
	uint32_t sum = 0;
	bool lower = false, upper = false;
	bool good = cur_left(&text) == strlen(prefix) + 1 + sizeof(symbol);
	size_t i;

	for (i = 0; prefix[i] != '\0'; i++)
		good &= letter(&text, &lower, &upper) == (uint8_t)prefix[i];
	good &= cur_u8(&text) == '1';
	for (i = 0; i < sizeof(symbol); i++) {
		uint8_t c = letter(&text, &lower, &upper);
		const char *at = c != 0 ? strchr(alphabet, c) : NULL;

		good &= at != NULL;
		symbol[i] = at != NULL ? (uint8_t)(at - alphabet) : 0;
	}
	if (!good || !cur_ok(&text) || (lower && upper))
		return false;
	for (i = 0; i < CHECKS; i++)
		sum = sum << 5 | symbol[SYMBOLS + i];
	if (sum != sum_of(prefix, symbol) || (symbol[SYMBOLS - 1] & 15) != 0)
		return false;
	memset(key, 0, BECH32_KEY);
	for (i = 0; i < BECH32_KEY * 8; i++)
		if ((symbol[i / 5] >> (4 - i % 5) & 1) != 0)
			key[i / 8] |= (uint8_t)(1u << (7 - i % 8));
	return true;
}
