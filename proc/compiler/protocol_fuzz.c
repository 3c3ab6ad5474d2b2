/*
 * protocol_fuzz.c - messages from a compiler somebody took over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct protocol_message m;
	static uint8_t again[PROTOCOL_SIZE];

	if (!protocol_get(cur_from(bytes, size), &m))
		return 0;
	if (strlen(m.word) >= sizeof(m.word) ||
	    strlen(m.name) >= sizeof(m.name) ||
	    strlen(m.text) >= sizeof(m.text))
		abort();
	protocol_put(&m, again);
	if (memcmp(again, bytes, size) != 0)
		abort();
	return 0;
}
