/*
 * charges.h - one trial for each sentence of charges.c.
 *
 * Each begins with an empty folder and a feed without a release, and says
 * whether the sentence holds; if not, b->why says what happened.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_CHARGES_H
#define CANDOR_CMD_SELFTEST_CHARGES_H

#include "cmd/selftest/bench.h"

typedef bool (*charge_fn)(struct bench *b);

struct charge_row {
	unsigned charge;
	const char *name;
	const char *claim;
	charge_fn run;
};

/* charge_scan.c */
bool charge_cage(struct bench *b);
bool charge_frames(struct bench *b);
bool charge_silence(struct bench *b);

/* charge_update.c: what is refused. */
bool charge_bit(struct bench *b);
bool charge_two_of_five(struct bench *b);
bool charge_unlogged(struct bench *b);
bool charge_poison(struct bench *b);
bool charge_quorum(struct bench *b);
bool charge_two_faces(struct bench *b);
bool charge_rollback(struct bench *b);
bool charge_keys(struct bench *b);

/* charge_view.c: what is asked, kept and told. */
bool charge_data(struct bench *b);
bool charge_held_back(struct bench *b);
bool charge_stick(struct bench *b);
bool charge_request(struct bench *b);
bool charge_same(struct bench *b);
bool charge_2040(struct bench *b);

/* What most begin with: release 2, which finds CHARGE_TEXT, is published and
   installed on the machine. */
#define CHARGE_TEXT  "candor selftest: this text is harmless, one"
#define CHARGE_OTHER "candor selftest: this text is harmless, two"
#define CHARGE_KEYS  0x15u /* three of the release keys */
bool charge_begin(struct bench *b, const char *machine);

#endif
