/*
 * ndb_fuzz.c - body signatures from hostile text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	t_compile("a.ndb", bytes, size);
	return 0;
}
