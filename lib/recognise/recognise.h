/*
 * recognise.h - what a program, an installer or an app says it is: who signed
 * it, who made it, what stands in it.
 *
 * Input:   hostile; read through struct source and struct cur only.
 * Limits:  one file costs at most RECOGNISE_DECODED bytes of decoding,
 *          RECOGNISE_MEMBERS members and RECOGNISE_DEPTH levels of archives.
 *          Every limit that is met is told as RECOGNISE_GAP.
 *
 * It is recognition, not proof: a signature's names are read, and nothing is
 * verified.  Whoever writes a file can make it say what he likes.
 *
 * No I/O, no heap of ours; the openers of lib/formats do what they do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_RECOGNISE_RECOGNISE_H
#define CANDOR_RECOGNISE_RECOGNISE_H

#include "lib/formats/kind.h"
#include "lib/formats/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECOGNISE_TEXT    256u    /* bytes of a text, at most */
#define RECOGNISE_NEEDLES 32u     /* strings looked for at a time */
#define RECOGNISE_MEMBERS 200000u /* of all archives in a file */
#define RECOGNISE_DEPTH   4u
#define RECOGNISE_DECODED ((uint64_t)1 << 30) /* bytes, of a file */

/* Of arena, for any file; less means that less is read. */
#define RECOGNISE_MEMORY ((size_t)192 << 20)

enum recognise_what {
	RECOGNISE_SIGNER,        /* common name, or organisation */
	RECOGNISE_COUNTERSIGNER, /* who says when it was signed */
	RECOGNISE_COMPANY,       /* as the file itself names its maker */
	RECOGNISE_PRODUCT,       /* the same; detail: version */
	RECOGNISE_SETUP,         /* it says it installs something */
	RECOGNISE_STRING,        /* one of those looked for stands in it */
	RECOGNISE_CLASS,         /* that it defines: "com.example.Thing" */
	RECOGNISE_APP,           /* its id: "com.example.app" */
	RECOGNISE_PACKAGE,       /* its name; detail: version */
	RECOGNISE_SUPPLIER,      /* of a package */
	RECOGNISE_MEMBER,        /* name in an archive, as it stands there;
	                            detail: of the archive it is in, or empty */
	RECOGNISE_GAP,           /* what was not read; detail: why */
	RECOGNISE_WHATS
};

/* Told of each; both texts are lent for the call. */
typedef void (*recognise_tell_fn)(void *self, enum recognise_what what,
    struct cur value, struct cur detail);

struct recognise {
	struct source *source;
	struct arena *arena;      /* RECOGNISE_MEMORY; used and given back */
	const struct cur *needle; /* strings to look for in programs; bytes,
	                             also as UTF-16 */
	size_t needle_count;
	recognise_tell_fn tell;
	void *self;
};

/* Is there anything that is read of a file of that kind? */
bool recognise_knows(enum kind kind);

/* What it is. */
enum kind recognise_kind(const struct recognise *r);

/* Look at it, as a file of that kind. */
void recognise_file(const struct recognise *r, enum kind kind);

#endif
