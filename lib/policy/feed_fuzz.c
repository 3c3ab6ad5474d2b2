/*
 * feed_fuzz.c - libFuzzer target: where a feed comes from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/feed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct feed f;
	struct why why;
	size_t i;

	if (!feed_file_read(cur_from(bytes, size), &f, &why))
		return 0;
	for (i = 0; i < f.mirror_count; i++)
		if (!feed_mirror_is_good(f.mirror[i]))
			abort();
	return 0;
}
