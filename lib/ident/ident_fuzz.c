/*
 * ident_fuzz.c - identification of anything, in memory and as a stream.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/ident.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
read_through(struct source *s, uint64_t off, void *buf, size_t size)
{
	return source_read((struct source *)s->ctx, off, buf, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t memory[(size_t)1 << 20];
	struct source s = source_from(data, size);
	struct source stream = {
		.size = SOURCE_SIZE_UNKNOWN, .read = read_through, .ctx = &s
	};
	struct arena a;
	enum kind kind;

	arena_init(&a, memory, sizeof(memory));
	kind = ident_guess(&s, &a);
	arena_init(&a, memory, sizeof(memory));
	if (ident_guess(&stream, &a) != kind && size <= 65536 &&
	    kind != KIND_DMG && !kind_is(kind, KIND_ZIP))
		abort();
	return 0;
}
