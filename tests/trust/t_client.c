/*
 * t_client.c - a client of a feed made in memory.  See t_client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/trust/t_client.h"

#include <string.h>

struct t_feed feed, fork;
struct trust_answer answer;
struct trust_state state;
uint64_t now;
char latest[TRUST_LATEST_MAX], changed[TRUST_LATEST_MAX];
char text[TRUST_ENTRY_MAX];

static char held[TRUST_STATE_MAX];

enum trust_outcome
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

enum trust_outcome
see(const struct t_feed *f, const struct t_view *v)
{
	return ask(f, latest, t_feed_latest(f, v, latest));
}

void
keep(void)
{
	struct why why;
	size_t size;

	assert_true(trust_state_write(&answer.state, held, sizeof(held),
	    &size));
	if (!trust_state_read(cur_from(held, size), &state, &why))
		fail_msg("%s", why.text);
}

void
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

int
begin(void **context)
{
	(void)context;
	begin_with(t_feed_begin, 0);
	return 0;
}

int
begin_small(void **context)
{
	(void)context;
	begin_with(t_feed_begin_small, T_SMALL_COSIGNERS);
	return 0;
}

void
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

enum trust_outcome
release_with(uint32_t roots_by, uint32_t releases_by,
    const struct trust_release *r)
{
	struct t_view v = { 0 };

	append_release(roots_by, releases_by, r);
	return see(&fork, &v);
}
