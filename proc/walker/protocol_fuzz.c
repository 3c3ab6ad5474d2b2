/*
 * protocol_fuzz.c - any record: refused, or one walker_put() would write.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/walker/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[WALKER_RECORD];
	struct walker_message m;

	if (!walker_get(cur_from(data, size), &m))
		return 0;
	if (walker_put(&m, again) != size || memcmp(data, again, size) != 0)
		abort();
	return 0;
}
