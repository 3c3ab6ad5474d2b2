/*
 * client_root_test.c - the client's decision about time, and about roots
 * (T-FRESH, T-ROLL and T-SIG of docs/trust.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "tests/trust/t_client.h"

#include <stdio.h>
#include <string.h>

/* T-FRESH-3: as many liars as are tolerated move nothing. */
static void
test_fresh_3(void **context)
{
	struct t_view v = { 0 };
	uint64_t honest;

	(void)context;
	t_feed_release(&feed);
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	honest = answer.state.quorum_time;
	v.late = UINT64_C(10) * 365 * 86400;
	for (v.late_by = 1; v.late_by <= T_EVERYONE; v.late_by++) {
		if (__builtin_popcount(v.late_by & 0x7f) > 2 ||
		    (v.late_by & 0x180) == 0x180)
			continue;
		outcome_is(see(&feed, &v), TRUST_ACCEPTED);
		assert_true(answer.state.quorum_time < honest + 60);
	}
}

/* T-FRESH-4: whatever this clock says, newer is taken and older is not. */
static void
test_fresh_4(void **context)
{
	static const int64_t years[] = { -5, 5, 0 };
	struct t_view newer = { 0 }, older = { .size = 3 };
	static struct trust_root next;
	size_t i;

	(void)context;
	next = feed.root;
	next.version = 2;
	next.expires = T_TIME + UINT64_C(10) * 365 * 86400;
	t_feed_rotate(&feed, &next, 0x4b);
	for (i = 0; i < 3; i++) {
		now = (uint64_t)((int64_t)T_TIME + 86400 +
		    years[i] * 365 * 86400);
		outcome_is(see(&feed, &newer), TRUST_ACCEPTED);
		t_eq(trust_status(&answer.state, now, T_TIME),
		    years[i] < 0       ? TRUST_CLOCK_SUSPECT
			: years[i] > 0 ? TRUST_VIEW_STALE
				       : TRUST_CURRENT);
		outcome_is(see(&feed, &older), TRUST_ROLLBACK);
	}
}

/* T-FRESH-6: an expired root blocks updates, by this clock or, if that is
   behind, by the witnesses'. */
static void
test_fresh_6(void **context)
{
	struct t_view v = { 0 };

	(void)context;
	t_feed_release(&feed);
	now = feed.root.expires - 1;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	now = feed.root.expires;
	outcome_is(see(&feed, &v), TRUST_EXPIRED);
	now = T_TIME - 86400;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	v.time = feed.root.expires;
	outcome_is(see(&feed, &v), TRUST_EXPIRED);
}

/* The words for how fresh. */
static void
test_status(void **context)
{
	struct trust_state s = { .quorum_time = T_TIME,
		.release_time = T_TIME };
	static const struct {
		int64_t now;
		enum trust_status want;
		bool alarm;
	} row[] = {
		{ 0, TRUST_CURRENT, false },
		{ 26 * 3600, TRUST_CURRENT, false },
		{ 26 * 3600 + 1, TRUST_VIEW_STALE, false },
		{ 72 * 3600 + 1, TRUST_VIEW_STALE, true },
		{ -3600, TRUST_CLOCK_SUSPECT, false },
		{ INT32_MAX, TRUST_VIEW_STALE, true },
	};
	size_t i;

	(void)context;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t t = (uint64_t)((int64_t)T_TIME + row[i].now);

		t_eq(trust_status(&s, t, T_TIME), row[i].want);
		t_eq(trust_is_alarming(&s, t, T_TIME), row[i].alarm);
	}
	t_eq(trust_status(&s, T_TIME - 3600, 0), TRUST_CURRENT);
	t_eq(trust_status(&s, T_TIME - 3601, 0), TRUST_CLOCK_SUSPECT);
	s.release_time -= TRUST_RELEASE_FRESH;
	t_eq(trust_status(&s, T_TIME, 0), TRUST_CURRENT);
	t_eq(trust_status(&s, T_TIME + 1, 0), TRUST_FEED_QUIET);
	memset(&s, 0, sizeof(s));
	t_eq(trust_status(&s, T_TIME, T_TIME), TRUST_VIEW_STALE);
	assert_string_equal(trust_status_name(TRUST_FEED_QUIET), "FEED-QUIET");
}

/* A release that calls itself later than the witnesses do is not believed. */
static void
test_release_from_the_future(void **context)
{
	static struct trust_release r;

	(void)context;
	t_release(feed.size, &r);
	r.time += 1000000;
	r.expires += 1000000;
	outcome_is(release_with(0, 7, &r), TRUST_ACCEPTED);
	t_eq(answer.state.release_time, answer.state.quorum_time);
}

/* T-ROLL-1: an older checkpoint.  T-ROLL-2: an older release in a newer
   tree. */
