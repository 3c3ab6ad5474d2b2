/*
 * opener_protocol_fuzz.c - whatever an opener says is a message or refused,
 * and its names end inside of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/protocol.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[OPENER_RECORD];
	struct opener_message m;
	const char *name;
	uint8_t type;

	if (!opener_get(cur_from(data, size), &m))
		return 0;
	if (opener_put(&m, again) != size || memcmp(again, data, size) != 0)
		__builtin_trap();
	while (opener_get_name(&m.payload, &type, &name))
		if (strchr(name, '/') != NULL)
			__builtin_trap();
	return 0;
}
