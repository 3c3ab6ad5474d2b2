/*
 * footprint_log_fuzz.c - any line of a log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_log.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur line = cur_from(data, size), name;

	while (log_next_name(&line, &name))
		if (name.size < 3 || name.base < data ||
		    name.base + name.size > data + size ||
		    memchr(name.base, '.', name.size) == NULL)
			abort();
	(void)log_is_entry(cur_from(data, size));
	return 0;
}
