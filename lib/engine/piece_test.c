/*
 * piece_test.c - pieces of an object have the digests they would have alone,
 * wherever its bytes are, and none is read twice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/engine/piece.h"

#include "lib/engine/level.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

#define SIZE   (((size_t)5 << 20) + 12345)
#define PIECES 90u
#define ROUNDS 3u
#define ARENA  ((size_t)3 << 20)

/* An object that is read forward only, and can end early. */
struct object {
	const uint8_t *bytes;
	size_t end; /* bytes it really has */
	uint64_t furthest;
	uint64_t total; /* bytes read */
};

static struct engine engine;
static struct scan scan;
static struct scan_summary summary;
static struct piece piece[PIECES];
static uint8_t *bytes, *memory;
static uint32_t questions; /* left until the answer is no */

static size_t
object_read(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct object *o = s->ctx;

	assert_true(off >= o->furthest);
	if (off >= o->end)
		return 0;
	if (size > o->end - off)
		size = o->end - (size_t)off;
	memcpy(buf, o->bytes + off, size);
	o->furthest = off + size;
	o->total += size;
	return size;
}

static void
on_object(void *ctx, const struct report_object *o)
{
	(void)ctx;
	(void)o;
}

static void
on_unscanned(void *ctx, uint32_t object, enum unscanned why)
{
	(void)ctx;
	(void)object;
	t_eq(why, UNSCANNED_TIMEOUT);
}

static bool
on_ask(void *ctx)
{
	(void)ctx;
	if (questions > 0)
		questions--;
	return questions > 0;
}

static const struct reporter reporter = { .object = on_object,
	.unscanned = on_unscanned,
	.may_go_on = on_ask };

/* A scan as engine_scan() begins it, with so much memory. */
static void
scan_begin(struct arena *a, size_t size)
{
	static const struct scan_options options;
	const char *refused;

	arena_init(a, memory, size);
	engine.lanes = lanes_choose(&refused);
	scan.engine = &engine;
	scan.arena = a;
	scan.options = &options;
	scan.out = &reporter;
	scan.summary = &summary;
	scan.over = scan.late = false;
	questions = UINT32_MAX;
}

/* Pieces of all sizes, some empty, in any order, over each other. */
static void
make_pieces(bool in_memory)
{
	uint32_t i;

	for (i = 0; i < PIECES; i++) {
		uint64_t size =
		    t_below(3) == 0 ? t_below(SIZE / 2) : t_below(9000);
		uint64_t off = t_below((uint32_t)(SIZE - size) + 1);

		piece[i] = (struct piece){ .wanted = t_below(8),
			.off = off,
			.size = size,
			.mem = in_memory || size == 0 ? bytes + off : NULL };
	}
	piece[0].off = 0;
	piece[0].size = SIZE;
	piece[0].wanted = 7;
	piece[0].mem = in_memory ? bytes : NULL;
}

/* What is known is right; how many pieces have all that is wanted. */
static uint32_t
hold(void)
{
	uint8_t want[DIGEST_SIZE_MAX];
	uint32_t i, whole = 0;
	unsigned kind;

	for (i = 0; i < PIECES; i++) {
		const struct piece *p = &piece[i];

		t_eq(p->digests.known & ~p->wanted, 0);
		whole += p->digests.known == p->wanted;
		for (kind = 0; kind < DIGEST_KINDS; kind++) {
			if ((p->digests.known >> kind & 1) == 0)
				continue;
			digest_of((enum digest_kind)kind, bytes + p->off,
			    (size_t)p->size, want);
			assert_memory_equal(p->digests.digest[kind], want,
			    digest_size((enum digest_kind)kind));
		}
	}
	return whole;
}

static void
test_pieces_in_memory(void **state)
{
	struct source none = source_from(NULL, 0);
	struct arena a;

	(void)state;
	scan_begin(&a, ARENA);
	make_pieces(true);
	assert_true(pieces_take(&scan, &none, piece, PIECES));
	t_eq(hold(), PIECES);
	/* What is known is not taken again. */
	memset(piece[0].digests.digest, 0, sizeof(piece[0].digests.digest));
	assert_true(pieces_take(&scan, &none, piece, 1));
	t_eq(piece[0].digests.digest[0][0], 0);
}

static void
test_pieces_are_read_once_front_to_back(void **state)
{
	/* Room for a large window, for a small one, for none. */
	static const size_t rooms[] = { ARENA, (size_t)300 << 10, 30000 };
	struct arena a;
	uint32_t i, round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 3; i++) {
			struct object o = { .bytes = bytes, .end = SIZE };
			struct source from = {
				.size = SIZE, .read = object_read, .ctx = &o
			};

			scan_begin(&a, rooms[i]);
			make_pieces(false);
			t_eq(pieces_take(&scan, &from, piece, PIECES), i < 2);
			t_eq(a.used, 0);
			if (i < 2) {
				t_eq(hold(), PIECES);
				t_eq(o.total, SIZE);
			}
		}
	}
}

/* Only what some piece has of it is read. */
static void
test_gaps_between_pieces_are_not_read(void **state)
{
	struct object o = { .bytes = bytes, .end = SIZE };
	struct source from = { .size = SIZE, .read = object_read, .ctx = &o };
	struct arena a;

	(void)state;
	scan_begin(&a, (size_t)300 << 10);
	piece[0] = (struct piece){ .wanted = 1, .off = SIZE - 10, .size = 10 };
	piece[1] = (struct piece){ .wanted = 2, .off = 100, .size = 50 };
	assert_true(pieces_take(&scan, &from, piece, 2));
	t_eq(piece[0].digests.known, 1);
	t_eq(piece[1].digests.known, 2);
	assert_true(o.total < (size_t)200 << 10);
}

static void
test_what_ends_early_is_not_known(void **state)
{
	struct arena a;
	uint32_t i, whole, last = PIECES + 1;

	(void)state;
	for (i = 0; i < 6; i++) {
		struct object o = { .bytes = bytes, .end = SIZE };
		struct source from = {
			.size = SIZE, .read = object_read, .ctx = &o
		};

		scan_begin(&a, ARENA);
		t_seed(7);
		make_pieces(false);
		if (i < 3)
			o.end = SIZE - 1 - i * (SIZE / 3);
		else
			questions = 6 - i; /* and out of time */
		assert_true(pieces_take(&scan, &from, piece, PIECES));
		whole = hold();
		assert_true(whole < (i == 3 ? PIECES : last));
		assert_false(piece[0].digests.known != 0);
		last = whole;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_in_memory),
		cmocka_unit_test(test_pieces_are_read_once_front_to_back),
		cmocka_unit_test(test_gaps_between_pieces_are_not_read),
		cmocka_unit_test(test_what_ends_early_is_not_known),
	};
	size_t i;
	int failed;

	bytes = malloc(SIZE);
	memory = malloc(ARENA);
	if (bytes == NULL || memory == NULL)
		return 1;
	t_seed(3);
	for (i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)t_below(256);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(bytes);
	free(memory);
	return failed;
}
