/*
 * ask.h - ask a cosigner (C2SP tlog-witness v1.0.0, add-checkpoint).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_ASK_H
#define CANDOR_PUBLISH_ASK_H

#include "cmd/feed/tree.h"
#include "lib/trust/note.h"
#include "lib/trust/policy.h"

struct cosigner {
	struct vkey key;
	char url[512];
};

/* What all of them are asked. */
struct question {
	const struct tree *tree; /* at least size leaves */
	uint64_t size;           /* of the checkpoint */
	uint64_t old;            /* what they have probably seen */
	struct cur note;         /* the checkpoint, signed by the log */
	struct cur text;         /* its text */
};

/* Those of a policy's file that have a URL; the rest of it is not looked at.
   More than most are left out. */
bool cosigners_read(const char *path, struct cosigner *out, size_t most,
    size_t *count, struct why *why);

/* What one said: its signature line, which was verified, or why not. */
struct answer {
	bool is_good;
	char line[NOTE_LINE_MAX];
	struct why why;
};

/* Ask all of them at once, and wait for all; out has one for each. */
bool cosigners_ask(const struct cosigner *c, size_t count,
    const struct question *q, struct answer *out, struct why *why);

/* The line among others that is a key's signature of a text, verified. */
bool cosigner_find(const struct vkey *key, struct cur text, struct cur lines,
    char out[NOTE_LINE_MAX]);

#endif
