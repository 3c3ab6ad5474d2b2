/*
 * client_test.c - the client's decision: what is accepted, and what of the
 * releases is refused (T-UPD of docs/trust.md), each byte by itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "tests/trust/t_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_accepted(void **context)
{
	struct t_view v = { 0 };

	(void)context;
	t_eq(state.size, 4);
	t_eq(state.epoch, 1);
	t_eq(state.root_version, 1);
	assert_string_equal(state.feed, T_ORIGIN);
	t_eq(answer.release.serial, 3);
	t_eq(answer.release.file[0].size, 1003);
	t_eq(state.release_time, T_TIME + 3 * 3600);
	/* The same again, then vouched for later. */
	outcome_is(see(&feed, &v), TRUST_UNCHANGED);
	assert_false(answer.is_changed);
	v.time = T_TIME + 80000;
	outcome_is(see(&feed, &v), TRUST_UNCHANGED);
	assert_true(answer.is_changed);
	assert_true(answer.state.quorum_time > state.quorum_time);
	keep();
	/* Older words of the same tree change nothing. */
	v.time = T_TIME + 20000;
	outcome_is(see(&feed, &v), TRUST_UNCHANGED);
	assert_false(answer.is_changed);
	assert_memory_equal(&answer.state, &state, sizeof(state));
	/* A newer one. */
	t_feed_release(&feed);
	v.time = 0;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	t_eq(answer.state.size, 5);
}

/* From every older state, by every ladder: accepted, or said to be behind and
   then accepted with the tiles. */
static void
test_ladders(void **context)
{
	struct trust_input in = { .build_time = T_TIME, .engine = 1 };
	static struct trust_state at[12];
	static char notes[12][TRUST_STATE_MAX];
	uint64_t i, base;
	struct t_view v = { 0 };

	(void)context;
	for (i = 4; i < 12; i++) {
		size_t size;

		outcome_is(see(&feed, &v),
		    i == 4 ? TRUST_UNCHANGED : TRUST_ACCEPTED);
		assert_true(trust_state_write(&answer.state, notes[i],
		    sizeof(notes[i]), &size));
		assert_true(trust_state_read(cur_from(notes[i], size), &at[i],
		    &answer.why));
		t_feed_release(&feed);
	}
	for (i = 4; i < 12; i++)
		for (base = 0; base <= feed.size; base++) {
			state = at[i];
			v.base = base;
			outcome_is(see(&feed, &v),
			    base <= i ? TRUST_ACCEPTED : TRUST_BEHIND);
			if (base <= i)
				continue;
			in.anchor = cur_from(feed.anchor, feed.anchor_size);
			in.roots = cur_from(feed.roots, feed.roots_size);
			in.latest =
			    cur_from(latest, t_feed_latest(&feed, &v, latest));
			in.leaves = cur_from(feed.leaf, feed.size * 32);
			in.now = now;
			trust_client_check(&in, &state, &answer);
			outcome_is(answer.outcome, TRUST_ACCEPTED);
			in.leaves = cur_from(feed.leaf, (feed.size - 1) * 32);
			trust_client_check(&in, &state, &answer);
			outcome_is(answer.outcome, TRUST_BAD);
			in.leaves = cur_from(feed.leaf + 1, feed.size * 32);
			trust_client_check(&in, &state, &answer);
			outcome_is(answer.outcome, TRUST_BAD);
		}
	/* Who begins needs none. */
	memset(&state, 0, sizeof(state));
	v.base = feed.size;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
}

/* One bit of every byte, another in each; with CANDOR_MUTATIONS (make
   check-long) all. */
static size_t
step(size_t bit)
{
	if (getenv("CANDOR_MUTATIONS") != NULL)
		return 1;
	return bit % 8 == 7 ? 1 : 9;
}

static void
flip(char *bytes, size_t bit)
{
	bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
}

/* T-UPD-1: one bit of any byte of note, proof and ladder. */
static void
test_upd_1_latest(void **context)
{
	struct t_view v = { .base = 3, .by = T_SMALL_COSIGNERS };
	size_t size, at;

	(void)context;
	t_feed_release(&feed);
	size = t_feed_latest(&feed, &v, latest);
	outcome_is(ask(&feed, latest, size), TRUST_ACCEPTED);
	for (at = 0; at < size * 8; at += step(at)) {
		memcpy(changed, latest, size);
		flip(changed, at);
		if (ask(&feed, changed, size) != TRUST_BAD)
			fail_msg("bit %zu: %s", at,
			    trust_outcome_name(answer.outcome));
		outcome_is(answer.outcome, TRUST_BAD);
	}
	for (at = 0; at < size; at++)
		outcome_is(ask(&feed, latest, at), TRUST_BAD);
	outcome_is(ask(&feed, latest, size + 1), TRUST_BAD);
}

