/*
 * witness.c - what a witness answers.  See witness.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/witness.h"

#include "lib/base/base64.h"

#include <string.h>

/* "old N", then hashes of the proof, a line each, then an empty line. */
static bool
read_head(struct cur *body, struct witness_request *out)
{
	struct cur line;
	size_t size;

	if (!cur_until(body, '\n', &line) || !cur_match(&line, "old ", 4) ||
	    !checkpoint_number(line, &out->old_size))
		return false;
	while (cur_until(body, '\n', &line) && cur_left(&line) > 0) {
		if (out->proof_count == MERKLE_PROOF_MAX ||
		    !base64_read(line, out->proof[out->proof_count].bytes,
			MERKLE_HASH, &size) ||
		    size != MERKLE_HASH)
			return false;
		out->proof_count++;
	}
	return cur_ok(body) && cur_left(body) > 0;
}

bool
witness_read(struct cur body, struct witness_request *out, struct why *why)
{
	memset(out, 0, sizeof(*out));
	if (!read_head(&body, out))
		return why_not(why, WHY_BROKEN,
		    "not 'old N', a proof and an empty line");
	return note_read(body, &out->note, why) &&
	    checkpoint_read(out->note.text, &out->checkpoint, why);
}

size_t
witness_find(const struct witness_request *r, const struct witness_log *log,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (cur_is(&r->checkpoint.origin, log[i].key.name))
			break;
	return i;
}

/* Did the log only grow from what is stored? */
static bool
only_grew(const struct witness_request *r, const struct witness_log *log)
{
	struct merkle_growth g = { r->old_size, r->checkpoint.size, log->root,
		r->checkpoint.root };
	struct merkle_hash empty;

	if (r->old_size > 0)
		return merkle_grows(&g, r->proof, r->proof_count);
	merkle_empty(&empty);
	return r->proof_count == 0 &&
	    (r->checkpoint.size > 0 || merkle_is_same(&empty, &g.root));
}

enum witness_answer
witness_decide(const struct witness_request *r, const struct witness_log *log,
    struct why *why)
{
	struct note_signature said;

	if (!note_verify(&r->note, &log->key, 1, &said, why))
		return WITNESS_UNSIGNED;
	if (!said.is_there) {
		(void)why_not(why, WHY_FORGED, "not signed by the log");
		return WITNESS_UNSIGNED;
	}
	if (r->old_size > r->checkpoint.size) {
		(void)why_not(why, WHY_BROKEN,
		    "old is beyond the checkpoint's size");
		return WITNESS_MALFORMED;
	}
	if (r->old_size != log->size) {
		(void)why_not(why, WHY_BROKEN, "old is not what is stored");
		return WITNESS_CONFLICT;
	}
	if (only_grew(r, log))
		return WITNESS_COSIGN;
	(void)why_not(why, WHY_FORGED,
	    "the proof does not show that the log only grew");
	return WITNESS_UNPROVED;
}
