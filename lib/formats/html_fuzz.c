/*
 * html_fuzz.c - anything, opened by html.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return t_fuzz(&html_opener, KIND_HTML, data, size);
}
