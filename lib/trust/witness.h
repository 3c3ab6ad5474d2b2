/*
 * witness.h - what a witness answers: a pure decision.
 *
 * Spec: C2SP tlog-witness v1.0.0, add-checkpoint, with the clarified codes
 * that came after it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_WITNESS_H
#define CANDOR_TRUST_WITNESS_H

#include "lib/trust/checkpoint.h"
#include "lib/trust/note.h"

#include <stdbool.h>
#include <stdint.h>

#define WITNESS_REQUEST_MAX (NOTE_MAX + 8192u) /* bytes */

/* An add-checkpoint request, taken apart. */
struct witness_request {
	uint64_t old_size;
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	size_t proof_count;
	struct note note;
	struct checkpoint checkpoint;
};

/* What is known of a log. */
struct witness_log {
	struct vkey key; /* its name is the log's origin */
	uint64_t size;   /* of the last checkpoint that was cosigned; 0: none */
	struct merkle_hash root;
};

/* As HTTP has them. */
enum witness_answer {
	WITNESS_COSIGN = 200,    /* store size and root, durably; then cosign */
	WITNESS_MALFORMED = 400, /* the request, or old beyond the checkpoint */
	WITNESS_UNSIGNED = 403,  /* not signed by the log's key */
	WITNESS_UNKNOWN = 404,   /* no such log */
	WITNESS_CONFLICT = 409,  /* old is not the size that is stored */
	WITNESS_UNPROVED = 422   /* the log did not just grow */
};

/* Take a request apart. */
bool witness_read(struct cur body, struct witness_request *out,
    struct why *why);

/* Which of the logs it is about; count if none. */
size_t witness_find(const struct witness_request *r,
    const struct witness_log *log, size_t count);

/* Decide; why says why not to cosign. */
enum witness_answer witness_decide(const struct witness_request *r,
    const struct witness_log *log, struct why *why);

#endif
