/*
 * result_test.c - what workers say, also lies, becomes a verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/result.h"

#include "tests/t.h"

#include <string.h>

/* A database of our own: signature n has kind n % 4; odd ones are unwanted. */
bool
databases_signature(const struct databases *d, uint32_t database,
    uint32_t signature, struct db_signature *out)
{
	(void)d;
	memset(out, 0, sizeof(*out));
	out->kind = signature % 4;
	out->flags = signature % 2 != 0 ? SIG_PUA : 0;
	return database == 0 && signature < 100;
}

static void
say_object(struct result *r, uint32_t number, uint32_t parent)
{
	struct frame f = { .kind = FRAME_OBJECT };

	f.object.object = number;
	f.object.parent = parent;
	result_take(r, &f);
}

static void
say_bytes(struct result *r, uint32_t kind, uint32_t object, const char *text)
{
	struct frame f = { .kind = kind };

	f.payload.object = object;
	f.payload.size = (uint32_t)strlen(text);
	memcpy(f.payload.bytes, text, strlen(text));
	result_take(r, &f);
}

static void
say_match(struct result *r, uint32_t object, uint32_t signature)
{
	struct frame f = { .kind = FRAME_MATCH };

	f.match.object = object;
	f.match.signature = signature;
	result_take(r, &f);
}

static void
test_nothing_said_is_clean(void **state)
{
	const struct frame end = { .kind = FRAME_END };
	struct result r = { 0 };

	(void)state;
	result_take_end(&r, &end, UNSCANNED_NOTHING);
	result_settle(&r, NULL, false);
	t_eq(r.verdict, VERDICT_CLEAN);
	result_free(&r);
}

static void
test_a_lost_worker_is_unscanned(void **state)
{
	const struct frame end = { .kind = FRAME_END };
	struct result r = { 0 };

	(void)state;
	result_take_end(&r, &end, UNSCANNED_CRASHED);
	result_settle(&r, NULL, false);
	t_eq(r.verdict, VERDICT_UNSCANNED);
	t_eq(r.gap[0].reason, UNSCANNED_CRASHED);
	result_free(&r);
}

static void
test_a_detection_beats_a_lost_worker(void **state)
{
	const struct frame end = { .kind = FRAME_END };
	struct result r = { 0 };

	(void)state;
	say_object(&r, 0, 0);
	say_match(&r, 0, 2);
	result_take_end(&r, &end, UNSCANNED_TIMEOUT);
	result_settle(&r, NULL, false);
	t_eq(r.verdict, VERDICT_INFECTED);
	t_eq(r.gap_count, 1);
	result_free(&r);
}

/* Signature 4 is a hash, 2 a logical one; 1 and 3 are unwanted. */
static void
test_the_first_is_the_worst_then_the_lowest(void **state)
{
	struct result r = { 0 };

	(void)state;
	say_object(&r, 0, 0);
	say_match(&r, 0, 1);
	say_match(&r, 0, 2);
	say_match(&r, 0, 8);
	say_match(&r, 0, 4);
	result_settle(&r, NULL, true);
	t_eq(r.detection_count, 4);
	t_eq(r.detection[0].signature, 4);
	t_eq(r.detection[1].signature, 8);
	t_eq(r.detection[2].signature, 2);
	t_eq(r.detection[3].signature, 1);
	result_clear(&r);
	say_object(&r, 0, 0);
	say_match(&r, 0, 3);
	say_match(&r, 0, 1);
	result_settle(&r, NULL, false);
	t_eq(r.detection_count, 1);
	t_eq(r.detection[0].signature, 1);
	t_eq(r.verdict, VERDICT_SUSPICIOUS);
	result_free(&r);
}

static void
test_hits_of_one_signature_are_one_detection(void **state)
{
	struct result r = { 0 };

	(void)state;
	say_object(&r, 0, 0);
	say_object(&r, 1, 0);
	say_match(&r, 0, 2);
	say_match(&r, 1, 2);
	say_match(&r, 0, 2);
	result_settle(&r, NULL, true);
	t_eq(r.detection_count, 2);
	t_eq(r.detection[0].count, 2);
	t_eq(r.detection[1].count, 1);
	result_free(&r);
}

static void
test_bytes_belong_to_the_match_before(void **state)
{
	struct result r = { 0 };

	(void)state;
	say_bytes(&r, FRAME_BYTES, 0, "stray");
	say_object(&r, 0, 0);
	say_match(&r, 0, 2);
	say_bytes(&r, FRAME_BYTES, 0, "first");
	say_bytes(&r, FRAME_BYTES, 0, "second is not for it");
	t_eq(r.hit[0].bytes_size, 5);
	assert_memory_equal(r.bytes.bytes + r.hit[0].bytes, "first", 5);
	result_free(&r);
}

static void
test_where_is_outermost_first(void **state)
{
	const struct result_object *where[RESULT_DEPTH];
	struct result r = { 0 };
	char room[64] = "";

	(void)state;
	say_object(&r, 0, 0);
	say_object(&r, 2, 0);
	say_bytes(&r, FRAME_NAME, 2, "outer.zip");
	say_object(&r, 7, 2);
	say_bytes(&r, FRAME_NAME, 9, "for nobody");
	t_eq(result_where(&r, 0, where), 0);
	t_eq(result_where(&r, 3, where), 0);
	t_eq(result_where(&r, 7, where), 2);
	t_eq(result_name(&r, where[0], room).size, 9);
	t_eq(where[1]->number, 7);
	assert_string_equal(room, "");
	(void)result_name(&r, where[1], room);
	assert_string_equal(room, "(data)");
	result_free(&r);
}

static void
test_parents_that_lie_end(void **state)
{
	const struct result_object *where[RESULT_DEPTH];
	struct result r = { 0 };
	uint32_t i;

	(void)state;
	say_object(&r, 5, 6);
	say_object(&r, 6, 5);
	say_object(&r, 9, 9);
	say_object(&r, 11, 10);
	t_eq(result_where(&r, 5, where), 1);
	t_eq(result_where(&r, 6, where), 2);
	t_eq(result_where(&r, 9, where), 1);
	t_eq(result_where(&r, 11, where), 1);
	for (i = 100; i < 400; i++)
		say_object(&r, i, i - 1);
	t_eq(result_where(&r, 399, where), RESULT_DEPTH);
	result_free(&r);
}

static void
test_a_flood_is_counted_not_kept(void **state)
{
	struct result r = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < RESULT_OBJECTS + 10; i++)
		say_object(&r, i, 0);
	for (i = 0; i < RESULT_HITS + 10; i++)
		say_match(&r, 0, 200);
	for (i = 0; i < RESULT_GAPS + 10; i++)
		result_add_gap(&r, 0, UNSCANNED_LIMIT);
	t_eq(r.object_count, RESULT_OBJECTS);
	t_eq(r.hit_count, RESULT_HITS);
	t_eq(r.gap_count, RESULT_GAPS);
	t_eq(r.dropped, 30);
	result_settle(&r, NULL, true);
	t_eq(r.detection_count, 1);
	result_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_said_is_clean),
		cmocka_unit_test(test_a_lost_worker_is_unscanned),
		cmocka_unit_test(test_a_detection_beats_a_lost_worker),
		cmocka_unit_test(test_the_first_is_the_worst_then_the_lowest),
		cmocka_unit_test(test_hits_of_one_signature_are_one_detection),
		cmocka_unit_test(test_bytes_belong_to_the_match_before),
		cmocka_unit_test(test_where_is_outermost_first),
		cmocka_unit_test(test_parents_that_lie_end),
		cmocka_unit_test(test_a_flood_is_counted_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
