/*
 * t_client.h - a client of a feed made in memory, for tests of its decision.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_TRUST_T_CLIENT_H
#define CANDOR_TESTS_TRUST_T_CLIENT_H

#include "tests/t.h"
#include "tests/trust/t_feed.h"

/* The feed; room for another of the same past; the client, and what it
   decided last. */
extern struct t_feed feed, fork;
extern struct trust_answer answer;
extern struct trust_state state;
extern uint64_t now;
extern char latest[TRUST_LATEST_MAX], changed[TRUST_LATEST_MAX];
extern char text[TRUST_ENTRY_MAX];

/* Check these bytes against the state; the state stays as it is. */
enum trust_outcome ask(const struct t_feed *f, const char *bytes, size_t size);

/* The same of a view of a feed. */
enum trust_outcome see(const struct t_feed *f, const struct t_view *v);

/* Keep what came out, as a file would. */
void keep(void);

/* Fail if it is another; and if what was refused changed what is known. */
void outcome_is(enum trust_outcome got, enum trust_outcome want);

/* The fork: the feed with that release, by these signers, as its newest; and
   see it. */
void append_release(uint32_t roots_by, uint32_t releases_by,
    const struct trust_release *r);
enum trust_outcome release_with(uint32_t roots_by, uint32_t releases_by,
    const struct trust_release *r);

/* Set up a client that took the first three releases; the small one is of a
   feed in which no signature is superfluous, and few are needed. */
int begin(void **context);
int begin_small(void **context);

#endif
