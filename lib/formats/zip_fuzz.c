/*
 * zip_fuzz.c - seeds: tests/corpus/zip, tokens: zip.dict
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return t_fuzz(&zip_opener, KIND_ZIP, data, size);
}
