/*
 * hash_fuzz.c - hash signatures from hostile text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	t_compile("a.hdb", bytes, size);
	return 0;
}
