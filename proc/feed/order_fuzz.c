/*
 * order_fuzz.c - libFuzzer target: orders, from whoever sends them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/order.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct order o;
	static uint8_t again[ORDER_SIZE];

	if (!order_get(cur_from(bytes, size), &o))
		return 0;
	order_put(&o, again);
	if (memcmp(again, bytes, ORDER_SIZE) != 0)
		abort();
	return 0;
}
