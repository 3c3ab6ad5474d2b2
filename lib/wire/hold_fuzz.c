/*
 * hold_fuzz.c - any record: refused, or one that hold_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/hold.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[HOLD_SIZE];
	struct hold f;

	if (!hold_get(cur_from(data, size), &f))
		return 0;
	if (!hold_put(&f, again) || memcmp(data, again, size) != 0)
		abort();
	return 0;
}
