/*
 * import_fuzz.c - any clamd.conf: whatever is taken over, candord reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/import.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(void *ctx, const struct import_line *l, enum config_key key,
    const char *text, const char *note)
{
	size_t *count = ctx;

	if (l->number == 0 || key >= KEY_COUNT ||
	    strlen(text) > IMPORT_VALUE_MAX + 64 || (note && note[0] == '\0'))
		abort();
	(*count)++;
}

static void
leave(void *ctx, const struct import_line *l, const char *why)
{
	size_t *count = ctx;

	if (l->number == 0 || why[0] == '\0')
		abort();
	(*count)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = 0;
	const struct import_listener to = { &count, take, leave };

	import_clamd(cur_from(data, size), &to);
	return 0;
}
