/*
 * vkey.h - whose signature it is: keys of signed notes.
 *
 * Spec: C2SP signed-note v1.0.0, tlog-cosignature v1.0.1:
 *     NAME+HEX(ID)+BASE64(TYPE || PUBLIC KEY)
 *     ID = the first four bytes of SHA-256(NAME || "\n" || TYPE || KEY)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_VKEY_H
#define CANDOR_TRUST_VKEY_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/crypto/ed25519.h"

#include <stdbool.h>
#include <stdint.h>

#define VKEY_NAME_MAX 255u

enum vkey_type {
	VKEY_NOTE = 0x01,       /* Ed25519 over the note's text */
	VKEY_COSIGNATURE = 0x04 /* Ed25519 over time and text */
};

struct vkey {
	char name[VKEY_NAME_MAX + 1];
	uint8_t id[4];
	uint8_t type; /* enum vkey_type */
	uint8_t key[ED25519_KEY];
};

/* May a key be called that?  UTF-8, not empty, no white space and no plus. */
bool vkey_name_is_good(struct cur name);

/* Fill in the ID of a key whose name, type and key are set. */
void vkey_make_id(struct vkey *k);

#define VKEY_TEXT_MAX (VKEY_NAME_MAX + 64u)
void vkey_write(const struct vkey *k, char out[VKEY_TEXT_MAX]);

/*
 * A secret one, as the Go module golang.org/x/mod/sumdb/note writes them:
 *     PRIVATE+KEY+NAME+HEX(ID)+BASE64(TYPE || SEED)
 * out becomes its public half, of that type.
 */
bool vkey_read_secret(struct cur text, struct vkey *out,
    uint8_t seed[ED25519_SEED], struct why *why);

/* Read one, all of text; false and why if it is not one, or of a type that
   is not known here. */
bool vkey_read(struct cur text, struct vkey *out, struct why *why);

#endif
