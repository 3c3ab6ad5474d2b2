/*
 * base64.c - decode Base64, a character at a time.
 *
 * Spec:    RFC 4648 sections 4 and 5.
 * Input:   hostile; any byte.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/base64.h"

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
