/*
 * lanes_test.c - every implementation this machine can run, held against
 * libcrypto: any number of messages, of any sizes, in one call.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/lanes_set.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 40u
#define ROOM     ((size_t)8192)
#define ROUNDS   400u
#define GUARD    0xa5u

/* Sizes around the borders of blocks, and where the tail gets a second. */
static const size_t border[] = { 0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 121,
	127, 128, 129, 183, 184, 191, 192, 4095, 4096 };

static uint8_t out[JOBS_MAX][DIGEST_SIZE_MAX + 1];

/* Hash in lanes and one by one; the same, and not a byte more written. */
static void
hold(const struct lanes_impl *impl, struct digest_job *job, size_t count)
{
	uint8_t want[DIGEST_SIZE_MAX];
	size_t i, size, at;

	memset(out, GUARD, sizeof(out));
	for (i = 0; i < count; i++)
		job[i].out = out[i];
	digest_many(impl, job, count);
	for (i = 0; i < count; i++) {
		size = digest_size(job[i].kind);
		digest_of(job[i].kind, job[i].bytes, job[i].size, want);
		assert_memory_equal(out[i], want, size);
		for (at = size; at < sizeof(out[i]); at++)
			t_eq(out[i][at], GUARD);
	}
}

static size_t
any_size(void)
{
	switch (t_below(8)) {
	case 0:
		return t_below((uint32_t)ROOM);
	case 1:
		return 0;
	case 2:
		return 64 * t_below(40);
	default:
		return border[t_below(sizeof(border) / sizeof(border[0]))];
	}
}

/* Random lists over the same bytes, which the messages share. */
static void
hold_random(const struct lanes_impl *impl, const uint8_t *bytes)
{
	struct digest_job job[JOBS_MAX];
	uint32_t round, count, i, kinds;

	for (round = 0; round < ROUNDS; round++) {
		count = t_below(JOBS_MAX + 1);
		kinds = 1 + t_below(DIGEST_KINDS);
		for (i = 0; i < count; i++) {
			size_t size = any_size();

			/* From anywhere, or up to the fence. */
			job[i].kind =
			    (enum digest_kind)((round + t_below(kinds)) %
				DIGEST_KINDS);
			job[i].size = size;
			job[i].bytes = t_below(2) == 0
			    ? bytes + ROOM - size
			    : bytes + t_below((uint32_t)(ROOM - size) + 1);
		}
		hold(impl, job, count);
	}
}

static void
for_each_impl(void (*check)(const struct lanes_impl *, const uint8_t *))
{
	static uint8_t bytes[ROOM];
	const uint8_t *fenced;
	size_t i;

	t_seed(20261122);
	for (i = 0; i < ROOM; i++)
		bytes[i] = (uint8_t)t_below(256);
	fenced = t_fence(bytes, ROOM);
	for (i = 0; i < lanes_impl_count; i++) {
		struct lanes_impl impl = lanes_impls[i];
		unsigned kind;

		if (!impl.runs()) {
			printf("lanes: no %s here\n", impl.name);
			continue;
		}
		check(&impl, fenced);
		/* And as if lanes were always faster. */
		for (kind = 0; kind < DIGEST_KINDS; kind++)
			if (impl.take[kind] != NULL)
				impl.fill[kind] = 1;
		check(&impl, fenced);
	}
}

static void
test_random_lists_have_the_digests_they_always_had(void **state)
{
	(void)state;
	for_each_impl(hold_random);
}

/* A long message among short ones goes on alone when they have ended. */
static void
hold_long(const struct lanes_impl *impl, const uint8_t *bytes)
{
	struct digest_job job[JOBS_MAX];
	uint32_t count, at, i;
	unsigned kind;

	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		for (count = 1; count < JOBS_MAX; count++) {
			at = t_below(count);
			for (i = 0; i < count; i++)
				job[i] = (struct digest_job){
					.kind = (enum digest_kind)kind,
					.bytes = bytes + i,
					.size = i == at ? ROOM - 64 + i % 25
							: 64 + i,
				};
			hold(impl, job, count);
		}
	}
}

static void
test_a_long_message_among_short_ones_is_ended(void **state)
{
	(void)state;
	for_each_impl(hold_long);
}

static void
test_no_bytes_need_no_pointer(void **state)
{
	struct digest_job job[DIGEST_KINDS * 16];
	size_t i, n;

	(void)state;
	for (n = 0; n < lanes_impl_count; n++) {
		if (!lanes_impls[n].runs())
			continue;
		for (i = 0; i < JOBS_MAX; i++)
			job[i] = (struct digest_job){
				.kind = (enum digest_kind)(i % DIGEST_KINDS)
			};
		hold(&lanes_impls[n], job, JOBS_MAX);
		hold(NULL, job, JOBS_MAX);
		hold(&lanes_impls[n], job, 0);
	}
}

/* A kernel that counts wrong: what a broken processor would be. */
static void
take_wrong(struct lanes_state *state, const uint8_t *const *at, size_t blocks)
{
	lanes_impls[lanes_impl_count - 1].take[DIGEST_MD5](state, at, blocks);
	state->word[3][2] ^= 1;
}

static void
test_wrong_instructions_are_noticed(void **state)
{
	struct lanes_impl wrong = lanes_impls[lanes_impl_count - 1];
	const struct lanes_impl *chosen;
	const char *refused = "";
	size_t i;

	(void)state;
	for (i = 0; i < lanes_impl_count; i++)
		if (lanes_impls[i].runs())
			assert_true(lanes_agree(&lanes_impls[i]));
	wrong.take[DIGEST_MD5] = take_wrong;
	assert_false(lanes_agree(&wrong));
	chosen = lanes_choose(&refused);
	assert_null(refused);
	assert_non_null(chosen);
	printf("lanes: %s\n", chosen->name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_random_lists_have_the_digests_they_always_had),
		cmocka_unit_test(test_a_long_message_among_short_ones_is_ended),
		cmocka_unit_test(test_no_bytes_need_no_pointer),
		cmocka_unit_test(test_wrong_instructions_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
