/*
 * note.h - signed notes, and who signed them.
 *
 * Spec: C2SP signed-note v1.0.0, tlog-cosignature v1.0.1.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_NOTE_H
#define CANDOR_TRUST_NOTE_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/trust/vkey.h"

#include <stdbool.h>
#include <stdint.h>

#define NOTE_MAX       65536u /* bytes of a note */
#define NOTE_LINES_MAX 64u    /* signatures of a note */
#define NOTE_SIGNATURE 3072u  /* bytes one may have */
#define NOTE_COSIGNED  4096u /* bytes of a text that is cosigned: a checkpoint */

/* One, taken apart; everything in it is borrowed from the file. */
struct note {
	struct cur text;       /* what is signed, with its last newline */
	struct cur signatures; /* lines */
};

/* What became of a key's signature of a note. */
struct note_signature {
	bool is_there; /* and it holds */
	uint64_t time; /* of a cosignature: seconds since 1970 */
};

/* Take a file apart; false and why if it is not a well-formed note. */
bool note_read(struct cur file, struct note *out, struct why *why);

/*
 * Check what count keys say of it; out has one for each.  Signatures of others
 * are passed by.  False if any signature of one of the keys does not hold.
 */
bool note_verify(const struct note *n, const struct vkey *key, size_t count,
    struct note_signature *out, struct why *why);

/* Sign a text as k (which signs notes), whose secret half is seed: the
   signature line, with its newline.  False only if libcrypto fails. */
#define NOTE_LINE_MAX (VKEY_NAME_MAX + 128u)
bool note_sign(struct cur text, const struct vkey *k,
    const uint8_t seed[ED25519_SEED], char out[NOTE_LINE_MAX]);

/*
 * Cosign a text at a time (seconds since 1970) as k, whose secret half is
 * seed: the signature line, with its newline.  False if the text is longer
 * than NOTE_COSIGNED.
 */
bool note_cosign(struct cur text, uint64_t time, const struct vkey *k,
    const uint8_t seed[ED25519_SEED], char out[NOTE_LINE_MAX]);

#endif
