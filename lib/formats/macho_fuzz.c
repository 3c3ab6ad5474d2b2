/*
 * macho_fuzz.c - anything, opened by macho.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)t_fuzz(&macho_fat_opener, KIND_MACHO_FAT, data, size);
	return t_fuzz(&macho_opener, KIND_MACHO, data, size);
}
