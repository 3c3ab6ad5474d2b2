/*
 * t_feed.h - keys and a feed for tests, made in memory.
 *
 * The keys are no secret: a seed is SHA-256("candor test key: " LABEL), as in
 * tests/trust/vectors.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_TRUST_T_FEED_H
#define CANDOR_TESTS_TRUST_T_FEED_H

#include "lib/trust/release.h"
#include "lib/trust/root.h"

#define T_ORIGIN "log.candor.example/db-main"
#define T_TIME   UINT64_C(1735689600) /* the first of January 2025 */

struct t_key {
	struct vkey key;
	uint8_t seed[ED25519_SEED];
};

/* The key of a label, under a name. */
void t_key(const char *label, const char *name, enum vkey_type type,
    struct t_key *out);

/* Add a signature line to a note; its text is the first text bytes. */
void t_sign(struct text_out *note, size_t text, const struct t_key *k);
void t_cosign(struct text_out *note, size_t text, const struct t_key *k,
    uint64_t time);

/*
 * The usual root, version 1: 7 root keys and a threshold of 4, 5 release keys
 * and 3, 7 witnesses and 5, 2 mirror cosigners and 1.
 */
#define T_ROOTS     7u
#define T_RELEASES  5u
#define T_WITNESSES 7u
#define T_MIRRORS   2u
void t_root(struct trust_root *out);

/* The key that stands at that place of it; roots and releases are sorted. */
void t_root_key(unsigned which, struct t_key *out);
void t_release_key(unsigned which, struct t_key *out);
void t_witness_key(unsigned which, struct t_key *out); /* mirrors from 7 */
void t_log_key(struct t_key *out);

/* A release with one file. */
void t_release(uint64_t serial, struct trust_release *out);

#endif
