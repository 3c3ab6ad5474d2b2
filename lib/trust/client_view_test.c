/*
 * client_view_test.c - the client's decision about logs with two faces, and
 * what can be proved then (T-VIEW of docs/trust.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "lib/trust/evidence.h"
#include "tests/trust/t_client.h"

#include <stdio.h>
#include <string.h>

static struct trust_evidence proved;
static char evidence[TRUST_EVIDENCE_MAX], roots[262144];
static size_t evidence_size;

/* What the last outcome proves, to whoever asks. */
static bool
convicts(void)
{
	struct why why;

	if (!trust_evidence_write(&answer, &state, evidence, sizeof(evidence),
		&evidence_size, &proved))
		return false;
	return trust_evidence_read(cur_from(t_fence(evidence, evidence_size),
				       evidence_size),
	    &proved, &why);
}

/* Whatever a bit makes of it: it proves nothing, or of the same two trees,
   and against nobody else. */
static void
test_evidence_of_which_a_bit_is_changed(void **context)
{
	struct t_view v = { .by = T_SMALL_COSIGNERS };
	static struct trust_evidence other;
	struct why why;
	size_t at;

	(void)context;
	fork = feed;
	fork.size = 3;
	t_feed_append(&fork, "other", 5);
	t_feed_release(&fork);
	t_feed_release(&fork);
	outcome_is(see(&fork, &v), TRUST_EQUIVOCATION);
	assert_true(convicts());
	for (at = 0; at < evidence_size; at++) {
		evidence[at] = (char)(evidence[at] ^ (1 << at % 8));
		if (trust_evidence_read(cur_from(evidence, evidence_size),
			&other, &why)) {
			assert_true(other.is_log_guilty);
			t_eq(other.guilty & ~proved.guilty, 0);
			assert_memory_equal(&other.first.root,
			    &proved.first.root, MERKLE_HASH);
			assert_memory_equal(&other.second.root,
			    &proved.second.root, MERKLE_HASH);
		}
		evidence[at] = (char)(evidence[at] ^ (1 << at % 8));
	}
	for (at = 0; at < evidence_size; at += 3)
		assert_false(trust_evidence_read(cur_from(evidence, at), &other,
		    &why));
}

/* T-VIEW-2: the log has another past than the one that is known. */
static void
test_view_2(void **context)
{
	struct t_view v = { 0 };
	unsigned more;

	(void)context;
	for (more = 1; more < 14; more++) {
		unsigned i;

		fork = feed;
		fork.size = 3;
		t_feed_append(&fork, "other", 5);
		for (i = 0; i < more; i++)
			t_feed_release(&fork);
		outcome_is(see(&fork, &v), TRUST_EQUIVOCATION);
		assert_true(convicts());
		assert_true(proved.is_log_guilty);
		t_eq(proved.guilty, T_EVERYONE);
		t_eq(proved.first.size, 4);
		t_eq(proved.second.size, 4 + more);
	}
	/* Whoever has cosigned none is not accused, and the log is even so. */
	v.by = 0x03;
	outcome_is(see(&fork, &v), TRUST_EQUIVOCATION);
	assert_true(convicts());
	t_eq(proved.cosigner_count, 2);
}

/* Of a client that is too far behind for the ladder: with the tiles it
   sees the same, and the evidence is no longer for it. */
static void
test_view_2_by_tiles(void **context)
{
	struct trust_input in = { .build_time = T_TIME, .engine = 1 };
	struct t_view v = { .base = 900 };
	unsigned i;

	(void)context;
	fork = feed;
	fork.size = 3;
	for (i = 0; i < 997; i++)
		t_feed_append(&fork, &i, sizeof(i));
	t_feed_release(&fork);
	outcome_is(see(&fork, &v), TRUST_BEHIND);
	in.anchor = cur_from(feed.anchor, feed.anchor_size);
	in.roots = cur_from(feed.roots, feed.roots_size);
	in.latest = cur_from(latest, t_feed_latest(&fork, &v, latest));
	in.leaves = cur_from(fork.leaf, fork.size * MERKLE_HASH);
	in.now = now;
	trust_client_check(&in, &state, &answer);
	outcome_is(answer.outcome, TRUST_EQUIVOCATION);
	assert_true(convicts());
	assert_true(proved.is_log_guilty);
	assert_true(evidence_size < 8192);
}

/* A mirror can't accuse the log: a ladder to nowhere proves nothing. */
static void
test_no_false_accusation(void **context)
{
	struct t_view v = { .base = 4 };
	size_t size;

	(void)context;
	t_feed_release(&feed);
	size = t_feed_latest(&feed, &v, latest);
	outcome_is(ask(&feed, latest, size), TRUST_ACCEPTED);
	latest[size - 10] = latest[size - 10] == 'A' ? 'B' : 'A';
	outcome_is(ask(&feed, latest, size), TRUST_BAD);
	assert_false(convicts());
	/* Nor by a tree that the log did not sign. */
	fork = feed;
	fork.leaf[0].bytes[0] ^= 1;
	v.base = 0;
	v.is_unsigned = true;
	outcome_is(see(&fork, &v), TRUST_BAD);
	assert_false(convicts());
}

/* T-VIEW-4: two roots of one size. */
static void
test_view_4(void **context)
{
	struct t_view v = { 0 };

	(void)context;
	fork = feed;
	fork.size = 2;
	t_feed_append(&fork, "other", 5);
	t_feed_release(&fork);
	t_eq(fork.size, feed.size);
	outcome_is(see(&fork, &v), TRUST_EQUIVOCATION);
	assert_true(convicts());
	assert_true(proved.is_log_guilty);
	/* Even if no quorum has seen the other. */
	v.by = 1;
	outcome_is(see(&fork, &v), TRUST_EQUIVOCATION);
	assert_true(convicts());
	t_eq(proved.guilty, 1);
	/* But not if the log has not signed it. */
	v.is_unsigned = true;
	outcome_is(see(&fork, &v), TRUST_BAD);
	assert_false(convicts());
}

