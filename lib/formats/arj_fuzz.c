/*
 * arj_fuzz.c - seeds: tests/corpus/arj
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return t_fuzz(&arj_opener, KIND_ARJ, data, size);
}