/* With more cosigners than must: refused, or one was not needed. */
static void
test_upd_1_spare(void **context)
{
	static struct trust_answer good;
	struct t_view v = { 0 };
	size_t size, at;

	(void)context;
	t_feed_release(&feed);
	size = t_feed_latest(&feed, &v, latest);
	outcome_is(ask(&feed, latest, size), TRUST_ACCEPTED);
	good = answer;
	for (at = 0; at < size; at += 7) {
		memcpy(changed, latest, size);
		changed[at] = (char)(changed[at] ^ (1 << at % 8));
		if (ask(&feed, changed, size) != TRUST_ACCEPTED)
			continue;
		assert_memory_equal(&answer.state.root, &good.state.root,
		    MERKLE_HASH);
		assert_memory_equal(answer.release.file, good.release.file,
		    sizeof(good.release.file));
		t_eq(answer.release.serial, good.release.serial);
	}
}

/* The same of the chain of roots, of which there are two. */
static void
test_upd_1_roots(void **context)
{
	static struct t_feed f;
	static struct trust_root next;
	struct t_view v = { .by = T_SMALL_COSIGNERS };
	size_t size, at;

	(void)context;
	next = feed.root;
	next.version = 2;
	t_feed_rotate(&feed, &next, T_SMALL_ROOTS);
	size = t_feed_latest(&feed, &v, latest);
	outcome_is(ask(&feed, latest, size), TRUST_ACCEPTED);
	for (at = 0; at < feed.roots_size * 8; at += step(at)) {
		f.roots_size = feed.roots_size;
		memcpy(f.roots, feed.roots, feed.roots_size);
		flip(f.roots, at);
		if (ask(&f, latest, size) != TRUST_BAD)
			fail_msg("bit %zu: %s", at,
			    trust_outcome_name(answer.outcome));
		outcome_is(answer.outcome, TRUST_BAD);
	}
	for (at = 0; at < feed.roots_size; at += 5) {
		f.roots_size = at;
		if (ask(&f, latest, size) == TRUST_ACCEPTED)
			fail_msg("%zu bytes", at);
		outcome_is(answer.outcome, TRUST_BAD);
	}
}

/* T-UPD-2: not enough signatures, or the same twice, or one that is wrong. */
static void
test_upd_2(void **context)
{
	static struct trust_release r;
	struct text_out to;
	struct t_view v = { 0 };
	struct t_key k;
	struct why why;
	unsigned by;
	size_t size;

	(void)context;
	t_release(feed.size, &r);
	for (by = 0; by < 32; by++)
		outcome_is(release_with(0x7f, by, &r),
		    __builtin_popcount(by) >= 3 ? TRUST_ACCEPTED : TRUST_BAD);
	/* Two, one of them three times, and once as another's. */
	fork = feed;
	assert_true(trust_release_write(&r, text, sizeof(text), &size, &why));
	to = text_to(fork.entry, sizeof(fork.entry));
	text_add_bytes(&to, cur_from(text, size));
	text_add(&to, "\n");
	t_release_key(0, &k);
	t_sign(&to, size, &k);
	t_sign(&to, size, &k);
	t_sign(&to, size, &k);
	t_key("release1", "release.candor.example/other", VKEY_NOTE, &k);
	t_sign(&to, size, &k);
	t_release_key(1, &k);
	t_sign(&to, size, &k);
	fork.entry_size = to.size;
	t_feed_append(&fork, fork.entry, fork.entry_size);
	outcome_is(see(&fork, &v), TRUST_BAD);
	/* Three good ones and one of a known key that is not. */
	fork = feed;
	t_release_key(2, &k);
	t_sign(&to, size, &k);
	t_release_key(3, &k);
	k.seed[0] ^= 1;
	t_sign(&to, size, &k);
	fork.entry_size = to.size;
	t_feed_append(&fork, fork.entry, fork.entry_size);
	outcome_is(see(&fork, &v), TRUST_BAD);
}

/* T-UPD-3: signed, but not in the log. */
static void
test_upd_3(void **context)
{
	struct t_view v = { 0 };

	(void)context;
	fork = feed;
	t_feed_release(&fork);
	t_feed_append(&feed, "something else", 14);
	memcpy(feed.entry, fork.entry, fork.entry_size);
	feed.entry_size = fork.entry_size;
	outcome_is(see(&feed, &v), TRUST_BAD);
}

/* T-UPD-4: in the log, which no quorum has seen; or of which the log says
   nothing.  T-VIEW-3: or of which no mirror has the entries. */
static void
test_upd_4(void **context)
{
	struct t_view v = { 0 };
	uint32_t by;

	(void)context;
	t_feed_release(&feed);
	for (by = 1; by <= T_EVERYONE; by++) {
		bool is_enough =
		    __builtin_popcount(by & 0x7f) >= 5 && (by & 0x180) != 0;

		/* Every number of them, and all about the threshold. */
		if (!is_enough && by % 7 != 0)
			continue;
		v.by = by;
		outcome_is(see(&feed, &v),
		    is_enough ? TRUST_ACCEPTED : TRUST_BAD);
	}
	v.by = 0x7f;
	outcome_is(see(&feed, &v), TRUST_BAD);
	v.by = T_EVERYONE;
	v.is_unsigned = true;
	outcome_is(see(&feed, &v), TRUST_BAD);
}

