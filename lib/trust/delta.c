/*
 * delta.c - a file told as pieces of an older one.  See delta.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/delta.h"

/* The next piece, wherever its bytes are. */
static bool
read_piece(struct cur *old, struct cur *delta, struct cur *piece)
{
	uint8_t kind = cur_u8(delta);
	uint64_t at = kind == DELTA_OLD ? cur_u64be(delta) : 0;
	uint64_t size = cur_u64be(delta);

	if (!cur_ok(delta) || size == 0)
		return false;
	if (kind == DELTA_OLD)
		return cur_at(old, at, size, piece);
	return kind == DELTA_NEW && cur_take(delta, size, piece);
}

bool
delta_apply(struct cur old, struct cur delta, uint64_t size, delta_fn hear,
    void *ctx, struct why *why)
{
	struct cur piece;

	if (!cur_match(&delta, DELTA_MAGIC, DELTA_MAGIC_SIZE))
		return why_not(why, WHY_BROKEN, "not a delta");
	while (cur_left(&delta) > 0) {
		if (!read_piece(&old, &delta, &piece))
			return why_not(why, WHY_BROKEN,
			    "delta: a piece is malformed, or not in the older "
			    "file");
		if (cur_left(&piece) > size)
			return why_not(why, WHY_BROKEN,
			    "delta: it makes more than it should");
		size -= cur_left(&piece);
		if (!hear(ctx, piece.base + piece.pos, cur_left(&piece), why))
			return false;
	}
	return size == 0 ||
	    why_not(why, WHY_BROKEN, "delta: it makes less than it should");
}
