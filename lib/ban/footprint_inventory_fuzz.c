/*
 * footprint_inventory_fuzz.c - any list of what is installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_inventory.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
see(void *self, const struct inventory_thing *thing)
{
	size_t *n = self;
	volatile uint8_t sum = 0;
	size_t i;

	if (thing->value.size == 0 || thing->type >= FOOTPRINT_TYPES)
		abort();
	for (i = 0; i < thing->value.size; i++)
		sum = (uint8_t)(sum + thing->value.base[i]);
	for (i = 0; i < thing->detail.size; i++)
		sum = (uint8_t)(sum + thing->detail.base[i]);
	return ++*n % 3 == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { 0 };
	uint64_t count = 0;
	size_t n = 0;

	if (!inventory_read(cur_from(data, size), see, &n, &count, &why) &&
	    why.kind == WHY_NOTHING)
		abort();
	return 0;
}
