/*
 * embedded_fuzz.c - whatever the bytes, every sieve finds what is found by
 * looking at every place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded_sieve.h"

#include <stdlib.h>

#define DISK_SYSTEM 32768u /* bytes in front of a disk's first descriptor */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
skip_nothing(const uint8_t *bytes, size_t blocks, uint64_t *out)
{
	(void)bytes;
	(void)blocks;
	*out = UINT64_MAX;
	return 0;
}

static bool
is_same(const struct embedded *a, const struct embedded *b)
{
	return a->off == b->off && a->size == b->size && a->data == b->data &&
	    a->kind == b->kind;
}

static void
hold_against_all_places(sieve_fn skip, struct cur in)
{
	struct cur all = in;
	struct embedded e, want;

	while (embedded_find_with(skip_nothing, &all, &want))
		if (!embedded_find_with(skip, &in, &e) || !is_same(&e, &want))
			abort();
	if (embedded_find_with(skip, &in, &e))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct embedded_sieve *sieve = embedded_sieves;
	struct cur in = cur_from(data, size);

	in.origin = DISK_SYSTEM;
	for (;; sieve++) {
		if (sieve->runs())
			hold_against_all_places(sieve->skip, in);
		if (sieve->skip == embedded_skip_portable)
			return 0;
	}
}