/* T-UPD-5: in the log, but not the last.  T-ROLL-2 is the same. */
static void
test_upd_5(void **context)
{
	static char proof[16384], ladder[4096];
	struct t_view v = { 0 };
	struct cur part[3];
	struct merkle_tree none = { 0 };
	size_t n;

	(void)context;
	t_feed_release(&feed);
	part[0] = cur_from(feed.entry, feed.entry_size);
	fork = feed;
	t_feed_release(&feed);
	n = t_feed_proof(&feed, &v, feed.size - 2, proof, sizeof(proof));
	part[1] = cur_from(proof, n);
	assert_true(trust_ladder_write(&none, feed.leaf, feed.size, ladder,
	    sizeof(ladder), &n));
	part[2] = cur_from(ladder, n);
	part[0] = cur_from(fork.entry, fork.entry_size);
	n = t_join(part, 3, changed, sizeof(changed));
	outcome_is(ask(&feed, changed, n), TRUST_BAD);
	part[0] = cur_from(feed.entry, feed.entry_size);
	n = t_join(part, 3, changed, sizeof(changed));
	outcome_is(ask(&feed, changed, n), TRUST_BAD);
	n = t_feed_proof(&feed, &v, feed.size - 1, proof, sizeof(proof));
	part[1] = cur_from(proof, n);
	n = t_join(part, 3, changed, sizeof(changed));
	outcome_is(ask(&feed, changed, n), TRUST_ACCEPTED);
}

/* T-UPD-6: of another feed, another log, another place, another root. */
static void
test_upd_6(void **context)
{
	static struct trust_release r;
	struct t_view v = { 0 };

	(void)context;
	t_release(feed.size, &r);
	outcome_is(release_with(0, 7, &r), TRUST_ACCEPTED);
	memcpy(r.feed, "another", 8);
	outcome_is(release_with(0, 7, &r), TRUST_BAD);
	t_release(feed.size + 1, &r);
	outcome_is(release_with(0, 7, &r), TRUST_BAD);
	t_release(feed.size - 1, &r);
	outcome_is(release_with(0, 7, &r), TRUST_BAD);
	t_release(feed.size, &r);
	r.root = 2;
	outcome_is(release_with(0, 7, &r), TRUST_BAD);
	r.root = 1;
	r.engine_min = 2;
	outcome_is(release_with(0, 7, &r), TRUST_ENGINE);
	fork = feed;
	t_key("log", "another.example/log", VKEY_NOTE, &fork.log);
	t_feed_release(&fork);
	outcome_is(see(&fork, &v), TRUST_BAD);
	/* A root is no release. */
	fork = feed;
	memcpy(fork.entry, feed.anchor, feed.anchor_size);
	fork.entry_size = feed.anchor_size;
	t_feed_append(&fork, fork.entry, fork.entry_size);
	outcome_is(see(&fork, &v), TRUST_BAD);
	/* The state is another feed's. */
	memcpy(state.feed, "another", 8);
	assert_int_equal(see(&feed, &v), TRUST_BAD);
}

static void
test_state(void **context)
{
	static struct trust_state s;
	static char again[TRUST_STATE_MAX];
	struct why why;
	size_t size, n, at;

	(void)context;
	assert_true(trust_state_write(&state, changed, sizeof(changed), &size));
	assert_false(trust_state_write(&state, again, size - 1, &n));
	for (at = 0; at < size; at++) {
		assert_false(trust_state_read(cur_from(t_fence(changed, at),
						  at),
				 &s, &why) &&
		    cur_left(&s.checkpoint) == cur_left(&state.checkpoint));
		changed[at] ^= 1;
		if (trust_state_read(cur_from(changed, size), &s, &why)) {
			assert_true(trust_state_write(&s, again, sizeof(again),
			    &n));
			t_eq(n, size);
			assert_memory_equal(again, changed, size);
		}
		changed[at] ^= 1;
	}
	/* The beginning. */
	memset(&s, 0, sizeof(s));
	memcpy(s.feed, "a", 2);
	assert_true(trust_state_write(&s, again, sizeof(again), &n));
	assert_true(trust_state_read(cur_from(again, n), &s, &why));
	t_eq(s.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_accepted, begin),
		cmocka_unit_test_setup(test_ladders, begin),
		cmocka_unit_test_setup(test_upd_1_latest, begin_small),
		cmocka_unit_test_setup(test_upd_1_spare, begin),
		cmocka_unit_test_setup(test_upd_1_roots, begin_small),
		cmocka_unit_test_setup(test_upd_2, begin),
		cmocka_unit_test_setup(test_upd_3, begin),
		cmocka_unit_test_setup(test_upd_4, begin),
		cmocka_unit_test_setup(test_upd_5, begin),
		cmocka_unit_test_setup(test_upd_6, begin),
		cmocka_unit_test_setup(test_state, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
