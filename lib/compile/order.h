/*
 * order.h - put a great many things in order.
 *
 * What is sorted is a key and a number for each thing; things whose keys are
 * the same are compared by their numbers with the caller's function.  The
 * more of its order a thing's key says, the less is left to that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_ORDER_H
#define CANDOR_COMPILE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order {
	uint64_t key;
	uint32_t number;
};

/* Does thing a come after thing b?  Not if they are the same. */
typedef bool order_fn(const void *ctx, uint32_t a, uint32_t b);

/*
 * Sort by rising keys, then by is_after; what is the same by both (is_after
 * may be NULL) stays as it was.  False: no memory.  Whatever the keys are,
 * this takes n log n steps.
 */
bool order_sort(struct order *order, size_t count, order_fn *is_after,
    const void *ctx);

#endif
