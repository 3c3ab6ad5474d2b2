/*
 * frame_fuzz.c - any record: refused, or one that frame_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[FRAME_LARGE];
	struct frame f;

	if (!frame_get(cur_from(data, size), &f))
		return 0;
	if (frame_put(&f, again) != size || memcmp(data, again, size) != 0)
		abort();
	return 0;
}
