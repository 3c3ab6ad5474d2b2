/*
 * value_fuzz.c - any text is read back as it was written, and what is read
 * from any bytes is written as what reads the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/value.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1024u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[MOST + 1], out[VALUE_ROOM(MOST)], again[MOST + 1];

	if (size > MOST)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (value_put(text, out, sizeof(out)) != strlen(out))
		abort();
	if (!value_get(out) || strcmp(out, text) != 0)
		abort();
	memcpy(again, text, size + 1);
	if (value_get(again) && strlen(again) > strlen(text))
		abort();
	return 0;
}