static void
test_roll_1_2(void **context)
{
	struct t_view v = { 0 };
	uint64_t size;

	(void)context;
	for (size = 2; size < 4; size++) {
		v.size = size;
		outcome_is(see(&feed, &v), TRUST_ROLLBACK);
	}
	fork = feed;
	t_feed_release(&feed);
	memcpy(feed.entry, fork.entry, fork.entry_size);
	feed.entry_size = fork.entry_size;
	v.size = 0;
	outcome_is(see(&feed, &v), TRUST_BAD);
	/* Even if the log has it a second time. */
	t_feed_append(&fork, fork.entry, fork.entry_size);
	outcome_is(see(&fork, &v), TRUST_BAD);
}

/* T-ROLL-4: whoever has the release keys appends what he likes; the roots
   take them from him, and all recover. */
static void
test_roll_4(void **context)
{
	static struct trust_root next;
	static struct trust_release r;
	struct t_view v = { 0 };
	unsigned i;

	(void)context;
	for (i = 0; i < 1000; i++)
		t_feed_append(&feed, &i, sizeof(i));
	t_feed_release(&feed);
	v.base = feed.size - 900;
	outcome_is(see(&feed, &v), TRUST_BEHIND);
	memset(&state, 0, sizeof(state)); /* another client, that begins */
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	keep();
	next = feed.root;
	next.version = 2;
	next.release.count = 0;
	for (i = 0; i < 5; i++) {
		struct t_key k;

		/* The five keys after the first. */
		t_root_key(i + 10, &k);
		next.release.key[next.release.count++] = k.key;
	}
	t_feed_rotate(&feed, &next, 0x4b);
	/* The release after it is still signed by the old keys: refused. */
	v.base = 500;
	outcome_is(see(&feed, &v), TRUST_BAD);
	t_eq(answer.state.root_version, 2);
	assert_true(answer.is_changed);
	keep();
	/* And the new ones' is taken. */
	t_release(feed.size, &r);
	r.root = 2;
	append_release(0x7c00, 0, &r);
	outcome_is(see(&fork, &v), TRUST_ACCEPTED);
}

/* T-SIG-1: root 1, 2, 3, each with other keys, signed by both. */
static void
test_sig_1(void **context)
{
	static struct trust_root next;
	struct t_view v = { 0 };
	struct t_key k;

	(void)context;
	next = feed.root;
	next.version = 2;
	t_root_key(7, &k); /* for the first */
	memmove(next.root.key, next.root.key + 1, 6 * sizeof(k.key));
	next.root.key[6] = k.key;
	/* By 2, 3, 4 of both; one of the old and one of the new. */
	t_feed_rotate(&feed, &next, 0x8f);
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	t_eq(answer.state.root_version, 2);
	keep();
	next.version = 3;
	next.root.threshold = 5;
	t_feed_rotate(&feed, &next, 0xf8);
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	t_eq(answer.state.root_version, 3);
	keep();
	/* Who was removed signs no more: version 4 by three and the removed. */
	next.version = 4;
	next.root.threshold = 4;
	t_feed_rotate(&feed, &next, 0x0f);
	outcome_is(see(&feed, &v), TRUST_BAD);
	t_eq(answer.state.root_version, 3);
}

/* The thresholds of both, in all ways that ten keys can sign. */
static void
test_sig_2(void **context)
{
	static struct trust_root next;
	struct t_view v = { 0 };
	struct t_key k;
	uint32_t by;

	(void)context;
	fork = feed;
	next = feed.root;
	next.version = 2;
	memmove(next.root.key, next.root.key + 2, 5 * sizeof(k.key));
	t_root_key(7, &k);
	next.root.key[5] = k.key;
	t_root_key(8, &k);
	next.root.key[6] = k.key;
	for (by = 1; by < 512; by += 6) {
		bool is_good = __builtin_popcount(by & 0x7f) >= 4 &&
		    __builtin_popcount(by & 0x1fc) >= 4;

		feed = fork;
		t_feed_rotate(&feed, &next, by);
		outcome_is(see(&feed, &v),
		    is_good ? TRUST_ACCEPTED : TRUST_BAD);
	}
}

/* T-SIG-2: a version left out; T-SIG-3: one replayed; fewer than known. */
static void
test_sig_3(void **context)
{
	static struct trust_root next;
	struct t_view v = { 0 };
	size_t one, two;

	(void)context;
	one = feed.roots_size;
	next = feed.root;
	next.version = 3;
	fork = feed;
	t_feed_rotate(&fork, &next, 0x4b);
	outcome_is(see(&fork, &v), TRUST_BAD);
	next.version = 2;
	t_feed_rotate(&feed, &next, 0x4b);
	two = feed.roots_size;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	keep();
	/* Version 2 once more. */
	memcpy(feed.roots + two, feed.roots + one, two - one);
	feed.roots_size += two - one;
	outcome_is(see(&feed, &v), TRUST_BAD);
	/* The mirror forgets version 2. */
	feed.roots_size = one;
	outcome_is(see(&feed, &v), TRUST_ROLLBACK);
	feed.roots_size = 0;
	outcome_is(see(&feed, &v), TRUST_BAD);
	/* Another version 2 than the one that is known. */
	next.expires++;
	t_feed_rotate(&fork, &next, 0x4b);
	fork = feed;
	fork.roots_size = one;
	fork.root.version = 1;
	t_feed_rotate(&fork, &next, 0x4b);
	outcome_is(see(&fork, &v), TRUST_BAD);
}

