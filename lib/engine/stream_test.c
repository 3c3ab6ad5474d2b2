/*
 * stream_test.c - a decoder's output reads like a file, in any order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/level.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

/*
 * A format made for this: two children, the second is the one we read.  Its
 * bytes are a function of their offset, so any of them can be checked.
 */
#define CHILD_SIZE ((uint64_t)3 << 20)
#define ROOM       ((size_t)16 << 20)

static uint64_t given; /* bytes of the child given since open */
static uint32_t asked; /* next() calls since open */
static int opens;
static enum format_end ends;
static uint64_t child_size;

static uint8_t
byte_at(uint64_t off)
{
	return (uint8_t)(off * 2654435761u >> 13);
}

static enum format_end
fake_open(struct opening *in, void **state)
{
	(void)in;
	*state = NULL;
	given = 0;
	asked = 0;
	opens++;
	return FORMAT_WHOLE;
}

static enum format_end
fake_next(void *state, struct child *out)
{
	(void)state;
	memset(out, 0, sizeof(*out));
	out->size = SOURCE_SIZE_UNKNOWN;
	out->obstacle = FORMAT_WHOLE;
	given = 0;
	return ++asked <= 2 ? FORMAT_CHILD : FORMAT_WHOLE;
}

static size_t
fake_read(void *state, void *buf, size_t size, enum format_end *end)
{
	uint8_t *to = buf;
	size_t i;

	(void)state;
	if (size > 5000)
		size = 5000; /* decoders give what they like */
	if (size > child_size - given)
		size = (size_t)(child_size - given);
	for (i = 0; i < size; i++)
		to[i] = byte_at(given + i);
	given += size;
	if (size == 0)
		*end = ends;
	return size;
}

static const struct format fake = { .name = "fake",
	.open = fake_open,
	.next = fake_next,
	.read = fake_read };

static bool
always(void *ctx)
{
	(void)ctx;
	return true;
}

static struct scan scan;
static struct arena arena;
static struct scan_options options;
static struct scan_summary summary;
static const struct reporter reporter = { .may_go_on = always };

/* Open the fake's second child on top of a level that stands for its file. */
static struct level *
second_child(uint64_t size, size_t room)
{
	static uint8_t *memory;
	struct child child;
	struct level *l;
	int i;

	if (memory == NULL)
		memory = malloc(ROOM);
	assert_non_null(memory);
	arena_init(&arena, memory, room);
	memset(&scan, 0, sizeof(scan));
	scan.arena = &arena;
	scan.options = &options;
	scan.out = &reporter;
	scan.summary = &summary;
	scan.decoded_max = UINT64_MAX;
	scan.depth = 2;
	child_size = size;
	opens = 0;
	ends = FORMAT_WHOLE;
	l = &scan.level[0];
	l->format = &fake;
	assert_int_equal(level_open(&scan, l), FORMAT_WHOLE);
	for (i = 0; i < 2; i++) {
		assert_int_equal(l->format->next(l->state, &child),
		    FORMAT_CHILD);
		l->children++;
	}
	stream_init(&scan, &scan.level[1], l);
	level_load(&scan, &scan.level[1]);
	return &scan.level[1];
}

static void
check_bytes(struct level *l, uint64_t off, size_t size, size_t want)
{
	uint8_t *buf = malloc(size);
	size_t i, got;

	assert_non_null(buf);
	got = source_read(&l->source, off, buf, size);
	t_eq(got, want);
	for (i = 0; i < got; i++) {
		if (buf[i] != byte_at(off + i))
			fail_msg("byte %zu of %llu is wrong", i,
			    (unsigned long long)off);
	}
	free(buf);
}

static void
test_small_child_becomes_memory(void **state)
{
	struct level *l = second_child(100000, ROOM);

	(void)state;
	assert_non_null(l->source.mem);
	t_eq(l->source.size, 100000);
	check_bytes(l, 99990, 20, 10);
	t_eq(opens, 1);
}

static void
test_large_child_reads_forward_without_restart(void **state)
{
	struct level *l = second_child(CHILD_SIZE, (size_t)9 << 20);
	uint64_t off;

	(void)state;
	assert_null(l->source.mem);
	for (off = 0; off + 10000 <= CHILD_SIZE; off += 10000)
		check_bytes(l, off, 10000, 10000);
	check_bytes(l, CHILD_SIZE - 5, 10, 5);
	t_eq(l->source.size, CHILD_SIZE);
	t_eq(l->source.state, SOURCE_FINE);
	t_eq(opens, 1);
}

static void
test_reading_back_restarts_and_gives_the_same(void **state)
{
	struct level *l = second_child(CHILD_SIZE, (size_t)9 << 20);

	(void)state;
	check_bytes(l, CHILD_SIZE - 100, 100, 100);
	check_bytes(l, 10, 100, 100); /* still in the head */
	t_eq(opens, 1);
	check_bytes(l, CHILD_SIZE / 2 + 500000, 100, 100);
	t_eq(opens, 2);
	t_eq(asked, 2);
	check_bytes(l, CHILD_SIZE - 100, 200, 100);
}

static void
test_restarts_are_limited(void **state)
{
	struct level *l = second_child(CHILD_SIZE, (size_t)9 << 20);
	int i;
	uint8_t byte;

	(void)state;
	for (i = 0; i < 40; i++) {
		(void)source_read(&l->source, CHILD_SIZE - 1, &byte, 1);
		(void)source_read(&l->source, CHILD_SIZE - 1000000, &byte, 1);
	}
	t_eq(l->source.state, SOURCE_LIMIT);
	assert_true(opens < 12);
}

static void
test_decoder_trouble_is_kept(void **state)
{
	struct level *l = second_child(CHILD_SIZE, (size_t)9 << 20);

	(void)state;
	ends = FORMAT_TRUNCATED;
	check_bytes(l, CHILD_SIZE - 5, 10, 5);
	t_eq(l->source.state, SOURCE_TRUNCATED);
}

static void
test_decoded_bytes_have_a_budget(void **state)
{
	struct level *l = second_child(CHILD_SIZE, (size_t)9 << 20);
	uint8_t byte;

	(void)state;
	scan.decoded_max = scan.decoded + 100000;
	t_eq(source_read(&l->source, CHILD_SIZE - 1, &byte, 1), 0);
	t_eq(l->source.state, SOURCE_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_child_becomes_memory),
		cmocka_unit_test(
		    test_large_child_reads_forward_without_restart),
		cmocka_unit_test(test_reading_back_restarts_and_gives_the_same),
		cmocka_unit_test(test_restarts_are_limited),
		cmocka_unit_test(test_decoder_trouble_is_kept),
		cmocka_unit_test(test_decoded_bytes_have_a_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
