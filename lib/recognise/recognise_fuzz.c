/*
 * recognise_fuzz.c - anything, looked at.  Seeds: tests/corpus/recognise.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/format.h"
#include "lib/recognise/recognise.h"

#include <stdlib.h>

#define MEMORY ((size_t)48 << 20)

const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *memory;

/* As a worker has a limit on its memory, so have we: archive_fuzz.c. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=256";
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	memory = malloc(MEMORY);
	return memory != NULL && formats_warm() ? 0 : -1;
}

static void
told(void *self, enum recognise_what what, struct cur value, struct cur detail)
{
	volatile uint8_t *sink = self;
	size_t i;

	if (what >= RECOGNISE_WHATS || value.size == 0 ||
	    value.size > RECOGNISE_TEXT || detail.size > RECOGNISE_TEXT)
		abort();
	for (i = 0; i < value.size; i++)
		*sink ^= value.base[i];
	for (i = 0; i < detail.size; i++)
		*sink ^= detail.base[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cur needle = cur_from("KITE_PLUGINS", 12);
	struct source source = source_from(data, size);
	struct arena arena;
	uint8_t sink = 0;
	struct recognise r = { &source, &arena, &needle, 1, told, &sink };

	arena_init(&arena, memory, MEMORY);
	recognise_file(&r, recognise_kind(&r));
	if (arena.used != 0)
		abort();
	return 0;
}
