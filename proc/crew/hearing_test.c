/*
 * hearing_test.c - claims about hearing.c.  What a lying worker does to a
 * whole crew is in candor-selftest frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/hearing.h"

#include "lib/engine/engine.h"
#include "tests/t.h"

#include <string.h>

static const struct hearing_bounds bounds = { 2, { 10, 1 }, false };
static const struct hearing_bounds talkative = { 2, { 10, 1 }, true };

static bool
object(struct hearing *h, uint32_t number, uint32_t parent)
{
	struct frame f = { .kind = FRAME_OBJECT };

	f.object.object = number;
	f.object.parent = parent;
	return hearing_check(h, &bounds, &f);
}

static bool
match(struct hearing *h, uint32_t number, uint32_t database, uint32_t signature)
{
	struct frame f = { .kind = FRAME_MATCH };

	f.match.object = number;
	f.match.database = database;
	f.match.signature = signature;
	return hearing_check(h, &bounds, &f);
}

static bool
payload(struct hearing *h, const struct hearing_bounds *b, uint32_t kind,
    uint32_t number)
{
	struct frame f = { .kind = kind };

	f.payload.object = number;
	f.payload.size = 1;
	return hearing_check(h, b, &f);
}

static bool
end(struct hearing *h, uint32_t matches, uint32_t gaps)
{
	struct frame f = { .kind = FRAME_END };

	f.end.matches = matches;
	f.end.gaps = gaps;
	return hearing_check(h, &bounds, &f);
}

static void
test_objects_are_told_once_and_after_their_parents(void **state)
{
	struct hearing h = { 0 };

	(void)state;
	hearing_begin(&h);
	assert_false(object(&h, 1, 0));
	assert_true(object(&h, 0, 0));
	assert_false(object(&h, 0, 0));
	assert_false(object(&h, 9, 8));
	assert_true(object(&h, 8, 0));
	assert_true(object(&h, 9, 8));
	assert_true(object(&h, FRAME_OBJECTS_MAX - 1, 9));
	assert_true(hearing_has(&h, FRAME_OBJECTS_MAX - 1));
	assert_false(hearing_has(&h, 7));

	/* Out of order is allowed; what was told stays told. */
	assert_true(object(&h, 5, 0));
	hearing_begin(&h);
	assert_false(hearing_has(&h, 0));
	assert_false(hearing_has(&h, FRAME_OBJECTS_MAX - 1));
	assert_true(object(&h, 0, 0));
	assert_false(object(&h, 6, 5));
	hearing_close(&h);
}

static void
test_matches_are_in_range(void **state)
{
	struct hearing h = { 0 };

	(void)state;
	hearing_begin(&h);
	assert_false(match(&h, 0, 0, 0));
	assert_true(object(&h, 0, 0));
	assert_true(match(&h, 0, 0, 9));
	assert_false(match(&h, 0, 0, 10));
	assert_true(match(&h, 0, 1, 0));
	assert_false(match(&h, 0, 1, 1));
	assert_false(match(&h, 0, 2, 0));
	assert_false(match(&h, 1, 0, 0));
	hearing_close(&h);
}

static void
test_bytes_come_only_if_asked_for_and_in_their_place(void **state)
{
	struct hearing h = { 0 };

	(void)state;
	hearing_begin(&h);
	assert_true(object(&h, 0, 0));
	assert_false(payload(&h, &bounds, FRAME_NAME, 0));
	hearing_begin(&h);
	assert_true(object(&h, 0, 0));
	assert_false(payload(&h, &talkative, FRAME_BYTES, 0));
	assert_true(payload(&h, &talkative, FRAME_NAME, 0));
	assert_false(payload(&h, &talkative, FRAME_NAME, 0));
	assert_true(object(&h, 3, 0));
	assert_false(payload(&h, &talkative, FRAME_NAME, 0));
	assert_true(match(&h, 3, 0, 0));
	assert_true(payload(&h, &talkative, FRAME_BYTES, 3));
	assert_true(match(&h, 3, 0, 0));
	assert_false(payload(&h, &talkative, FRAME_NAME, 3));
	hearing_close(&h);
}

static void
test_the_end_counts_what_was_said(void **state)
{
	struct frame gap = { .kind = FRAME_UNSCANNED };
	struct hearing h = { 0 };

	(void)state;
	hearing_begin(&h);
	assert_true(end(&h, 0, 0));
	assert_false(end(&h, 1, 0));
	assert_true(object(&h, 0, 0));
	assert_true(match(&h, 0, 0, 0));
	gap.unscanned.reason = UNSCANNED_ENCRYPTED;
	assert_true(hearing_check(&h, &bounds, &gap));
	assert_false(h.has_changed);
	gap.unscanned.reason = UNSCANNED_CHANGED;
	assert_true(hearing_check(&h, &bounds, &gap));
	assert_true(h.has_changed);
	assert_false(end(&h, 1, 1));
	assert_false(end(&h, 0, 2));
	assert_true(end(&h, 1, 2));
	hearing_close(&h);
}

static void
test_a_flood_ends(void **state)
{
	struct hearing h = { 0 };
	uint32_t i;

	(void)state;
	hearing_begin(&h);
	assert_true(object(&h, 0, 0));
	for (i = 0; i < FRAME_FLOOD; i++)
		if (!match(&h, 0, 0, 0))
			break;
	t_eq(i, FRAME_FLOOD);
	assert_false(match(&h, 0, 0, 0));
	assert_false(end(&h, FRAME_FLOOD, 0));
	hearing_close(&h);
}

static void
test_nothing_an_owner_says_is_believed(void **state)
{
	static const uint32_t kinds[] = { 0, FRAME_CONFIG, FRAME_PASSWORD,
		FRAME_SCAN, FRAME_READY, 99 };
	struct hearing h = { 0 };
	struct frame f = { 0 };
	size_t i;

	(void)state;
	hearing_begin(&h);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		f.kind = kinds[i];
		assert_false(hearing_check(&h, &talkative, &f));
	}
	hearing_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_objects_are_told_once_and_after_their_parents),
		cmocka_unit_test(test_matches_are_in_range),
		cmocka_unit_test(
		    test_bytes_come_only_if_asked_for_and_in_their_place),
		cmocka_unit_test(test_the_end_counts_what_was_said),
		cmocka_unit_test(test_a_flood_ends),
		cmocka_unit_test(test_nothing_an_owner_says_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
