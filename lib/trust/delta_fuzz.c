/*
 * delta_fuzz.c - any delta: it makes exactly what it should, or says why not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/delta.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
hear(void *ctx, const void *bytes, size_t size, struct why *why)
{
	uint64_t *made = ctx;
	const uint8_t *b = bytes;

	(void)why;
	*made += size;
	/* Every byte of it can be read. */
	return size > 0 && (b[0] | b[size - 1]) >= 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t want = size > 0 ? (uint64_t)data[0] * 16 : 0, made = 0;
	struct cur all = cur_from(data, size), old;
	struct why why = { 0 };
	bool good;

	if (!cur_take(&all, size / 4, &old))
		abort();
	good = delta_apply(old, all, want, hear, &made, &why);
	if (made > want || good != (why.kind == WHY_NOTHING) ||
	    (good && made != want))
		abort();
	return 0;
}
