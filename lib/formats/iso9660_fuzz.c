/*
 * iso9660_fuzz.c - seeds: tests/corpus/iso9660
 *
 * The sixteen sectors that every image begins with say nothing: they are put
 * in front here, so that the fuzzer need not carry them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

#include <string.h>

#define SYSTEM_AREA ((size_t)16 * 2048)
#define ROOM        ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t image[SYSTEM_AREA + ROOM];

	if (size > ROOM)
		return 0;
	memcpy(image + SYSTEM_AREA, data, size);
	return t_fuzz(&iso9660_opener, KIND_ISO9660, image, SYSTEM_AREA + size);
}
