/*
 * age_fuzz.c - any bytes as a header and a chunk: nothing we did not seal
 * opens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/age.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t identity[AGE_KEY] = { 1, 2, 3 };
	static uint8_t plain[AGE_CHUNK];
	struct age_stream s = { .chunk = 0 };

	if (age_open(cur_from(data, size), identity, &s))
		abort();
	if (size >= AGE_TAG && size <= AGE_SEALED &&
	    age_unseal(&s, data, size, true, plain))
		abort();
	return 0;
}
