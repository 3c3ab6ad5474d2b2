/*
 * order_test.c - sorting against qsort, whatever the keys are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/order.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

#define MOST 20000u

/* What a thing has besides its key, by its number. */
static uint32_t more[MOST];

static bool
is_after(const void *ctx, uint32_t a, uint32_t b)
{
	(void)ctx;
	return more[a] > more[b];
}

/* By key, by what there is more (if asked), by number: they were in order. */
static int
by_all(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (more[x->number] != more[y->number])
		return more[x->number] < more[y->number] ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

enum shape {
	RANDOM,
	FEW_KEYS,
	ONE_KEY,
	RISING,
	FALLING,
	HALVES, /* each key half of the last: a round parts one from all */
	LOW_BITS,
	SHAPES
};

static uint64_t
key_of(enum shape shape, uint32_t i)
{
	uint64_t random =
	    (uint64_t)t_below(UINT32_MAX) << 32 | t_below(UINT32_MAX);

	switch (shape) {
	case FEW_KEYS:
		return random % 5 * 0x4000000000000001u;
	case ONE_KEY:
		return 7;
	case RISING:
		return (uint64_t)i << 40;
	case FALLING:
		return ~((uint64_t)i << 20);
	case HALVES:
		return UINT64_MAX >> i % 65 % 64;
	case LOW_BITS:
		return random & 0xff;
	case RANDOM:
	case SHAPES:
		break;
	}
	return random;
}

static void
check(enum shape shape, uint32_t count, bool has_more)
{
	static struct order got[MOST], want[MOST];
	uint32_t i;

	for (i = 0; i < count; i++) {
		got[i] = (struct order){ key_of(shape, i), i };
		more[i] = has_more ? t_below(3) : 0;
	}
	memcpy(want, got, sizeof(want));
	qsort(want, count, sizeof(*want), by_all);
	assert_true(order_sort(got, count, has_more ? is_after : NULL, NULL));
	for (i = 0; i < count; i++)
		if (got[i].key != want[i].key ||
		    got[i].number != want[i].number)
			fail_msg("shape %d, %u things: place %u", (int)shape,
			    count, i);
}

static void
test_as_qsort(void **state)
{
	static const uint32_t counts[] = { 0, 1, 2, 3, 23, 24, 25, 26, 100,
		1000, MOST };
	enum shape shape;
	size_t i;

	(void)state;
	t_seed(8);
	for (shape = RANDOM; shape < SHAPES; shape++)
		for (i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			check(shape, counts[i], false);
			check(shape, counts[i], true);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_qsort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