/* Witnesses that cosign an older tree later than a newer one. */
static void
test_witnesses_that_go_back(void **context)
{
	struct t_view v = { .size = 3 };

	(void)context;
	outcome_is(see(&feed, &v), TRUST_ROLLBACK);
	assert_false(convicts());
	v.late = 100000;
	v.late_by = 0x12;
	outcome_is(see(&feed, &v), TRUST_ROLLBACK);
	assert_true(convicts());
	assert_false(proved.is_log_guilty);
	t_eq(proved.guilty, 0x12);
}

/* T-VIEW-6: a root that was never in the log. */
static void
test_view_6(void **context)
{
	static char proof[16384];
	static struct trust_root next;
	struct t_view v = { 0 };
	struct why why;
	struct cur part[2];
	size_t size;

	(void)context;
	next = feed.root;
	next.version = 2;
	assert_true(trust_root_write(&next, text, sizeof(text), &size, &why));
	fork = feed;
	size = t_feed_sign(text, size, 0x7f, 0, roots);
	part[0] = cur_from(roots, size);
	/* With the proof of another entry. */
	size = t_feed_proof(&feed, &v, 0, proof, sizeof(proof));
	part[1] = cur_from(proof, size);
	fork.roots_size += t_join(part, 2, fork.roots + fork.roots_size, 65536);
	outcome_is(see(&fork, &v), TRUST_BAD);
	/* In a tree of the log's that no quorum has seen. */
	t_feed_append(&fork, roots, cur_left(&part[0]));
	fork.root = next;
	t_feed_release(&fork);
	v.by = 0x0f;
	size = t_feed_proof(&fork, &v, fork.size - 2, proof, sizeof(proof));
	part[1] = cur_from(proof, size);
	fork.roots_size = feed.roots_size;
	fork.roots_size += t_join(part, 2, fork.roots + fork.roots_size, 65536);
	v.by = 0;
	outcome_is(see(&fork, &v), TRUST_BAD);
	/* And in the one that it has. */
	size = t_feed_proof(&fork, &v, fork.size - 2, proof, sizeof(proof));
	part[1] = cur_from(proof, size);
	fork.roots_size = feed.roots_size;
	fork.roots_size += t_join(part, 2, fork.roots + fork.roots_size, 65536);
	outcome_is(see(&fork, &v), TRUST_ACCEPTED);
}

/* Can one log, f of n witnesses and any choice of the honest ones show two
   trees to two clients, each with k cosignatures? */
static bool
can_split(const struct trust_policy *p, unsigned n, uint32_t liars)
{
	uint32_t a;

	/* Each honest witness signs what it sees first: a, or the other. */
	for (a = 0; a < UINT32_C(1) << n; a++) {
		uint32_t all = (UINT32_C(1) << n) - 1;

		if ((a & liars) == 0 && trust_policy_holds(p, a | liars) &&
		    trust_policy_holds(p, (all & ~a) | liars))
			return true;
	}
	return false;
}

/* T-VIEW-1: exactly when 2k - n <= f, for all n to 7; and the linter says
   so. */
static void
test_view_1(void **context)
{
	static struct trust_policy p;
	unsigned n, k, f;

	(void)context;
	for (n = 1; n <= 7; n++)
		for (k = 1; k <= n; k++) {
			memset(&p, 0, sizeof(p));
			p.witness_count = n;
			p.group_count = 1;
			p.group[0].threshold = k;
			p.group[0].members = (UINT64_C(1) << n) - 1;
			p.quorum = TRUST_WITNESSES_MAX;
			for (f = 0; f <= n; f++) {
				bool splits =
				    can_split(&p, n, (UINT32_C(1) << f) - 1);

				t_eq(splits, 2 * k <= n + f);
				t_eq(splits,
				    trust_policy_tolerates(&p) < (int)f);
			}
		}
}

/* The same with the whole client: log and two witnesses lie (f = 2 of 7,
   5 needed), the others sign what they see first; the second finds no
   quorum.  With three liars both are taken. */
static void
test_view_1_whole(void **context)
{
	struct t_view v = { 0 };
	uint32_t first, liars;
	unsigned f;

	(void)context;
	t_feed_release(&feed);
	fork = feed;
	fork.size--;
	t_feed_append(&fork, "for one only", 12);
	t_feed_release(&fork);
	for (f = 0; f <= 3; f++) {
		bool both = false;

		liars = (UINT32_C(1) << f) - 1;
		for (first = 0; first < 128; first++) {
			bool a, b;

			if ((first & liars) != 0 ||
			    __builtin_popcount(first | liars) != 5)
				continue;
			v.by = first | liars | 0x180;
			a = see(&feed, &v) == TRUST_ACCEPTED;
			v.by = (~first & 0x7f) | liars | 0x180;
			b = see(&fork, &v) == TRUST_ACCEPTED;
			assert_true(a);
			both = both || (a && b);
		}
		t_eq(both, f >= 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_view_1, begin),
		cmocka_unit_test_setup(test_view_1_whole, begin),
		cmocka_unit_test_setup(test_view_2, begin),
		cmocka_unit_test_setup(test_view_2_by_tiles, begin),
		cmocka_unit_test_setup(test_no_false_accusation, begin),
		cmocka_unit_test_setup(test_view_4, begin),
		cmocka_unit_test_setup(test_view_6, begin),
		cmocka_unit_test_setup(test_evidence_of_which_a_bit_is_changed,
		    begin_small),
		cmocka_unit_test_setup(test_witnesses_that_go_back, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
