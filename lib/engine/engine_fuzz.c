/*
 * engine_fuzz.c - any bytes as a file: a whole scan.  Seeds:
 * tests/corpus/engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_engine.h"

#define ARENA ((size_t)24 << 20)
#define SMALL ((size_t)13 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct t_engine large, small;
	static struct t_said said;
	static const struct cur word = { .base = (const uint8_t *)"secret",
		.size = 6 };
	static const struct passwords passwords = { &word, 1 };
	struct scan_options options = { .flags =
					    SCAN_ALL_MATCHES | SCAN_SAY_BYTES,
		.limits = { .max_total = (uint64_t)2 << 20, .max_objects = 60 },
		.passwords = &passwords };

	if (large.engine == NULL) {
		(void)formats_warm();
		t_engine_open(&large, t_engine_signatures, ARENA);
		t_engine_open(&small, t_engine_signatures, SMALL);
	}
	/* Nothing random: the same bytes go the same way. */
	if (size % 4 == 0)
		t_engine_pieces(&small, data, size, &options, &said);
	else
		t_engine_bytes(&large, data, size, &options, &said);
	return 0;
}
