/*
 * mspack_fuzz.c - the openers over libmspack.  Seeds: tests/corpus/archive,
 * and clam.chm of clamav-testfiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_format.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum kind kind = KIND_CAB;

	if (size >= 4 && memcmp(data, "ITSF", 4) == 0)
		kind = KIND_CHM;
	else if (size >= 4 && memcmp(data, "KWAJ", 4) == 0)
		kind = KIND_KWAJ;
	return t_fuzz(format_of(kind), kind, data, size);
}
