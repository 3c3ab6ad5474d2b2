/*
 * duty_fuzz.c - any record: refused, or one that duty_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/duty.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[DUTY_LARGE];
	struct duty a;

	if (!duty_get(cur_from(data, size), &a))
		return 0;
	if (duty_put(&a, again) != size || memcmp(data, again, size) != 0)
		abort();
	return 0;
}
