/*
 * client.h - what a client makes of what a mirror gave it: one pure function
 * of bytes, old state and time, steps V1 to V12 of docs/trust.md.
 *
 * Nothing is asked for, nothing is kept, nobody is told.  The caller fetched
 * three things in this order, the same for everybody:
 *
 *   roots    for every version of the root from 1: its signed note and the
 *            tlog-proof of that, each behind four bytes of size (big-endian)
 *   latest   the signed note of the newest release, the tlog-proof of it and
 *            a ladder, likewise; nothing behind them
 *   leaves   only if it was TRUST_BEHIND: the tiles of level 0, from the
 *            first, as many as the checkpoint has, one behind the other
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_CLIENT_H
#define CANDOR_TRUST_CLIENT_H

#include "lib/trust/proof.h"
#include "lib/trust/release.h"
#include "lib/trust/root.h"
#include "lib/trust/state.h"

#define TRUST_LATEST_MAX  65536u            /* bytes */
#define TRUST_ROOTS_MAX   ((size_t)4 << 20) /* bytes */
#define TRUST_ROOTS_COUNT 1024u             /* versions */

struct trust_input {
	struct cur anchor; /* the root note that the administrator trusts */
	struct cur roots, latest, leaves;
	uint64_t now;        /* seconds since 1970 */
	uint64_t build_time; /* of this program: it is not earlier than that */
	uint64_t engine;     /* what this program knows, for engine-min */
};

enum trust_outcome {
	TRUST_BAD,       /* refused; another mirror may do better */
	TRUST_ACCEPTED,  /* a newer release: fetch and install its files */
	TRUST_UNCHANGED, /* the one that is known, perhaps vouched for anew */
	TRUST_BEHIND,    /* give leaves, and ask again with the same time */
	TRUST_ROLLBACK,  /* older than what is known */
	TRUST_EQUIVOCATION, /* the log shows two faces: there is evidence */
	TRUST_EXPIRED,      /* the root: revocations may be missing */
	TRUST_ENGINE        /* the release needs a newer program */
};

/* In capitals, as candor status has it. */
const char *trust_outcome_name(enum trust_outcome outcome);

/* The caller's memory; everything in it is written. */
struct trust_answer {
	enum trust_outcome outcome;
	struct why why; /* of all but ACCEPTED and UNCHANGED */

	/* To keep, whatever the outcome, if it changed: of what is refused
	   still the newer roots. */
	bool is_changed;
	struct trust_state state;

	/* What was verified as far as it went; borrowed from the input. */
	struct trust_root root; /* the newest */
	struct trust_release release;
	struct trust_proof proof;
	struct trust_ladder ladder;
	struct merkle_tree known; /* old state's, as this log has it */

	struct trust_root before; /* work */
};

void trust_client_check(const struct trust_input *in,
    const struct trust_state *old, struct trust_answer *out);

/* The same as far as the roots: is the chain good, and what is the newest? */
bool trust_client_roots(const struct trust_input *in,
    const struct trust_state *old, struct trust_answer *out);

#endif
