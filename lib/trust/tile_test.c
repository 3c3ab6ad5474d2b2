/*
 * tile_test.c - paths of tiles, and which tiles a log of some size has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "lib/trust/tile.h"

#include <stdlib.h>
#include <string.h>

static void
path_is(int level, uint64_t number, unsigned width, const char *want)
{
	char path[TILE_PATH_MAX];

	tile_path(level, number, width, path);
	assert_string_equal(path, want);
}

static void
test_paths(void **state)
{
	(void)state;
	path_is(0, 0, 256, "tile/0/000");
	path_is(-1, 255, 256, "tile/entries/255");
	path_is(3, 999, 256, "tile/3/999");
	path_is(0, 1000, 256, "tile/0/x001/000");
	path_is(-1, 1234067, 7, "tile/entries/x001/x234/067.p/7");
	path_is(63, 123456789, 255, "tile/63/x123/x456/789.p/255");
	path_is(0, UINT64_MAX, 1,
	    "tile/0/x018/x446/x744/x073/x709/x551/615.p/1");
}

struct count {
	unsigned full[TILE_LEVELS], partial[TILE_LEVELS];
};

static bool
hear(void *ctx, unsigned level, const struct tile_level *t)
{
	struct count *c = ctx;

	if (t->width == TILE_WIDTH)
		c->full[level]++;
	else
		c->partial[level] = t->width;
	return true;
}

/* The example of the design: 70,000 entries. */
static void
test_shape(void **state)
{
	struct tiles *t = calloc(1, sizeof(*t));
	struct count c = { .full = { 0 } };
	struct merkle_hash leaf = { .bytes = { 1 } };
	unsigned i;

	(void)state;
	assert_non_null(t);
	t->hear = hear;
	t->ctx = &c;
	for (i = 0; i < 70000; i++)
		assert_true(tiles_add(t, &leaf));
	assert_true(tiles_end(t));
	t_eq(c.full[0], 273);
	t_eq(c.partial[0], 112);
	t_eq(c.full[1], 1);
	t_eq(c.partial[1], 17);
	t_eq(c.full[2], 0);
	t_eq(c.partial[2], 1);
	t_eq(t->tree.size, 70000);
	free(t);
}

static void
test_entries(void **state)
{
	static const uint8_t bundle[] = { 0, 2, 'a', 'b', 0, 0, 0, 1, 'c' };
	struct cur c =
	    cur_from(t_fence(bundle, sizeof(bundle)), sizeof(bundle));
	struct cur entry;

	(void)state;
	assert_true(tile_entry(&c, &entry) && cur_is(&entry, "ab"));
	assert_true(tile_entry(&c, &entry) && cur_is(&entry, ""));
	assert_true(tile_entry(&c, &entry) && cur_is(&entry, "c"));
	assert_false(tile_entry(&c, &entry));
	c = cur_from(t_fence(bundle, 3), 3);
	assert_false(tile_entry(&c, &entry));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
