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

#include "lib/trust/client.h"

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

/* As few as can be: 2 root keys, both, 1 release key, 1 witness and 1
   mirror cosigner (bits 0 and T_WITNESSES), both. */
void t_root_small(struct trust_root *out);

/* The key that stands at that place of it; roots and releases are sorted. */
void t_root_key(unsigned which, struct t_key *out);
void t_release_key(unsigned which, struct t_key *out);
void t_witness_key(unsigned which, struct t_key *out); /* mirrors from 7 */
void t_log_key(struct t_key *out);

/* A release with one file. */
void t_release(uint64_t serial, struct trust_release *out);

/* A feed, its log and what a mirror serves of it. */
#define T_LEAVES_MAX 2048u
#define T_BOTH       (T_WITNESSES + T_MIRRORS)
#define T_EVERYONE   ((UINT32_C(1) << T_BOTH) - 1)
struct t_feed {
	struct trust_root root; /* the newest */
	struct t_key log;
	uint64_t size; /* of the log */
	struct merkle_hash leaf[T_LEAVES_MAX];
	uint32_t by;          /* who cosigns what roots has; 0: everyone */
	uint32_t releases;    /* who signs releases: bit i, key i */
	uint64_t serial_root; /* entry that the newest root is */
	char anchor[TRUST_ENTRY_MAX], entry[TRUST_ENTRY_MAX], roots[262144];
	size_t anchor_size, entry_size, roots_size; /* entry: the release */
};

/* Who says what of the log; zeros are replaced by what is usual. */
struct t_view {
	uint64_t size; /* of the tree; 0: all */
	uint32_t by;   /* bit i: the witness i; 0: everyone */
	uint64_t time; /* of the first witness; 0: as old as the tree */
	uint64_t late; /* added to those of bits in late_by */
	uint32_t late_by;
	bool is_unsigned; /* by the log */
	uint64_t base;    /* of the ladder */
};

/* Entry 0 is the usual root, entry 1 a release; or of the small one. */
void t_feed_begin(struct t_feed *f);
void t_feed_begin_small(struct t_feed *f);
#define T_SMALL_ROOTS     UINT32_C(3)
#define T_SMALL_COSIGNERS (UINT32_C(1) | UINT32_C(1) << T_WITNESSES)

/* Sign a text by keys of a role: bit i, key i.  The note, in out. */
size_t t_feed_sign(const char *text, size_t size, uint32_t roots,
    uint32_t releases, char *out);

/* Append an entry; append a release that is signed by three. */
void t_feed_append(struct t_feed *f, const void *entry, size_t size);
void t_feed_release(struct t_feed *f);

/* Append that root, which roots of those bits sign, and a release; and
   publish it in roots. */
void t_feed_rotate(struct t_feed *f, const struct trust_root *next,
    uint32_t signers);

/* A checkpoint; a proof of an entry; what a mirror serves as latest. */
size_t t_feed_checkpoint(const struct t_feed *f, const struct t_view *v,
    char *out, size_t room);
size_t t_feed_proof(const struct t_feed *f, const struct t_view *v,
    uint64_t index, char *out, size_t room);
size_t t_feed_latest(const struct t_feed *f, const struct t_view *v,
    char out[TRUST_LATEST_MAX]);

/* Join parts behind their sizes. */
size_t t_join(const struct cur *part, size_t count, char *out, size_t room);

#endif
