/*
 * client_test.c - the client's decision: what is accepted, and the attacks of
 * docs/trust.md, each named after its test there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"
#include "lib/trust/evidence.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static struct t_feed feed, fork;
static struct trust_answer answer;
static struct trust_state state;
static struct trust_evidence proved;
static char latest[TRUST_LATEST_MAX], changed[TRUST_LATEST_MAX];
static char roots[262144], held[TRUST_STATE_MAX], text[TRUST_ENTRY_MAX];
static char evidence[TRUST_EVIDENCE_MAX];
static size_t evidence_size;
static uint64_t now;

/* --- asking ------------------------------------------------------------------ */

/* Check these bytes against the state; the state stays as it is. */
static enum trust_outcome
ask(const struct t_feed *f, const char *bytes, size_t size)
{
	struct trust_input in = {
		.now = now, .build_time = T_TIME, .engine = 1
	};

	in.anchor = cur_from(feed.anchor, feed.anchor_size);
	in.roots = cur_from(f->roots, f->roots_size);
	in.latest = cur_from(bytes, size);
	trust_client_check(&in, &state, &answer);
	return answer.outcome;
}

/* The same of a view of a feed. */
static enum trust_outcome
see(const struct t_feed *f, const struct t_view *v)
{
	return ask(f, latest, t_feed_latest(f, v, latest));
}

/* Keep what came out, as a file would. */
static void
keep(void)
{
	struct why why;
	size_t size;

	assert_true(trust_state_write(&answer.state, held, sizeof(held),
	    &size));
	if (!trust_state_read(cur_from(held, size), &state, &why))
		fail_msg("%s", why.text);
}

static void
outcome_is(enum trust_outcome got, enum trust_outcome want)
{
	if (got != want)
		fail_msg("%s, not %s: %s", trust_outcome_name(got),
		    trust_outcome_name(want), answer.why.text);
	/* What is refused changes nothing but the newest root. */
	if (got != TRUST_ACCEPTED && got != TRUST_UNCHANGED) {
		t_eq(answer.state.size, state.size);
		t_eq(answer.state.quorum_time, state.quorum_time);
		assert_memory_equal(&answer.state.root, &state.root,
		    MERKLE_HASH);
	}
}

/* A client that took the first three releases. */
static void
begin_with(void (*make)(struct t_feed *f), uint32_t by)
{
	struct t_view v = { .by = by };

	memset(&state, 0, sizeof(state));
	make(&feed);
	t_feed_release(&feed);
	t_feed_release(&feed);
	now = T_TIME + 86400;
	outcome_is(see(&feed, &v), TRUST_ACCEPTED);
	keep();
}

static int
begin(void **context)
{
	(void)context;
	begin_with(t_feed_begin, 0);
	return 0;
}

/* Of a feed in which no signature is superfluous, and few are needed. */
static int
begin_small(void **context)
{
	(void)context;
	begin_with(t_feed_begin_small, T_SMALL_COSIGNERS);
	return 0;
}

/* --- what is good -------------------------------------------------------------- */

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

/* --- T-UPD ---------------------------------------------------------------------- */

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
	for (at = 0; at < size; at++) {
		memcpy(changed, latest, size);
		changed[at] = (char)(changed[at] ^ (1 << at % 8));
		if (ask(&feed, changed, size) == TRUST_ACCEPTED)
			fail_msg("byte %zu", at);
		outcome_is(answer.outcome, answer.outcome);
		if (answer.outcome == TRUST_EQUIVOCATION)
			fail_msg("byte %zu: %s", at, answer.why.text);
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
	for (at = 0; at < feed.roots_size; at++) {
		f.roots_size = feed.roots_size;
		memcpy(f.roots, feed.roots, feed.roots_size);
		f.roots[at] = (char)(f.roots[at] ^ (1 << at % 8));
		if (ask(&f, latest, size) == TRUST_ACCEPTED)
			fail_msg("byte %zu", at);
		outcome_is(answer.outcome, TRUST_BAD);
	}
	for (at = 0; at < feed.roots_size; at += 5) {
		f.roots_size = at;
		if (ask(&f, latest, size) == TRUST_ACCEPTED)
			fail_msg("%zu bytes", at);
		outcome_is(answer.outcome, TRUST_BAD);
	}
}

/* The fork: the feed with that release, by these signers, as its newest. */
static void
append_release(uint32_t roots_by, uint32_t releases_by,
    const struct trust_release *r)
{
	struct why why;
	size_t size;

	fork = feed;
	if (!trust_release_write(r, text, sizeof(text), &size, &why))
		fail_msg("%s", why.text);
	fork.entry_size =
	    t_feed_sign(text, size, roots_by, releases_by, fork.entry);
	t_feed_append(&fork, fork.entry, fork.entry_size);
}

static enum trust_outcome
release_with(uint32_t roots_by, uint32_t releases_by,
    const struct trust_release *r)
{
	struct t_view v = { 0 };

	append_release(roots_by, releases_by, r);
	return see(&fork, &v);
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

/* --- T-VIEW ----------------------------------------------------------------------- */

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

/* --- T-FRESH ------------------------------------------------------------------------ */

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

/* --- T-ROLL, T-SIG ------------------------------------------------------------------- */

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

/* --- T-VIEW-1 ------------------------------------------------------------------------- */

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

/* --- state ------------------------------------------------------------------------------ */

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
		cmocka_unit_test_setup(test_view_1, begin),
		cmocka_unit_test_setup(test_view_1_whole, begin),
		cmocka_unit_test_setup(test_view_2, begin),
		cmocka_unit_test_setup(test_no_false_accusation, begin),
		cmocka_unit_test_setup(test_view_4, begin),
		cmocka_unit_test_setup(test_view_6, begin),
		cmocka_unit_test_setup(test_evidence_of_which_a_bit_is_changed,
		    begin_small),
		cmocka_unit_test_setup(test_witnesses_that_go_back, begin),
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
		cmocka_unit_test_setup(test_later_anchor, begin),
		cmocka_unit_test_setup(test_another_log, begin),
		cmocka_unit_test_setup(test_another_log_in_secret, begin),
		cmocka_unit_test_setup(test_state, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