/* Who begins, and is shown a chain of which only the beginning holds, keeps
   that; and begins again with it. */
static void
test_a_chain_that_breaks(void **context)
{
	static struct trust_root next;
	struct t_view v = { 0 };

	(void)context;
	memset(&state, 0, sizeof(state));
	fork = feed;
	next = feed.root;
	next.version = 2;
	t_feed_rotate(&fork, &next, 0x07);
	outcome_is(see(&fork, &v), TRUST_BAD);
	assert_true(answer.is_changed);
	t_eq(answer.state.root_version, 1);
	keep();
	assert_string_equal(state.feed, T_ORIGIN);
	t_eq(state.epoch, 0);
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
}

/* A root that the administrator got later than the first. */
static void
test_later_anchor(void **context)
{
	static struct trust_root next;
	static char later[TRUST_ENTRY_MAX];
	struct t_view v = { 0 };
	struct why why;
	size_t size;

	(void)context;
	memset(&state, 0, sizeof(state));
	next = feed.root;
	next.version = 2;
	t_feed_rotate(&feed, &next, 0x4b);
	assert_true(trust_root_write(&next, text, sizeof(text), &size, &why));
	size = t_feed_sign(text, size, 0x78, 0, later); /* by others */
	memcpy(feed.anchor, later, size);
	feed.anchor_size = size;
	next.version = 3;
	t_feed_rotate(&feed, &next, 0x4b);
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	t_eq(answer.state.root_version, 3);
	/* One that the mirror does not have. */
	next.version = 2;
	next.expires++;
	assert_true(trust_root_write(&next, text, sizeof(text), &size, &why));
	feed.anchor_size = t_feed_sign(text, size, 0x78, 0, feed.anchor);
	outcome_is(see(&feed, &v), TRUST_BAD);
}

/* Another log, because the first won't say that it is replaced: epoch 2. */
static void
test_another_log(void **context)
{
	static struct trust_root next;
	static struct t_feed new;
	struct t_view v = { 0 };
	struct t_key k;

	(void)context;
	t_key("log2", "log2.candor.example/db-main", VKEY_NOTE, &k);
	next = feed.root;
	next.version = 2;
	next.epoch = 2;
	next.policy.log = k.key;
	new = feed;
	new.log = k;
	new.size = 0;
	t_feed_rotate(&new, &next, 0x4b);
	t_feed_release(&new);
	outcome_is(see(&new, &v), TRUST_ACCEPTED);
	t_eq(answer.state.epoch, 2);
	t_eq(answer.state.size, 3);
	t_eq(answer.state.root_version, 2);
	keep();
	t_feed_release(&new);
	outcome_is(see(&new, &v), TRUST_ACCEPTED);
	/* The epoch must be another if the log is, and only then. */
	next.epoch = 1;
	new = feed;
	new.log = k;
	new.size = 0;
	memset(&state, 0, sizeof(state));
	next.policy.log = feed.root.policy.log;
	next.epoch = 2;
	t_feed_rotate(&feed, &next, 0x4b);
	outcome_is(see(&feed, &v), TRUST_BAD);
}

/* The new log's own quorum is not enough: the old one's must have seen it. */
static void
test_another_log_in_secret(void **context)
{
	static struct trust_root next;
	static struct t_feed new;
	struct t_view v = { 0 };
	struct t_key k;
	unsigned i;

	(void)context;
	t_key("log2", "log2.candor.example/db-main", VKEY_NOTE, &k);
	next = feed.root;
	next.version = 2;
	next.epoch = 2;
	next.policy.log = k.key;
	/* Three of seven witnesses of its own. */
	for (i = 0; i < 3; i++) {
		struct t_key w;

		t_key(i == 0     ? "x"
			: i == 1 ? "y"
				 : "z",
		    i == 0       ? "x.example"
			: i == 1 ? "y.example"
				 : "z.example",
		    VKEY_COSIGNATURE, &w);
		next.policy.witness[i] = w.key;
	}
	new = feed;
	new.log = k;
	new.size = 0;
	t_feed_rotate(&new, &next, 0x4b);
	/* The old ones cosigned; but of the new only four did. */
	outcome_is(see(&new, &v), TRUST_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fresh_3, begin),
		cmocka_unit_test_setup(test_fresh_4, begin),
		cmocka_unit_test_setup(test_fresh_6, begin),
		cmocka_unit_test_setup(test_status, begin),
		cmocka_unit_test_setup(test_release_from_the_future, begin),
		cmocka_unit_test_setup(test_roll_1_2, begin),
		cmocka_unit_test_setup(test_roll_4, begin),
		cmocka_unit_test_setup(test_sig_1, begin),
		cmocka_unit_test_setup(test_sig_2, begin),
		cmocka_unit_test_setup(test_sig_3, begin),
		cmocka_unit_test_setup(test_a_chain_that_breaks, begin),
		cmocka_unit_test_setup(test_later_anchor, begin),
		cmocka_unit_test_setup(test_another_log, begin),
		cmocka_unit_test_setup(test_another_log_in_secret, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
