/*
 * text_fuzz.c - anything, opened by text.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return t_fuzz(&text_opener, KIND_TEXT_ASCII, data, size);
}
