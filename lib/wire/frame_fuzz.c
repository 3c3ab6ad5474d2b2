/*
 * frame_fuzz.c - any record: refused, or frames that frame_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* f was read from at: is it what would be written? */
static size_t
check(const struct frame *f, const uint8_t *at)
{
	uint8_t again[FRAME_LARGE];
	size_t size = frame_put(f, again);

	if (size == 0 || memcmp(at, again, size) != 0)
		abort();
	return size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur record = cur_from(data, size);
	size_t frames = 0, at = 0;
	struct frame f;
	bool is_one;

	for (; frame_take(&record, &f); frames++)
		at += check(&f, data + at);
	is_one = frames == 1 && at == size;
	if (frame_get(cur_from(data, size), &f) != is_one)
		abort();
	if (is_one && check(&f, data) != size)
		abort();
	return 0;
}
