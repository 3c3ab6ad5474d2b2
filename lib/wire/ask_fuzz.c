/*
 * ask_fuzz.c - any record: refused, or one that ask_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/ask.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[ASK_LARGE];
	struct ask a;

	if (!ask_get(cur_from(data, size), &a))
		return 0;
	if (ask_put(&a, again) != size || memcmp(data, again, size) != 0)
		abort();
	return 0;
}
